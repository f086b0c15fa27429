//! Writing what was found: the files, `carved.jsonl`, `carved.dfxml`, and last of all `summary.json`.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender};
use std::sync::{Mutex, PoisonError};

use exhibit_evidence::{ByteRange, Segment, Source, Store};
use exhibit_hash::Md5AndSha256;

use crate::dfxml;
use crate::error::CarveError;
use crate::gallery::{Artist, Drawn, Gallery};
use crate::object::{Object, Record};
use crate::reading;
use crate::run::Sink;
use crate::summary::Summary;
use crate::verdict::Class;

/// Bytes copied at a time.
const COPY_BYTES: u64 = 256 * 1024;
/// Files whose records are put together at a time; bounds what is held of them.
const FILES_AT_ONCE: usize = 256;
/// Files written at the same time. Each waits for the disk to say that it holds it, so more than there are cores.
const WRITERS: usize = 16;
/// Rounds whose finds may wait for being written while the search goes on.
pub(crate) const ROUNDS_WAITING: usize = 2;

/// What several threads copy with.
#[derive(Clone, Copy)]
struct Copier<'a> {
    source: &'a dyn Source,
    store: &'a dyn Store,
    artist: Option<&'a Artist>,
}

/// A sink that writes to a store.
pub(crate) struct Output<'a> {
    source: &'a dyn Source,
    store: &'a dyn Store,
    gallery: Option<(Artist, Gallery)>,
    lines: Box<dyn Segment>,
    xml: Box<dyn Segment>,
}

impl<'a> Output<'a> {
    /// Begins the listings. Nothing else may be in the store under these names.
    pub(crate) fn begin(
        source: &'a dyn Source,
        store: &'a dyn Store,
        tool: &str,
        gallery: bool,
    ) -> Result<Self, CarveError> {
        let lines = store.create("carved.jsonl")?;
        let mut xml = store.create("carved.dfxml")?;
        xml.append(&dfxml::begin(tool, source.size()).map_err(|error| encoding(&error))?)?;
        let gallery = gallery.then(|| Gallery::begin(store, tool)).transpose()?;
        Ok(Self { source, store, gallery: gallery.map(|gallery| (Artist::new(), gallery)), lines, xml })
    }

    /// Seals the listings, then writes the summary: its presence says that the run is complete.
    pub(crate) fn end(mut self, summary: &Summary) -> Result<(), CarveError> {
        self.xml.append(dfxml::END)?;
        self.xml.seal()?;
        self.lines.seal()?;
        if let Some((_, gallery)) = self.gallery {
            gallery.end()?;
        }
        let mut text = serde_json::to_vec_pretty(summary).map_err(|error| encoding(&error))?;
        text.push(b'\n');
        self.store.publish("summary.json", &text)?;
        Ok(())
    }
}

/// A file that was written, and its small copy.
type Copied = Result<(Record, Option<Drawn>), CarveError>;

impl Copier<'_> {
    /// Copies some objects, several at the same time. Threads that wait neither spin nor yield: the search has the cores.
    fn all(&self, objects: &[Object]) -> Vec<Option<Copied>> {
        let next = AtomicUsize::new(0);
        let done: Vec<Mutex<Option<Copied>>> = objects.iter().map(|_| Mutex::new(None)).collect();
        let work = || {
            while let Some((object, place)) = {
                let index = next.fetch_add(1, Ordering::Relaxed);
                objects.get(index).zip(done.get(index))
            } {
                let copied = self.copy_and_draw(object);
                *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(copied);
            }
        };
        std::thread::scope(|scope| {
            for index in 1..WRITERS.min(objects.len()) {
                // A machine that has no more threads to give is served by those that are there.
                let worker = std::thread::Builder::new().name(format!("write-{index}"));
                if worker.spawn_scoped(scope, work).is_err() {
                    break;
                }
            }
            work();
        });
        done.into_iter().map(|place| place.into_inner().unwrap_or_else(PoisonError::into_inner)).collect()
    }

    /// As [`Copier::copy`], and draws it if it is a picture and a contact sheet is wanted.
    fn copy_and_draw(&self, object: &Object) -> Copied {
        let record = self.copy(object)?;
        let drawn = self.artist.and_then(|artist| artist.draw(self.source, &record));
        Ok((record, drawn))
    }

    /// Hashes an object's bytes and writes them if wanted.
    fn copy(&self, object: &Object) -> Result<Record, CarveError> {
        let path = object.written.then(|| object.path());
        let mut segment = path.as_deref().map(|path| self.store.create(path)).transpose()?;
        let mut digests = Md5AndSha256::default();
        let mut extents = Vec::new();
        let mut buffer = Vec::new();
        for extent in &object.extents {
            let mut done = 0_u64;
            while done < extent.length {
                let want = COPY_BYTES.min(extent.length.saturating_sub(done));
                buffer.resize(usize::try_from(want).unwrap_or(0), 0);
                let at = extent.offset.saturating_add(done);
                let good = reading::fill(self.source, at, &mut buffer)?;
                let bytes = buffer.get(..good).unwrap_or_default();
                digests.update(bytes);
                if let Some(segment) = segment.as_mut() {
                    segment.append(bytes)?;
                }
                done = done.saturating_add(good as u64);
                if (good as u64) < want {
                    break;
                }
            }
            extents.push(ByteRange::new(extent.offset, done));
            if done < extent.length {
                // A broken file may end where the medium cannot be read; a whole one was read to its end before.
                if object.class <= Class::Consistent {
                    return Err(CarveError::Changed {
                        offset: object.offset(),
                        at: extent.offset.saturating_add(done),
                    });
                }
                break;
            }
        }
        if let Some(segment) = segment {
            segment.seal()?;
        }
        let [md5, sha256] = digests.hex();
        Ok(Record {
            path,
            file_type: object.file_type.id,
            size: extents.iter().fold(0, |sum, extent| sum.saturating_add(extent.length)),
            sha256,
            md5,
            extents,
            class: object.class,
            reasons: object.reasons.clone(),
            parent: object.parent.clone(),
        })
    }
}

/// What was written.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Written {
    pub(crate) files: u64,
    pub(crate) bytes: u64,
}

/// Hands finds to the thread that writes them, beside the search.
pub(crate) struct Sender(pub(crate) SyncSender<Vec<Object>>);

impl Sink for Sender {
    fn take(&mut self, objects: Vec<Object>) -> Result<(), CarveError> {
        // The writer only goes away after an error, which then is the one to report.
        let gone = |_| CarveError::Internal("the results could not be written".to_owned());
        if objects.is_empty() { Ok(()) } else { self.0.send(objects).map_err(gone) }
    }
}

impl Output<'_> {
    /// Writes all that comes, until nobody sends any more.
    pub(crate) fn write(&mut self, finds: &Receiver<Vec<Object>>) -> Result<Written, CarveError> {
        let mut written = Written::default();
        for objects in finds {
            for some in objects.chunks(FILES_AT_ONCE) {
                self.write_some(some, &mut written)?;
            }
        }
        Ok(written)
    }

    fn write_some(&mut self, some: &[Object], written: &mut Written) -> Result<(), CarveError> {
        let artist = self.gallery.as_ref().map(|(artist, _)| artist);
        let copier = Copier { source: self.source, store: self.store, artist };
        for record in copier.all(some) {
            let gone = || CarveError::Internal("a thread that writes files ended unexpectedly".to_owned());
            let (record, drawn) = record.ok_or_else(gone)??;
            if record.path.is_some() {
                written.files = written.files.saturating_add(1);
                written.bytes = written.bytes.saturating_add(record.size);
            }
            let mut line = serde_json::to_vec(&record).map_err(|error| encoding(&error))?;
            line.push(b'\n');
            self.lines.append(&line)?;
            self.xml.append(&dfxml::object(&record).map_err(|error| encoding(&error))?)?;
            if let (Some(drawn), Some((_, gallery))) = (drawn, self.gallery.as_mut()) {
                gallery.add(&record, drawn)?;
            }
        }
        Ok(())
    }
}

fn encoding(error: &dyn std::fmt::Display) -> CarveError {
    CarveError::Internal(format!("a record could not be encoded: {error}"))
}
