//! Trees as EnCase 5 to 7 write them, and broken ones.

use super::*;

/// UTF-16, little-endian.
fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// A tree in the manner of EnCase 7 with a folder, a file in it, and a file beside it.
const SAMPLE: &str = "5\nrec\ntb\tcl\n30\t\n\n\
    perm\n0\t1\np\tn\n0\t0\n1\t\n\n\
    srce\n1\t1\np\tn\tid\tev\tmo\n0\t1\n1\t\t\t\t\n0\t0\n\tF\t1\tE-7\tFlash Disk\n\n\
    sub\n0\t1\np\tn\n0\t0\n\t\n\n\
    entry\n3\t1\nls\tbe\twr\tha\tsnh\tp\tn\tdu\topr\tmid\n\
    26\t2\n\t0\t\t\t1 \t1\tLogicalEntries\t\t\t\n\
    26\t1\n\t\t1577689823\t\t1 \t1\tdocs\t\t33554432\tAD1C41BB3F1B748C90E484D2F17C139D\n\
    26\t0\n20\t1 1 14\t1577689816\t5DD39CAB1C53C2C77CD352983F9641E1\t13 TESTFILE.TXT\t\ttestfile.txt\t\t132\t00\n\
    26\t0\n4096\t1 15 1\t\t00000000000000000000000000000000\t1 \t\tholes\t\t67108864\t\n\n";

#[test]
fn folders_files_paths_digests_times_and_flags_are_read() {
    let tree = Tree::parse(&utf16(SAMPLE));
    assert!(tree.trouble.is_none(), "{:?}", tree.trouble);
    assert_eq!(
        (tree.total_bytes, tree.sources.as_slice()),
        (Some(30), &["name F, model Flash Disk, evidence E-7".to_owned()][..])
    );
    let paths: Vec<String> = tree.entries.iter().map(|entry| entry.path.to_string()).collect();
    assert_eq!(paths, ["docs", "docs/testfile.txt", "holes"]);
    let file = &tree.entries[1];
    assert_eq!((file.folder, file.size_bytes), (false, 20));
    assert_eq!(file.stored.get("md5"), Some("5dd39cab1c53c2c77cd352983f9641e1"));
    let get = |key: &str| file.attributes.iter().find(|(k, _)| *k == key).map(|(_, value)| value.as_str());
    assert_eq!(
        ["written_date", "short_name", "flags", "flag_names", "guid"].map(get),
        [Some("1577689816"), Some("TESTFILE.TXT"), Some("132"), Some("system,deleted"), None]
    );
    assert!(tree.entries[0].folder && tree.entries[2].stored.is_empty());
}

#[test]
fn every_truncation_says_that_something_is_missing() {
    let whole = utf16(SAMPLE);
    for length in 0..whole.len() - 3 {
        let tree = Tree::parse(&whole[..length]);
        assert!(tree.trouble.is_some(), "cut to {length} of {}", whole.len());
    }
}

#[test]
fn every_flipped_byte_is_survived() {
    let whole = utf16(SAMPLE);
    for place in 0..whole.len() {
        for flip in [1, 0x80, 0xff] {
            let mut bytes = whole.clone();
            bytes[place] ^= flip;
            let tree = Tree::parse(&bytes);
            assert_eq!(tree.entries.len(), tree.contents.len());
        }
    }
}

#[test]
fn children_that_are_announced_or_not_and_do_not_add_up_are_told() {
    let more = SAMPLE.replace("26\t1\n\t\t1577689823", "26\t7\n\t\t1577689823");
    let tree = Tree::parse(&utf16(&more));
    assert_eq!(tree.entries.len(), 3);
    assert!(tree.trouble.unwrap().text.contains("announce"), "6 children too many");
    let fewer = SAMPLE.replace("26\t2\n\t0", "26\t1\n\t0");
    let tree = Tree::parse(&utf16(&fewer));
    assert_eq!(tree.entries[2].path.to_string(), "holes");
    assert!(tree.trouble.unwrap().text.contains("1 entries more"));
    let astronomical = SAMPLE.replace("26\t2\n\t0", "26\t18446744073709551615\n\t0");
    assert!(Tree::parse(&utf16(&astronomical)).trouble.is_some());
}

/// Depth costs no stack and no more memory than is allowed.
#[test]
fn a_tree_of_any_depth_ends_at_the_limit_of_its_paths() {
    let row = "0\t1\nlong name of a folder that is in another\n";
    let text = format!("1\nentry\n1\t1\nn\n0\t1\n\n{}\n", row.repeat(2000));
    let tree = Tree::parse(&utf16(&text));
    let trouble = tree.trouble.unwrap();
    assert!(trouble.text.contains("bytes") && trouble.severity == Severity::Incomplete, "{trouble:?}");
    assert!(tree.entries.len() < 1000);
}
