//! Reading single objects of a pack.
//!
//! In: a row of an index. Out: the object's type and bytes, made from its chain of deltas without
//! recursion.

use super::delta::Delta;
use super::entry::{Form, Header, Type};
use super::file::Positioned;
use super::inflate::Inflater;
use super::{Fault, Pack};

/// No object read singly may be larger, nor may its deltas together.
const LARGEST: u64 = 512 << 20;
/// Longer chains are not followed; git makes none longer than 4095.
const DEEPEST: usize = 10_000;
/// Bytes read at a time.
const PIECE: usize = 16 << 10;

/// Reads the object in row `row`.
pub(super) fn read(pack: &Pack, row: u32) -> Result<(Type, Vec<u8>), Fault> {
    let file = Positioned::open(pack.path()).map_err(|cause| Fault::unreadable(&cause))?;
    let mut entries = Entries { pack, file: &file, inflater: Inflater::new(), left: LARGEST };
    let mut deltas = Vec::new();
    let mut offset = offset(pack, row)?;
    let (kind, mut object) = loop {
        let (form, bytes) = entries.read(offset)?;
        match form {
            Form::Whole(kind) => break (kind, bytes),
            Form::Offset(distance) => {
                let base = offset.checked_sub(distance);
                offset = base.ok_or_else(|| Fault::corrupt("its delta's base is no entry"))?;
            }
            Form::Reference(id) => {
                let row = pack.index().find(id);
                let row =
                    row.ok_or_else(|| Fault::corrupt("its delta's base is not in the pack"))?;
                offset = self::offset(pack, row)?;
            }
        }
        if deltas.len() == DEEPEST {
            return Err(Fault::budget("its chain of deltas is too long"));
        }
        deltas.push(bytes);
    };
    for script in deltas.iter().rev() {
        let delta = Delta::parse(script)?;
        if delta.len() > LARGEST {
            return Err(Fault::budget("its chain of deltas is too large for memory"));
        }
        let mut made = vec![0; fit(delta.len())?];
        delta.apply(&object, &mut made)?;
        object = made;
    }
    Ok((kind, object))
}

fn offset(pack: &Pack, row: u32) -> Result<u64, Fault> {
    let offset = pack.index().offset(row);
    offset.ok_or_else(|| Fault::corrupt("its entry is not in the pack"))
}

fn fit(len: u64) -> Result<usize, Fault> {
    usize::try_from(len).map_err(|_| Fault::budget("larger than memory"))
}

/// Reads entries whose ends are not known.
struct Entries<'f> {
    pack: &'f Pack,
    file: &'f Positioned,
    inflater: Inflater,
    /// Bytes that may still be inflated.
    left: u64,
}

impl Entries<'_> {
    fn read(&mut self, offset: u64) -> Result<(Form, Vec<u8>), Fault> {
        let mut piece = vec![0; PIECE];
        let mut len = self.fill(&mut piece, offset)?;
        let header = Header::parse(&piece[..len], self.pack.index().format())?;
        self.left = self
            .left
            .checked_sub(header.size)
            .ok_or_else(|| Fault::budget("its chain of deltas is too large for memory"))?;
        let mut object = vec![0; fit(header.size)?];
        let mut skip = header.len;
        let mut at = offset;
        self.inflater.reset();
        while self.inflater.piece(&piece[skip..len], &mut object, false)?.is_none() {
            at += len as u64;
            skip = 0;
            len = self.fill(&mut piece, at)?;
        }
        Ok((header.form, object))
    }

    /// Reads the piece at `offset`, which may be short, but not empty.
    fn fill(&self, piece: &mut [u8], offset: u64) -> Result<usize, Fault> {
        let end = self.file.len().saturating_sub(self.pack.trailer());
        let left = end.saturating_sub(offset);
        let len = usize::try_from(left).map_or(piece.len(), |left| left.min(piece.len()));
        if len == 0 {
            return Err(Fault::corrupt("its entry is cut off"));
        }
        self.file.read(&mut piece[..len], offset).map_err(|cause| Fault::unreadable(&cause))?;
        Ok(len)
    }
}
