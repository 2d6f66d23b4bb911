//! A report as formats read it: findings are made one at a time, so that a million of them take no more memory than
//! one does.
//!
//! In: a [`Report`], or a [`Document`] that was saved. Out: an [`Account`], whose [`Entry`]s last as long as they are
//! written.

use std::borrow::Cow;

use super::document::{Document, Entry, Scan, Skip, Tool, entry};
use super::screen::snippet;
use super::words::{self, Urgency};
use super::{Report, Style};
use crate::detect::Detector;

/// What is told, in any format.
#[derive(Clone, Copy, Debug)]
pub struct Account<'a> {
    head: &'a Document<'a>,
    told: Told<'a>,
}

/// Where its findings come from.
#[derive(Clone, Copy, Debug)]
enum Told<'a> {
    /// They are all there.
    Saved(&'a [Entry<'a>]),
    /// They are made of what was found.
    Made {
        report: Report<'a>,
        style: Style<'a>,
        /// Masks the line each stands on, if that is to be shown.
        quotes: Option<&'a Detector>,
    },
}

impl<'a> Account<'a> {
    /// What a document says.
    #[must_use]
    pub fn saved(document: &'a Document<'a>) -> Self {
        Self { head: document, told: Told::Saved(&document.findings) }
    }

    /// What `report` says, whose head is [`Document::head`]; with the lines that findings stand on where there is a
    /// detector to mask them.
    #[must_use]
    pub fn of(
        head: &'a Document<'a>,
        report: Report<'a>,
        style: Style<'a>,
        quotes: Option<&'a Detector>,
    ) -> Self {
        Self { head, told: Told::Made { report, style, quotes } }
    }

    pub(super) const fn version(&self) -> u32 {
        self.head.version
    }

    pub(super) const fn tool(&self) -> &'a Tool<'a> {
        &self.head.tool
    }

    pub(super) const fn scan(&self) -> &'a Scan<'a> {
        &self.head.scan
    }

    /// The numbers of the findings that are told, in their order.
    fn numbers(&self) -> impl Iterator<Item = usize> + use<'a> {
        let told = self.told;
        let count = match told {
            Told::Saved(entries) => entries.len(),
            Told::Made { report, .. } => report.findings.len(),
        };
        (0..count).filter(move |&number| match told {
            Told::Saved(_) => true,
            Told::Made { report, style, .. } => {
                style.show_suppressed || report.findings[number].verdict.is_open()
            }
        })
    }

    /// The same of those that fail the scan.
    fn open_numbers(&self) -> impl Iterator<Item = usize> + use<'a> {
        let told = self.told;
        self.numbers().filter(move |&number| match told {
            Told::Saved(entries) => entries[number].is_open(),
            Told::Made { report, .. } => report.findings[number].verdict.is_open(),
        })
    }

    /// A finding without the line it stands on.
    fn bare(&self, number: usize) -> Cow<'a, Entry<'a>> {
        match self.told {
            Told::Saved(entries) => Cow::Borrowed(&entries[number]),
            Told::Made { report, style, .. } => {
                Cow::Owned(entry(&report.findings[number], report.rules, style))
            }
        }
    }

    fn full(&self, number: usize) -> Cow<'a, Entry<'a>> {
        let mut entry = self.bare(number);
        if let Told::Made { report, quotes: Some(detector), .. } = self.told {
            let line = snippet(&report.findings[number], &entry.redacted, detector);
            entry.to_mut().snippet = line.map(Into::into);
        }
        entry
    }

    /// The findings, sorted by path and place.
    pub(super) fn findings(&self) -> impl Iterator<Item = Cow<'a, Entry<'a>>> + use<'a> {
        let account = *self;
        self.numbers().map(move |number| account.full(number))
    }

    /// Those that fail the scan.
    pub(super) fn open(&self) -> impl Iterator<Item = Cow<'a, Entry<'a>>> + use<'a> {
        let account = *self;
        self.open_numbers().map(move |number| account.full(number))
    }

    /// How many findings are told.
    pub(super) fn count(&self) -> usize {
        self.numbers().count()
    }

    /// How many fail the scan.
    pub(super) fn open_count(&self) -> usize {
        self.open_numbers().count()
    }

    /// The findings with their places in the order of [`Self::findings`], those that fail the scan first, the worst of
    /// them first.
    pub(super) fn worst(
        &self,
    ) -> impl ExactSizeIterator<Item = (usize, Cow<'a, Entry<'a>>)> + use<'a> {
        let account = *self;
        // Numbers are sorted, not findings.
        let mut order: Vec<(bool, Urgency, usize, usize)> = Vec::with_capacity(self.count());
        for (place, number) in self.numbers().enumerate() {
            let entry = self.bare(number);
            order.push((!entry.is_open(), words::urgency(&entry), place, number));
        }
        order.sort_unstable();
        order.into_iter().map(move |(_, _, place, number)| (place, account.full(number)))
    }

    /// Inputs that could not be read, those apart that a limit by design leaves out.
    pub(super) fn faults(&self) -> impl Iterator<Item = &'a Skip<'a>> + use<'a> {
        self.scan().skipped.iter().filter(|skip| skip.is_fault())
    }
}
