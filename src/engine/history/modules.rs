//! The history of submodules.
//!
//! In: the repository around them. Out: their findings beside its own, with paths that begin with the submodule's.

use bstr::ByteSlice as _;

use super::Effort;
use super::names::Places;
use super::{Error, Outcome, Session, Settings};
use crate::source::git;
use crate::source::modules::{self, Module};
use crate::source::objects::Store;
use crate::source::{SkipReason, Skipped};
use crate::verdict::finding::Finding;

/// Adds what the submodules of the session's repository hold.
pub(crate) fn add(
    session: &Session<'_>,
    effort: Effort<'_>,
    outcome: &mut Outcome,
    findings: &mut Vec<Finding>,
) -> Result<(), Error> {
    let Some(root) = &session.place.root else { return Ok(()) };
    let (modules, skipped) = modules::list(root);
    outcome.found.skipped.extend(skipped);
    for module in modules {
        if session.stopped() {
            return Ok(());
        }
        let opened = git::open_folder(&module.folder);
        let opened = opened.and_then(|repo| Ok((Store::open(&repo, &[])?, repo)));
        match opened {
            Ok((store, repository)) => {
                let places = Places { session, repository: &repository, store: &store };
                findings.extend(read(&places, &module, effort, outcome)?);
            }
            Err(cause) => outcome.found.skipped.push(Skipped {
                what: module.path.clone(),
                reason: SkipReason::Unreadable,
                detail: cause.to_string(),
            }),
        }
    }
    Ok(())
}

fn read(
    places: &Places<'_>,
    module: &Module,
    effort: Effort<'_>,
    outcome: &mut Outcome,
) -> Result<Vec<Finding>, Error> {
    let Places { session, repository, .. } = *places;
    let Effort { reading, lfs, .. } = effort;
    let mut own = super::all(places, Effort { reading, lfs, ..Effort::default() })?;
    let Settings { policy, detector, .. } = &*session.settings;
    own.found.sightings.retain_mut(|sighting| {
        let path = sighting.place.path.take();
        sighting.place.path = path.map(|path| module.inside(&path));
        policy.settle(sighting, detector.rules())
    });
    // Of what lies elsewhere nothing is known here.
    let gone = |path: &[u8]| {
        let inner = path.strip_prefix(module.path.as_bytes());
        let inner = inner.and_then(|inner| inner.strip_prefix(b"/"));
        inner.is_some_and(|inner| git::is_gone(repository, inner))
    };
    let findings = session.judge(&mut own, &gone);
    outcome.join(own);
    Ok(findings)
}
