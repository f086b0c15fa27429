//! A member and an archive beyond 4 GiB, where every size and offset needs its 64-bit form.
//!
//! Hashing 4 GiB twice takes seconds, so this runs only with `EXHIBIT_LARGE_TESTS=1`; without it a line says so.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests may fail like tests")]

mod support;

use std::collections::BTreeMap;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::{Arc, Mutex};

use exhibit_evidence::{Cancel, ReadFault, Segment, Silent, Source, Store, StoreError};
use exhibit_package::manifest::Role;
use exhibit_package::write::seal;
use support::{BAG, from_source, plan, signer};

/// Zeros without end, except for the last byte.
struct Zeros(u64);

impl Source for Zeros {
    fn size(&self) -> u64 {
        self.0
    }

    fn read_at(&self, at: u64, buf: &mut [u8]) -> Result<(), ReadFault> {
        ReadFault::check_bounds(at, buf.len(), self.0)?;
        buf.fill(0);
        if at + buf.len() as u64 == self.0 {
            *buf.last_mut().unwrap() = 1;
        }
        Ok(())
    }
}

const PAGE: u64 = 1 << 20;

/// A file that keeps only the pages that are not all zero.
#[derive(Clone, Default)]
struct Sparse(Arc<Mutex<File>>);

/// Its length in bytes, and its pages by number.
type File = (u64, BTreeMap<u64, Vec<u8>>);

impl Sparse {
    fn write(&self, mut at: u64, mut bytes: &[u8]) {
        let mut inner = self.0.lock().unwrap();
        inner.0 = inner.0.max(at + bytes.len() as u64);
        while !bytes.is_empty() {
            let (page, within) = (at / PAGE, usize::try_from(at % PAGE).unwrap());
            let length = bytes.len().min(usize::try_from(PAGE).unwrap() - within);
            let (now, later) = bytes.split_at(length);
            if now.iter().any(|&byte| byte != 0) || inner.1.contains_key(&page) {
                let kept = inner.1.entry(page).or_insert_with(|| vec![0; usize::try_from(PAGE).unwrap()]);
                kept[within..within + length].copy_from_slice(now);
            }
            (at, bytes) = (at + length as u64, later);
        }
    }
}

impl Store for Sparse {
    fn create(&self, _name: &str) -> Result<Box<dyn Segment>, StoreError> {
        Ok(Box::new(self.clone()))
    }

    fn exists(&self, _name: &str) -> bool {
        false
    }
}

impl Segment for Sparse {
    fn append(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.write(self.len(), bytes);
        Ok(())
    }

    fn patch(&mut self, at: u64, bytes: &[u8]) -> Result<(), StoreError> {
        self.write(at, bytes);
        Ok(())
    }

    fn len(&self) -> u64 {
        self.0.lock().unwrap().0
    }

    fn seal(self: Box<Self>) -> Result<(), StoreError> {
        Ok(())
    }
}

/// The file, read from its start.
struct Reader(Sparse, u64);

impl Read for Reader {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let inner = self.0.0.lock().unwrap();
        let within = usize::try_from(self.1 % PAGE).unwrap();
        let left = usize::try_from((inner.0 - self.1).min(PAGE)).unwrap().min(usize::try_from(PAGE).unwrap() - within);
        let length = buf.len().min(left);
        match inner.1.get(&(self.1 / PAGE)) {
            Some(page) => buf[..length].copy_from_slice(&page[within..within + length]),
            None => buf[..length].fill(0),
        }
        self.1 += length as u64;
        Ok(length)
    }
}

impl Seek for Reader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.1.checked_add_signed(by),
            SeekFrom::End(by) => self.0.len().checked_add_signed(by),
        };
        self.1 = target.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.1)
    }
}

#[expect(clippy::disallowed_macros, reason = "a test that was skipped must be seen")]
fn announce(line: &str) {
    eprintln!("{line}");
}

fn is_wanted() -> bool {
    let wanted = std::env::var_os("EXHIBIT_LARGE_TESTS").is_some();
    if !wanted {
        announce("skipped: members beyond 4 GiB; set EXHIBIT_LARGE_TESTS=1");
    }
    wanted
}

/// Other people's programs read the same archive, from a file with holes.
#[expect(clippy::disallowed_methods, reason = "the oracles are other programs, and need a real file")]
fn read_by_others(store: &Sparse) {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("large.zip");
    let mut file = std::fs::File::create(&path).unwrap();
    let size = Segment::len(store);
    file.set_len(size).unwrap();
    for (page, bytes) in &store.0.lock().unwrap().1 {
        let left = usize::try_from((size - page * PAGE).min(PAGE)).unwrap();
        file.seek(SeekFrom::Start(page * PAGE)).unwrap();
        file.write_all(&bytes[..left]).unwrap();
    }
    let program = "import sys, zipfile; sys.exit(zipfile.ZipFile(sys.argv[1]).testzip() is not None)";
    for (name, arguments) in [("python3", ["-c", program].as_slice()), ("unzip", &["-tqq"])] {
        match std::process::Command::new(name).args(arguments).arg(&path).output() {
            Ok(output) => assert!(output.status.success(), "{name}: {output:?}"),
            Err(error) => announce(&format!("skipped: {name}: {error}")),
        }
    }
}

#[test]
fn a_member_beyond_four_gibibytes_and_everything_behind_it_are_found_again() {
    if !is_wanted() {
        return;
    }
    let size = (1_u64 << 32) + 12_345;
    let mut plan = plan();
    plan.items[0].files.push(from_source(Role::ImageSegment, "big.raw", Arc::new(Zeros(size))));
    let store = Sparse::default();
    let sealed = seal(&plan, &signer(), &store, &Silent, &Cancel::new()).unwrap();
    assert!(sealed.size_bytes > size && sealed.size_bytes == Segment::len(&store));
    read_by_others(&store);
    let mut zip = zip::ZipArchive::new(Reader(store, 0)).unwrap();
    let name = |path: &str| format!("{BAG}/{path}");
    let big = zip.by_name(&name("data/items/HDD-1/big.raw")).unwrap();
    assert_eq!((big.size(), big.compressed_size()), (size, size));
    drop(big);
    let mut text = String::new();
    zip.by_name(&name("signatures/signer.pub")).unwrap().read_to_string(&mut text).unwrap();
    assert_eq!(text, signer().public_key);
    // Read to its end, so that the reader compares the checksum.
    io::copy(&mut zip.by_name(&name("data/items/HDD-1/big.raw")).unwrap(), &mut io::sink()).unwrap();
}
