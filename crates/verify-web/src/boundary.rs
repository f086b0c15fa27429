//! The border between the page and this module: one buffer for questions and answers, and two functions of the page.
//!
//! JavaScript writes a question into the buffer, calls [`exhibit_answer`], and finds the answer in the buffer. While the
//! module works it calls back: for bytes of a file, and to tell how far it is.
#![allow(unsafe_code)]
#![expect(unreachable_pub, reason = "called by the page")]

use std::cell::RefCell;
use std::io;
use std::sync::Arc;

use exhibit_evidence::{Cause, Event, Observer, ReadFault, Source};
use serde::Deserialize;

use crate::files::{Files, Named};

#[link(wasm_import_module = "page")]
unsafe extern "C" {
    /// Copies `length` bytes at `at` of the file of that number to `to`; returns how many came. A file of a reader is
    /// smaller than 2^53 bytes, which a double holds exactly.
    fn read(file: u32, at: f64, to: *mut u8, length: u32) -> u32;
    /// So many bytes were read since the last call, and so many faults met so far.
    fn progress(bytes: f64, faults: f64);
}

thread_local! {
    static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    static FILES: RefCell<Files> = RefCell::new(Files::default());
}

/// Makes room for so many bytes in the buffer and says where it is.
#[unsafe(no_mangle)]
pub extern "C" fn exhibit_buffer(length: usize) -> *mut u8 {
    BUFFER.with_borrow_mut(|buffer| {
        buffer.clear();
        buffer.resize(length, 0);
        buffer.as_mut_ptr()
    })
}

/// Where the buffer is now.
#[unsafe(no_mangle)]
pub extern "C" fn exhibit_at() -> *const u8 {
    BUFFER.with_borrow(|buffer| buffer.as_ptr())
}

/// A file as the page lists it.
#[derive(Deserialize)]
struct Listed {
    name: String,
    size: u64,
}

/// The buffer holds the list of files, in the order of their numbers. Returns how many there are.
#[unsafe(no_mangle)]
pub extern "C" fn exhibit_files() -> usize {
    let listed: Vec<Listed> = BUFFER.with_borrow(|buffer| serde_json::from_slice(buffer)).unwrap_or_default();
    let named = listed
        .into_iter()
        .zip(0_u32..)
        .map(|(Listed { name, size }, number)| Named { name, source: Arc::new(Dropped { number, size }) });
    let named: Vec<Named> = named.collect();
    let count = named.len();
    FILES.set(Files::new(named));
    count
}

/// The buffer holds a question; afterwards it holds the answer, whose length is returned.
#[unsafe(no_mangle)]
pub extern "C" fn exhibit_answer() -> usize {
    let question = BUFFER.take();
    let answer = FILES.with_borrow(|files| crate::answer(&question, files, &Ticks::default()));
    let length = answer.len();
    BUFFER.set(answer);
    length
}

/// A file that was dropped on the page.
struct Dropped {
    number: u32,
    size: u64,
}

impl Source for Dropped {
    fn size(&self) -> u64 {
        self.size
    }

    #[expect(clippy::cast_precision_loss, reason = "no file of a browser is larger than 2^53 bytes")]
    fn read_at(&self, at: u64, buf: &mut [u8]) -> Result<(), ReadFault> {
        let length = u32::try_from(buf.len()).unwrap_or(u32::MAX);
        if at.checked_add(buf.len() as u64).is_none_or(|end| end > self.size) {
            return Err(ReadFault::new(at, Cause::PastEnd));
        }
        // SAFETY: the page writes at most `length` bytes, all of which lie in `buf`.
        let came = unsafe { read(self.number, at as f64, buf.as_mut_ptr(), length) };
        if came as usize == buf.len() {
            return Ok(());
        }
        Err(ReadFault::new(at, Cause::Io(io::Error::other("the browser could not read the file"))))
    }
}

/// Hands progress on to the page.
#[derive(Default)]
struct Ticks {
    last: std::sync::atomic::AtomicU64,
}

impl Observer for Ticks {
    #[expect(clippy::cast_precision_loss, reason = "shown to a person")]
    fn on(&self, event: &Event) {
        use std::sync::atomic::Ordering::Relaxed;
        match event {
            Event::Started { .. } => self.last.store(0, Relaxed),
            Event::Progress { done_bytes, faults, .. } => {
                let before = self.last.swap(*done_bytes, Relaxed);
                // SAFETY: takes numbers only.
                unsafe { progress(done_bytes.saturating_sub(before) as f64, *faults as f64) };
            }
            _ => {}
        }
    }
}
