//! What `deny.toml` says of dependencies holds, without `cargo deny`, which takes longer to build than leakstop.
//!
//! Licences are those of the packages for this platform, since no others are on the machine; sources are those of all.

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use spdx::{Expression, Licensee, ParseMode};

/// Both packages: the program, and its fuzz targets.
const LOCKS: [&str; 2] = ["Cargo.lock", "fuzz/Cargo.lock"];
const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

fn read(path: &str) -> toml::Table {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let text = std::fs::read_to_string(&path).expect("a file of the repository");
    text.parse().expect("TOML")
}

/// Every package that the program or its tests are made of, as cargo knows it.
#[expect(clippy::disallowed_methods, reason = "cargo is what knows")]
fn packages() -> Vec<Value> {
    let host = Command::new(env!("CARGO")).args(["-vV"]).output().expect("cargo runs");
    let host = String::from_utf8(host.stdout).expect("text");
    let host = host.lines().find_map(|line| line.strip_prefix("host: ")).expect("a platform");
    let arguments = ["metadata", "--offline", "--locked", "--format-version=1"];
    let run = Command::new(env!("CARGO"))
        .args(arguments)
        .args(["--filter-platform", host])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let told: Value = serde_json::from_slice(&run.stdout).expect("JSON");
    told["packages"].as_array().expect("a list").clone()
}

#[test]
fn every_licence_is_allowed() {
    let policy = read("deny.toml");
    let allowed: Vec<Licensee> = policy["licenses"]["allow"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|licence| Licensee::parse(licence.as_str().expect("a text")).expect("a licence"))
        .collect();
    let packages = packages();
    assert!(packages.len() > 100, "{}", packages.len());
    for package in packages {
        let (name, licence) = (&package["name"], &package["license"]);
        let licence = licence.as_str().unwrap_or_else(|| panic!("{name} names no licence"));
        let expression = Expression::parse_mode(licence, ParseMode::LAX).expect(licence);
        let fine = expression.evaluate(|needed| allowed.iter().any(|one| one.satisfies(needed)));
        assert!(fine, "{name}: {licence} is not among those that deny.toml allows");
    }
}

#[test]
fn everything_comes_from_the_registry_and_is_pinned() {
    for lock in LOCKS {
        let lock = read(lock);
        let packages = lock["package"].as_array().expect("a list");
        assert!(packages.len() > 100, "{}", packages.len());
        for package in packages {
            let name = package["name"].as_str().expect("a text");
            if name.starts_with("leakstop") {
                continue;
            }
            let source = package.get("source").and_then(toml::Value::as_str);
            assert_eq!(source, Some(REGISTRY), "{name}");
            assert!(package.get("checksum").is_some(), "{name}");
        }
    }
}

#[test]
fn no_version_is_left_open() {
    for manifest in ["Cargo.toml", "fuzz/Cargo.toml"] {
        let manifest = read(manifest);
        for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
            for (name, wanted) in
                manifest.get(kind).and_then(toml::Value::as_table).into_iter().flatten()
            {
                let version = wanted.as_str().or_else(|| wanted.get("version")?.as_str());
                assert!(
                    version.is_some_and(|v| v != "*") || wanted.get("path").is_some(),
                    "{name}"
                );
            }
        }
    }
}
