//! Reads with a deadline: a device that does not answer is left alone with its answer.
//!
//! ```text
//! reader ── buffer ──► worker ── read ──► device
//!   ▲                    │
//!   └── buffer, result ──┘        no answer in time: the worker is abandoned, the next read gets a new one
//! ```
//!
//! A read that hangs in the kernel cannot be taken back, only be waited for by somebody else. Buffers are handed over and
//! not copied.

use std::io::{Error, ErrorKind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};
use exhibit_evidence::{Cause, ReadFault, Source};

/// Workers that may be stuck at the same time. With as many, the device is waited for once more, as long as for all of
/// them together, and then given up.
const STUCK_MAX: u32 = 4;
/// How often the wish to stop is looked at while a read does not answer.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// A buffer and how it was filled.
type Filled = (Vec<u8>, Result<(), ReadFault>);

/// A source whose reads end in time.
pub(crate) struct Patient {
    source: Arc<dyn Source>,
    /// `None`: reads take as long as they take.
    limit: Option<Duration>,
    worker: Option<Worker>,
    /// Abandoned workers that did not come back yet.
    stuck: u32,
    /// Each abandoned worker that comes back says so here.
    back: (Sender<()>, Receiver<()>),
}

struct Worker {
    requests: Sender<(u64, Vec<u8>)>,
    answers: Receiver<Filled>,
    abandoned: Arc<AtomicBool>,
}

/// Why there is no answer.
enum Silence {
    Late,
    Stopped,
    Died,
}

impl Patient {
    pub(crate) fn new(source: Arc<dyn Source>, limit: Option<Duration>) -> Self {
        Self { source, limit, worker: None, stuck: 0, back: crossbeam_channel::unbounded() }
    }

    /// Size of the source in bytes, as it was when it was opened.
    pub(crate) fn size(&self) -> u64 {
        self.source.size()
    }

    /// Fills `buffer` from byte `at`. A read that does not end in time is a medium error of kind `TimedOut`; if too many
    /// hang it is an error of the device. The buffer that comes back is as long as the one that was given.
    pub(crate) fn read(&mut self, at: u64, mut buffer: Vec<u8>, stopped: &dyn Fn() -> bool) -> Filled {
        let Some(limit) = self.limit else {
            let result = self.source.read_at(at, &mut buffer);
            return (buffer, result);
        };
        let length = buffer.len();
        if let Err(cause) = self.wait_for_the_stuck(limit, stopped) {
            return (buffer, Err(ReadFault::new(at, cause)));
        }
        let worker = self.worker.take().unwrap_or_else(|| self.start());
        let sent = worker.requests.send((at, buffer)).is_ok();
        let answer = if sent { wait(&worker.answers, limit, stopped) } else { Err(Silence::Died) };
        let silence = match answer {
            Ok(filled) => {
                self.worker = Some(worker);
                return filled;
            }
            Err(silence) => silence,
        };
        let cause = match silence {
            Silence::Died => Cause::Io(Error::other("a thread that reads the source died")),
            Silence::Stopped => Cause::Io(Error::from(ErrorKind::Interrupted)),
            Silence::Late => {
                let text = format!("no answer within {} s", limit.as_secs_f64());
                Cause::Medium(Error::new(ErrorKind::TimedOut, text))
            }
        };
        // Said before the channels close, so that the worker finds it when it comes back.
        worker.abandoned.store(true, Ordering::Release);
        self.stuck = self.stuck.saturating_add(1);
        (vec![0; length], Err(ReadFault::new(at, cause)))
    }

    /// Returns when a further read may be tried.
    fn wait_for_the_stuck(&mut self, limit: Duration, stopped: &dyn Fn() -> bool) -> Result<(), Cause> {
        self.stuck = self.stuck.saturating_sub(u32::try_from(self.back.1.try_iter().count()).unwrap_or(u32::MAX));
        if self.stuck < STUCK_MAX {
            return Ok(());
        }
        match wait(&self.back.1, limit.saturating_mul(STUCK_MAX), stopped) {
            Ok(()) => {
                self.stuck = self.stuck.saturating_sub(1);
                Ok(())
            }
            Err(Silence::Stopped) => Err(Cause::Io(Error::from(ErrorKind::Interrupted))),
            Err(Silence::Late | Silence::Died) => {
                let text = format!("the device does not answer: {STUCK_MAX} reads hang, the last limit was {limit:?}");
                Err(Cause::Io(Error::new(ErrorKind::TimedOut, text)))
            }
        }
    }

    fn start(&self) -> Worker {
        let (requests, to_read) = crossbeam_channel::bounded::<(u64, Vec<u8>)>(1);
        let (filled, answers) = crossbeam_channel::bounded::<Filled>(1);
        let abandoned = Arc::new(AtomicBool::new(false));
        let (source, left, back) = (self.source.clone(), abandoned.clone(), self.back.0.clone());
        std::thread::spawn(move || {
            for (at, mut buffer) in to_read {
                let result = source.read_at(at, &mut buffer);
                if filled.send((buffer, result)).is_err() {
                    break;
                }
            }
            if left.load(Ordering::Acquire) {
                // Nobody listens any more if the acquisition is over: as good.
                let _ = back.send(());
            }
        });
        Worker { requests, answers, abandoned }
    }
}

/// Waits for a value, looking now and then whether the work is to stop.
fn wait<T>(receiver: &Receiver<T>, limit: Duration, stopped: &dyn Fn() -> bool) -> Result<T, Silence> {
    let began = Instant::now();
    loop {
        let left = limit.saturating_sub(began.elapsed());
        match receiver.recv_timeout(left.min(LOOK_EVERY)) {
            Ok(value) => return Ok(value),
            Err(RecvTimeoutError::Disconnected) => return Err(Silence::Died),
            Err(RecvTimeoutError::Timeout) if stopped() => return Err(Silence::Stopped),
            Err(RecvTimeoutError::Timeout) if left <= LOOK_EVERY => return Err(Silence::Late),
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
}
