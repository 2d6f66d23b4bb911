//! How a limit on memory is shared out.
//!
//! In: a store and the bytes that a scan of it may take. Out: a [`Budget`], or the least that would do.

use super::Store;
use crate::source::SourceError;
use crate::source::pack::Budget;

/// What a scan takes whatever it reads: the program, its tables, buffers for decoding.
const BASE: u64 = 64 << 20;
/// What is known of each object: its place in the pack, and while finds are traced its folder's numbers.
const EACH: u64 = 376;
/// Less than this for the objects themselves would leave out too many.
const LEAST: u64 = 64 << 20;
/// Objects held at a time, unless told otherwise.
pub(super) const OBJECTS: usize = 512 << 20;

impl Store {
    /// Limits the memory that a scan takes to about `bytes`. Packs that do not fit are read piece by piece, which
    /// takes longer; what then does not fit is left out and told of.
    ///
    /// # Errors
    /// [`SourceError::Broken`] where that is too little for this store.
    pub fn within(mut self, bytes: u64) -> Result<Self, SourceError> {
        let indexes = self.packs.iter().map(super::super::pack::Pack::index);
        let known: u64 = indexes.map(|index| index.len() + EACH * u64::from(index.count())).sum();
        let fixed = BASE + known;
        let Some(rest) = bytes.checked_sub(fixed).filter(|rest| *rest >= LEAST) else {
            let least = (fixed + LEAST).div_ceil(1 << 20);
            return Err(SourceError::Broken(format!(
                "--max-memory: too little for this repository, which needs {least}M"
            )));
        };
        // A quarter for one large object, as much for what threads hold of others, the rest for the pack.
        let objects = usize::try_from(rest / 4).unwrap_or(OBJECTS).min(OBJECTS);
        self.budget = Budget::new(objects).holding(rest / 2);
        Ok(self)
    }
}
