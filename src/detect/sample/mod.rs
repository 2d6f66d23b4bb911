//! Rules tried on credentials that are made up from their own patterns.
//!
//! In: a [`Detector`](super::Detector) and the number of a rule. Out: a [`Record`]: instances that it does not
//! find, finds as another rule's, or elsewhere; near misses that it takes for one.

pub mod draw;
pub(super) mod grow;
mod instance;
mod miss;
mod trial;

pub use draw::Draw;
pub use grow::Size;
pub use instance::{Instance, Sampler};
pub use miss::{Miss, misses};
pub use trial::{Fault, Record, Trial};
