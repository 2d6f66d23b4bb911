//! Piped text.
//!
//! In: a reader and the name its content goes by. Out: one blob.

use std::io::Read;

use bstr::BString;

use super::{Blob, Content, Origin, Visitor};

/// Hands all of `reader` to `visitor`.
pub fn read(reader: &mut dyn Read, name: Option<BString>, visitor: &dyn Visitor) {
    let origin = Origin { path: name, ..Origin::default() };
    visitor.blob(Blob { origin, content: Content::Stream(reader), before: None });
}
