//! Fuzz targets: what each does with one input.
//!
//! In: any bytes. Out: nothing, or a panic where a promise is broken. `fuzz_targets/` hands them to libFuzzer, one file
//! a target; the tests here try every target on its seeds. `docs/security.md` says how to run them.

mod content;
mod git;
mod packed;
pub mod prefilter;
pub mod seeds;
mod settings;

#[path = "../../tests/suite/support/packing.rs"]
#[allow(dead_code, reason = "made for the suite, which needs more of it")]
mod packing;
#[path = "../../tests/suite/support/secrets.rs"]
#[allow(dead_code, reason = "made for the suite, which needs more of it")]
mod secrets;

/// Takes one input.
pub type Target = fn(&[u8]);

/// Every target by name.
pub const TARGETS: &[(&str, Target)] = &[
    ("allow", settings::allow),
    ("baseline", settings::baseline),
    ("bzip2", packed::bzip2),
    ("commit", git::commit),
    ("config", settings::config),
    ("containers", content::containers),
    ("decode", content::decode),
    ("delta", git::delta),
    ("detect", content::detect),
    ("follow", content::follow),
    ("gzip", packed::gzip),
    ("hook", settings::hook),
    ("index", git::index),
    ("loose", git::loose),
    ("lz4", packed::lz4),
    ("pack", git::pack),
    ("pack_index", git::pack_index),
    ("prefilter", prefilter::differs),
    ("rules", settings::rules),
    ("seams", content::seams),
    ("tar", packed::tar),
    ("tree", git::tree),
    ("validators", content::validators),
    ("xz", packed::xz),
    ("zip", packed::zip),
    ("zlib", packed::zlib),
    ("zstd", packed::zstd),
];

/// The target of this name.
///
/// # Panics
/// Where there is none.
#[must_use]
pub fn target(name: &str) -> Target {
    let row = TARGETS.iter().find(|row| row.0 == name);
    row.unwrap_or_else(|| panic!("no target is called {name}")).1
}

/// Takes from an input what a target is told besides bytes.
struct Input<'i>(&'i [u8]);

impl<'i> Input<'i> {
    /// The next byte; 0 at the end.
    fn byte(&mut self) -> u8 {
        let Some((&first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        first
    }

    /// The next two bytes as a number.
    fn short(&mut self) -> usize {
        usize::from(u16::from_le_bytes([self.byte(), self.byte()]))
    }

    /// The next bytes, or those that are left.
    fn take(&mut self, count: usize) -> &'i [u8] {
        let (taken, rest) = self.0.split_at(count.min(self.0.len()));
        self.0 = rest;
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_takes_its_seeds() {
        for (name, target) in TARGETS {
            let seeds = seeds::of(name);
            assert!(!seeds.is_empty(), "{name}");
            for seed in seeds {
                target(&seed);
                target(&seed[..seed.len() / 2]);
            }
            target(b"");
        }
    }

    #[test]
    fn every_target_has_its_file() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).expect("the manifest");
        for (name, _) in TARGETS {
            let file = folder.join("fuzz_targets").join(name).with_extension("rs");
            let text = std::fs::read_to_string(&file).expect(name);
            assert!(text.contains(&format!("target(\"{name}\")")), "{name}");
            assert!(manifest.contains(&format!("name = \"{name}\"")), "{name}");
        }
    }
}
