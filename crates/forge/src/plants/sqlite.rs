//! A database of messages in SQLite 3.

use super::{Grown, Plant};
use crate::encode::sqlite::{Row, encode};
use crate::{Random, prose};

const SENDERS: &[&str] = &["Anna", "Борис", "陈伟", "Dalia", "إلياس", "Fatou", "Giulia"];

pub(super) struct Sqlite;

impl Plant for Sqlite {
    fn id(&self) -> &'static str {
        "sqlite"
    }

    fn extension(&self) -> &'static str {
        "db"
    }

    fn grow(&self, random: &mut Random, size_bytes: usize) -> Grown {
        let mut rows: Vec<Row> = Vec::new();
        let mut total = 8192;
        let mut sent = 1_750_000_000_u32;
        while total < size_bytes || rows.is_empty() {
            let length = random.between(20, 600) as usize;
            let body = String::from_utf8_lossy(&prose::english(random, length)).into_owned();
            sent += random.between(1, 4000) as u32;
            total += length + 40;
            rows.push((random.pick(SENDERS).copied().unwrap_or_default().to_owned(), body, sent));
        }
        Grown { bytes: encode(&rows), parts: Vec::new(), note: "one table over several pages".to_owned() }
    }
}
