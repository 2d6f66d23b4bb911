//! The Model Context Protocol on standard input and output: a message a line.
//!
//! In: requests of revision 2026-07-28, each by itself, or of the revisions before it that begin with a handshake. Out:
//! an answer for each that is not cancelled. Tools run one after the other beside the reading, so that a cancellation
//! is heard while one works.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, SyncSender, TrySendError};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use serde_json::{Value, json};

use super::rpc::{self, Call, Fault, INTERNAL, INVALID, PARAMS, UNKNOWN};
use super::tools::{Desk, TOOLS, Tool};
use crate::cli::args::Sought;
use crate::cli::settings::Place;
use crate::report::ExitStatus;

/// The revision in which every request stands by itself.
const MODERN: &str = "2026-07-28";
/// Those that begin with a handshake, the newest first.
const LEGACY: &[&str] = &["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"];
/// The revision is not spoken here.
const UNSUPPORTED: i64 = -32022;
/// More calls wait for none.
const WAITING: usize = 64;
const META: &str = "io.modelcontextprotocol/";

const HELP: &str = "Finds secrets (keys, tokens, passwords) in text, in files and in what the next git commit adds. \
                    It changes and sends nothing, and every answer has secrets redacted. Use scan_text before you \
                    write, send or run something that may hold a secret, and scan_staged before a commit.";

/// A tool call that waits for its turn.
struct Job {
    id: Value,
    modern: bool,
    name: String,
    arguments: Value,
    stop: Arc<AtomicBool>,
}

/// The calls that are not answered, by their id.
type Open = Mutex<BTreeMap<String, Arc<AtomicBool>>>;

struct Server {
    open: Open,
    out: Mutex<io::Stdout>,
}

/// Serves until standard input ends; what was asked until then is answered.
pub(super) fn run(place: &Place, sought: &Sought) -> Result<ExitStatus> {
    let server = Server { open: Mutex::default(), out: Mutex::new(io::stdout()) };
    let desk = Desk::new(place, sought)?;
    let (queue, jobs) = mpsc::sync_channel(WAITING);
    std::thread::scope(|scope| {
        scope.spawn(|| server.work(&desk, jobs));
        server.listen(queue)
    })?;
    Ok(ExitStatus::Clean)
}

fn info() -> Value {
    json!({ "name": "leakstop", "title": "leakstop", "version": env!("CARGO_PKG_VERSION") })
}

/// A result, with what the modern revision adds to each.
fn shaped(mut result: Value, modern: bool) -> Value {
    if modern {
        result["resultType"] = "complete".into();
        result["_meta"] = json!({ format!("{META}serverInfo"): info() });
    }
    result
}

impl Server {
    fn send(&self, message: &Value) -> io::Result<()> {
        let mut line = serde_json::to_vec(message)?;
        line.push(b'\n');
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        out.write_all(&line)?;
        out.flush()
    }

    /// Answers what can be answered at once, and queues the rest.
    fn listen(&self, queue: SyncSender<Job>) -> io::Result<()> {
        let mut input = io::stdin().lock();
        let mut greeted = false;
        while let Some(line) = rpc::line(&mut input)? {
            let line = line.map_err(|fault| Box::new((Value::Null, fault)));
            let message = line.and_then(|line| {
                let blank = line.iter().all(u8::is_ascii_whitespace);
                if blank { Ok(None) } else { rpc::call(&line) }
            });
            let call = match message {
                Ok(Some(call)) => call,
                Ok(None) => continue,
                Err(refused) => {
                    let (id, fault) = *refused;
                    self.send(&rpc::answer(&id, Err(fault)))?;
                    continue;
                }
            };
            let Some(id) = call.id.clone() else {
                self.note(&call);
                continue;
            };
            match self.request(call, &mut greeted, &queue) {
                Ok(None) => {}
                Ok(Some(result)) => self.send(&rpc::answer(&id, Ok(result)))?,
                Err(fault) => self.send(&rpc::answer(&id, Err(fault)))?,
            }
        }
        // No more calls come.
        drop(queue);
        Ok(())
    }

    /// A notification. What is not known is not meant for us.
    fn note(&self, call: &Call) {
        if call.method == "notifications/cancelled" {
            let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(stop) = open.get(&call.params["requestId"].to_string()) {
                stop.store(true, Ordering::Relaxed);
            }
        }
    }

    /// The result of a request; `None` where it comes later.
    fn request(
        &self,
        call: Call,
        greeted: &mut bool,
        queue: &SyncSender<Job>,
    ) -> std::result::Result<Option<Value>, Fault> {
        let Call { id, method, params } = call;
        let spoken = &params["_meta"][format!("{META}protocolVersion")];
        let modern = spoken == MODERN;
        if !modern && !spoken.is_null() && !LEGACY.iter().any(|version| spoken == version) {
            let mut fault = Fault::new(UNSUPPORTED, "Unsupported protocol version");
            fault.data = Some(json!({ "supported": versions(), "requested": spoken }));
            return Err(fault);
        }
        match &*method {
            "initialize" => {
                *greeted = true;
                return Ok(Some(hello(&params)));
            }
            "ping" => return Ok(Some(shaped(json!({}), modern))),
            "server/discover" | "tools/list" | "tools/call" if modern || *greeted => {}
            "server/discover" | "tools/list" | "tools/call" => {
                return Err(Fault::new(
                    INVALID,
                    "send initialize first, or name the protocol version in _meta",
                ));
            }
            _ => return Err(Fault::new(UNKNOWN, "there is no such method here")),
        }
        match &*method {
            "server/discover" => Ok(Some(shaped(discovered(), true))),
            "tools/list" => {
                let mut list = json!({ "tools": TOOLS.iter().map(Tool::told).collect::<Vec<_>>() });
                if modern {
                    (list["ttlMs"], list["cacheScope"]) = (3_600_000.into(), "public".into());
                }
                Ok(Some(shaped(list, modern)))
            }
            _ => {
                let id = id.unwrap_or_default();
                self.enqueue(&id, modern, params, queue).map(|()| None)
            }
        }
    }

    fn enqueue(
        &self,
        id: &Value,
        modern: bool,
        mut params: Value,
        queue: &SyncSender<Job>,
    ) -> std::result::Result<(), Fault> {
        let name = params["name"].as_str().unwrap_or_default().to_owned();
        if !TOOLS.iter().any(|tool| tool.name == name) {
            return Err(Fault::new(PARAMS, "there is no such tool here; tools/list names them"));
        }
        let stop = Arc::new(AtomicBool::new(false));
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.contains_key(&id.to_string()) {
            return Err(Fault::new(INVALID, "a request with this id is not answered yet"));
        }
        let arguments = params["arguments"].take();
        let job = Job { id: id.clone(), modern, name, arguments, stop: Arc::clone(&stop) };
        match queue.try_send(job) {
            Ok(()) => {
                open.insert(id.to_string(), stop);
                Ok(())
            }
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {
                Err(Fault::new(INTERNAL, "too many calls wait; try again later"))
            }
        }
    }

    /// Runs the tools, one call after the other.
    fn work(&self, desk: &Desk<'_>, jobs: Receiver<Job>) {
        for job in jobs {
            let Job { id, modern, name, arguments, stop } = job;
            let run = || desk.call(&name, &arguments, &stop);
            let cancelled = || stop.load(Ordering::Relaxed);
            // What a panic says may quote what was scanned.
            let result = if cancelled() { None } else { catch_unwind(AssertUnwindSafe(run)).ok() };
            self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(&id.to_string());
            if cancelled() {
                continue;
            }
            let result = result
                .map(|result| shaped(result, modern))
                .ok_or_else(|| Fault::new(INTERNAL, "leakstop failed on it; please report that"));
            if self.send(&rpc::answer(&id, result)).is_err() {
                // Nobody listens any more.
                return;
            }
        }
    }
}

fn versions() -> Vec<&'static str> {
    std::iter::once(MODERN).chain(LEGACY.iter().copied()).collect()
}

fn discovered() -> Value {
    json!({
        "supportedVersions": versions(),
        "capabilities": { "tools": {} },
        "instructions": HELP,
        "ttlMs": 3_600_000,
        "cacheScope": "public",
    })
}

/// The answer to a handshake: the revision that was asked for, or the newest that has one.
fn hello(params: &Value) -> Value {
    let asked = LEGACY.iter().find(|version| params["protocolVersion"] == **version);
    json!({
        "protocolVersion": asked.unwrap_or(&LEGACY[0]),
        "capabilities": { "tools": {} },
        "serverInfo": info(),
        "instructions": HELP,
    })
}
