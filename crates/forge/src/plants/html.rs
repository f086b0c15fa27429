//! A web page: paragraphs, links, a table and a script.

use super::{Grown, Plant};
use crate::{Random, prose};

pub(super) struct Html;

impl Plant for Html {
    fn id(&self) -> &'static str {
        "html"
    }

    fn extension(&self) -> &'static str {
        "html"
    }

    fn grow(&self, random: &mut Random, size_bytes: usize) -> Grown {
        let mut out = String::from(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>Planted</title>\n<script>\n\
             document.write(\"<p>\" + 1 + \"</p>\"); if (1 < 2) { document.title = '</html'; }\n</script>\n</head>\n<body>\n",
        );
        while out.len() < size_bytes {
            let length = random.between(60, 360) as usize;
            let text = String::from_utf8_lossy(&prose::english(random, length)).trim().to_owned();
            let number = random.below(10_000);
            out.push_str(&match random.below(4) {
                0 => format!("<h2 id=\"n{number}\">№ {number}</h2>\n"),
                1 => format!("<table>\n<tr><td>{number}</td><td>{text}</td></tr>\n</table>\n"),
                _ => format!("<p>{text} <a href=\"page-{number}.html\">more</a><br>\n</p>\n"),
            });
        }
        out.push_str("</body>\n</html>\n");
        Grown::plain(out.into_bytes())
    }
}
