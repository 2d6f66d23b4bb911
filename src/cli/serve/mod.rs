//! `leakstop serve`: answers programs that keep it running.
//!
//! In: messages on standard input. Out: messages on standard output, with every secret redacted.

mod lsp;
mod mcp;
mod rpc;
mod tools;

use anyhow::Result;

use super::args::ServeArgs;
use super::settings::Place;
use crate::report::ExitStatus;

/// Runs until the other side has no more to say.
pub(super) fn run(args: &ServeArgs) -> Result<ExitStatus> {
    let place = Place::here()?;
    let wishes = args.sought.wishes();
    // Wrong settings are told at once.
    crate::engine::Scanner::at(&place, &wishes)?;
    if args.lsp { lsp::run(place, &wishes) } else { mcp::run(&place, &args.sought) }
}
