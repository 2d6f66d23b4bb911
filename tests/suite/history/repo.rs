//! Small repositories, made and questioned with git.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use leakstop::source::ObjectId;
use leakstop::source::git::{self, Environment, Repository};

/// A repository in a folder that goes away with it.
pub(super) struct Repo {
    root: tempfile::TempDir,
    folder: PathBuf,
}

/// Path to blob, for one commit.
pub(super) type Listing = BTreeMap<Vec<u8>, ObjectId>;

impl Repo {
    pub(super) fn new() -> Self {
        Self::with_ids("sha1")
    }

    /// A new repository whose ids are made by `hash`.
    pub(super) fn with_ids(hash: &str) -> Self {
        let repo = Self::empty();
        repo.git(&["init", "-q", "-b", "main", "--object-format", hash]);
        repo
    }

    /// A new repository that keeps its refs in tables.
    pub(super) fn with_refs_in_tables(hash: &str) -> Self {
        let repo = Self::empty();
        let formats = ["--object-format", hash, "--ref-format=reftable"];
        repo.git(&[&["init", "-q", "-b", "main"], &formats[..]].concat());
        repo
    }

    fn empty() -> Self {
        let root = tempfile::tempdir().expect("a temporary folder");
        let folder = root.path().join("repo");
        std::fs::create_dir(&folder).expect("a folder");
        Self { root, folder }
    }

    /// The same place, seen from a repository beside this one.
    pub(super) fn beside(&self, name: &str) -> Self {
        let root = tempfile::tempdir().expect("a temporary folder");
        Self { root, folder: self.root.path().join(name) }
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    pub(super) fn open(&self) -> Repository {
        git::open(&self.folder, &Environment::default()).expect("a repository")
    }

    /// Runs git and returns what it prints.
    pub(super) fn git(&self, args: &[&str]) -> String {
        String::from_utf8(self.pipe(args, b"")).expect("text").trim_end().to_owned()
    }

    /// Runs git with a variable set and returns what it prints.
    pub(super) fn dated(&self, args: &[&str], variable: &str) -> String {
        let variable = variable.split_once('=').expect("a name and a value");
        let output = self.run(args, b"", &[variable]);
        String::from_utf8(output).expect("text").trim_end().to_owned()
    }

    /// Runs git with an input and returns what it prints.
    pub(super) fn pipe(&self, args: &[&str], input: &[u8]) -> Vec<u8> {
        self.run(args, input, &[])
    }

    fn run(&self, args: &[&str], input: &[u8], variables: &[(&str, &str)]) -> Vec<u8> {
        #[expect(clippy::disallowed_methods, reason = "git is the oracle")]
        let mut git = Command::new("git");
        git.env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin").current_dir(&self.folder);
        git.envs([
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_AUTHOR_NAME", "A U Thor"),
            ("GIT_AUTHOR_EMAIL", "author@example.com"),
            ("GIT_AUTHOR_DATE", "1700000000 +0130"),
            ("GIT_COMMITTER_NAME", "C O Mitter"),
            ("GIT_COMMITTER_EMAIL", "committer@example.com"),
            ("GIT_COMMITTER_DATE", "1700000000 +0000"),
            ("GIT_ALLOW_PROTOCOL", "file"),
            ("HOME", "/nonexistent"),
        ]);
        git.envs(variables.iter().copied());
        let mut running = git
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("git starts");
        let mut stdin = running.stdin.take().expect("a pipe");
        let input = input.to_vec();
        // Git may print before it has read everything.
        let writer = std::thread::spawn(move || stdin.write_all(&input));
        let output = running.wait_with_output().expect("git ends");
        drop(writer.join());
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {args:?}: {errors}");
        output.stdout
    }

    pub(super) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        std::fs::write(path, content).expect("a file");
    }

    /// Commits all files and returns the commit's id.
    pub(super) fn commit(&self, message: &str) -> ObjectId {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
        self.id("HEAD")
    }

    /// Writes a file, commits it and returns the commit's id.
    pub(super) fn put(&self, name: &str, content: impl AsRef<[u8]>) -> ObjectId {
        self.write(name, content);
        self.commit(name)
    }

    pub(super) fn id(&self, name: &str) -> ObjectId {
        parse(&self.git(&["rev-parse", "--verify", name]))
    }

    /// Lines of output as ids.
    pub(super) fn ids(&self, args: &[&str]) -> Vec<ObjectId> {
        self.git(args).lines().map(parse).collect()
    }

    /// All objects, as git reads them.
    pub(super) fn objects(&self) -> BTreeSet<(ObjectId, String, Vec<u8>)> {
        let output = self.pipe(&["cat-file", "--batch-all-objects", "--batch", "--unordered"], b"");
        let mut rest = &output[..];
        let mut objects = BTreeSet::new();
        while !rest.is_empty() {
            let end = memchr::memchr(b'\n', rest).expect("a head line");
            let head = std::str::from_utf8(&rest[..end]).expect("text");
            let words: Vec<&str> = head.split(' ').collect();
            let size: usize = words[2].parse().expect("a size");
            let bytes = rest[end + 1..][..size].to_vec();
            objects.insert((parse(words[0]), words[1].to_owned(), bytes));
            rest = &rest[end + 1 + size + 1..];
        }
        objects
    }

    /// All files of a commit, submodules apart.
    pub(super) fn listing(&self, commit: ObjectId) -> Listing {
        let output = self.pipe(&["ls-tree", "-r", "-z", "--full-tree", &commit.to_string()], b"");
        let lines = output.split(|&byte| byte == 0).filter(|line| !line.is_empty());
        lines
            .filter_map(|line| {
                let tab = memchr::memchr(b'\t', line).expect("a tab");
                let head = std::str::from_utf8(&line[..tab]).expect("text");
                let words: Vec<&str> = head.split(' ').collect();
                (words[1] == "blob").then(|| (line[tab + 1..].to_vec(), parse(words[2])))
            })
            .collect()
    }

    /// A commit's parents.
    pub(super) fn parents(&self, commit: ObjectId) -> Vec<ObjectId> {
        let line = self.git(&["rev-list", "--parents", "-n1", &commit.to_string()]);
        line.split(' ').skip(1).map(parse).collect()
    }

    /// All files below `.git/objects` whose names end so.
    pub(super) fn stored(&self, end: &str) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut todo = vec![self.path(".git/objects")];
        while let Some(folder) = todo.pop() {
            for entry in std::fs::read_dir(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    todo.push(path);
                } else if path.to_string_lossy().ends_with(end) {
                    found.push(path);
                }
            }
        }
        found.sort();
        found
    }

    /// The file of a loose object.
    pub(super) fn loose(&self, id: ObjectId) -> PathBuf {
        let name = id.to_string();
        self.path(".git/objects").join(&name[..2]).join(&name[2..])
    }
}

/// Replaces a file that git made read-only.
pub(super) fn overwrite(path: &Path, bytes: &[u8]) {
    std::fs::remove_file(path).expect("a file");
    std::fs::write(path, bytes).expect("a file");
}

pub(super) fn parse(hex: &str) -> ObjectId {
    assert!(matches!(hex.len(), 40 | 64), "no id: {hex}");
    let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).expect("an id");
    ObjectId::new(&(0..hex.len()).step_by(2).map(byte).collect::<Vec<u8>>())
}

/// A copy of a history with merges, renames, folders, tags, notes, a stash, and objects that nothing
/// reaches.
pub(super) fn rich() -> Repo {
    static MADE: OnceLock<Repo> = OnceLock::new();
    copy_of(MADE.get_or_init(|| make_rich("sha1")))
}

/// The same with ids of SHA-256.
pub(super) fn rich_of_sha256() -> Repo {
    static MADE: OnceLock<Repo> = OnceLock::new();
    copy_of(MADE.get_or_init(|| make_rich("sha256")))
}

fn copy_of(made: &Repo) -> Repo {
    let copy = Repo::empty();
    copy_folder(&made.folder, &copy.folder);
    copy
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let kind = entry.file_type().expect("a type");
        let target = to.join(entry.file_name());
        if kind.is_dir() {
            copy_folder(&entry.path(), &target);
        } else if kind.is_file() {
            std::fs::copy(entry.path(), target).expect("a file");
        }
    }
}

fn make_rich(hash: &str) -> Repo {
    let repo = Repo::with_ids(hash);
    let lines = |from: usize| -> String {
        (from..from + 300).map(|n| format!("line {}\n", n * n)).collect::<Vec<_>>().concat()
    };
    for n in 0..12 {
        repo.write("docs/long.txt", lines(n));
        repo.write(&format!("src/deep/er/{n}.rs"), format!("fn f{n}() {{}}\n"));
        repo.commit(&format!("step {n}"));
    }
    for branch in ["one", "two"] {
        repo.git(&["checkout", "-q", "-b", branch, "main~3"]);
        repo.put(&format!("{branch}.txt"), branch);
    }
    repo.git(&["checkout", "-q", "main"]);
    repo.git(&["merge", "-q", "--no-commit", "--no-ff", "one", "two"]);
    repo.put("evil.txt", "made in a merge");
    repo.git(&["mv", "docs/long.txt", "docs/longer.txt"]);
    repo.commit("rename");
    repo.git(&["tag", "-a", "v1", "-m", "annotated"]);
    repo.git(&["tag", "-a", "v1-again", "-m", "tag of a tag", "v1"]);
    let blob = repo.pipe(&["hash-object", "-w", "--stdin"], b"tagged, in no tree");
    let blob = String::from_utf8(blob).expect("an id");
    repo.git(&["tag", "blob", blob.trim()]);
    repo.git(&["notes", "add", "-m", "a note"]);
    repo.write("evil.txt", "stashed");
    repo.git(&["stash", "-q"]);
    repo.put("amended.txt", "before");
    repo.write("amended.txt", "after");
    repo.git(&["add", "-A"]);
    repo.git(&["commit", "-q", "--amend", "-m", "amended"]);
    repo.pipe(&["hash-object", "-w", "--stdin"], b"dangling");
    repo.write("empty", "");
    #[cfg(unix)]
    std::os::unix::fs::symlink("/x/target", repo.path("link")).expect("a link");
    let module = "1".repeat(repo.git(&["rev-parse", "HEAD"]).len());
    repo.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{module},sub")]);
    repo.commit("odd entries");
    repo
}
