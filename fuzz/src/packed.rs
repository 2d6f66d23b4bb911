//! Each container format by itself, whatever the magic number says.

use std::io::Read;

use leakstop::decode::container::{self, Fault, Format, Meter, Sink};

/// Bytes of parts that are read: enough to get through every state of a decoder.
const READ: usize = 1 << 20;

/// Reads parts, up to a limit.
struct Taken {
    bytes: usize,
    faults: usize,
}

impl Sink for Taken {
    fn part(&mut self, _: Option<&[u8]>, reader: &mut dyn Read) {
        let mut buffer = [0; 8 << 10];
        while self.bytes < READ {
            match reader.read(&mut buffer) {
                Ok(0) | Err(_) => return,
                Ok(count) => self.bytes += count,
            }
        }
    }

    fn plain(&mut self, reader: &mut dyn Read) {
        self.part(None, reader);
    }

    fn fault(&mut self, _: Option<&[u8]>, fault: Fault) {
        assert!(!fault.detail.is_empty());
        self.faults += 1;
    }

    fn stopped(&self) -> bool {
        self.bytes >= READ
    }
}

fn walk(format: Format, bytes: &[u8]) {
    let meter = Meter::default();
    let mut taken = Taken { bytes: 0, faults: 0 };
    container::walk(format, &mut meter.file(&mut &bytes[..]), &meter, &mut taken);
    assert!(meter.raw() <= bytes.len() as u64);
    // An archive of nothing but names has no bytes; but every fault has a place of its own.
    assert!(taken.faults <= bytes.len() + 2, "{} faults", taken.faults);
}

pub fn zip(bytes: &[u8]) {
    walk(Format::Zip, bytes);
}

pub fn tar(bytes: &[u8]) {
    walk(Format::Tar, &summed(bytes));
}

/// An archive whose first header has the right checksum, or the rest would never be read.
fn summed(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let mut at = 0;
    while let Some(block) = bytes.get_mut(at..at + 512) {
        block[148..156].fill(b' ');
        let sum: u32 = block.iter().map(|&byte| u32::from(byte)).sum();
        block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        let digits = std::str::from_utf8(&block[124..135]).unwrap_or_default();
        let size = usize::from_str_radix(digits, 8).unwrap_or(0);
        at = at.saturating_add(512).saturating_add(size.saturating_add(511) / 512 * 512);
        if at > bytes.len() {
            break;
        }
    }
    bytes
}

pub fn gzip(bytes: &[u8]) {
    walk(Format::Gzip, bytes);
}

pub fn zlib(bytes: &[u8]) {
    walk(Format::Zlib, bytes);
}

pub fn bzip2(bytes: &[u8]) {
    walk(Format::Bzip2, bytes);
}

/// The checksums of the first two headers are made right, for no mutation would.
pub fn xz(bytes: &[u8]) {
    let mut bytes = bytes.to_vec();
    if let Some(head) = bytes.get_mut(..12) {
        head[..6].copy_from_slice(b"\xfd7zXZ\0");
        let sum = crc32fast::hash(&head[6..8]);
        head[8..].copy_from_slice(&sum.to_le_bytes());
    }
    if let Some(&size) = bytes.get(12) {
        let sum = 12 + usize::from(size) * 4;
        if let Some(block) = bytes.get_mut(12..sum + 4) {
            let (head, stored) = block.split_at_mut(sum - 12);
            stored.copy_from_slice(&crc32fast::hash(head).to_le_bytes());
        }
    }
    walk(Format::Xz, &bytes);
}

pub fn zstd(bytes: &[u8]) {
    walk(Format::Zstd, bytes);
}

pub fn lz4(bytes: &[u8]) {
    walk(Format::Lz4, bytes);
}
