//! References in the place of secrets, and the list of what is to be rotated.

use std::os::unix::fs::{PermissionsExt as _, symlink};

use crate::lifecycle::story;
use crate::support::secrets::{github, line, password, slack};
use crate::support::{TestRepo, text};

fn token() -> String {
    github(1)
}

/// A file with a secret on its second line.
fn repo(path: &str, content: &str) -> TestRepo {
    let repo = TestRepo::new();
    repo.write(path, content.replace("SECRET", &token()));
    repo.commit("leak");
    repo
}

#[test]
fn the_reference_takes_the_place_of_the_literal_everywhere() {
    for (path, before, after) in [
        (
            "a.py",
            "import sys\nAPI_TOKEN = \"SECRET\"\n",
            "import os\nimport sys\nAPI_TOKEN = os.environ[\"API_TOKEN\"]\n",
        ),
        (
            "a.js",
            "//\nconst apiToken = 'SECRET';\n",
            "//\nconst apiToken = process.env.API_TOKEN;\n",
        ),
        (
            "a.ts",
            "//\nconst apiToken = 'SECRET';\n",
            "//\nconst apiToken = process.env.API_TOKEN!;\n",
        ),
        (
            "a.go",
            "package a\nvar apiToken = \"SECRET\"\n",
            "package a\n\nimport \"os\"\n\nvar apiToken = os.Getenv(\"API_TOKEN\")\n",
        ),
        (
            "A.java",
            "//\n  String apiToken = \"SECRET\";\n",
            "//\n  String apiToken = System.getenv(\"API_TOKEN\");\n",
        ),
        ("application.yml", "a: 1\napi-token: SECRET\n", "a: 1\napi-token: ${API_TOKEN}\n"),
        ("a.yaml", "a: 1\napi_token: \"SECRET\"\n", "a: 1\napi_token: \"${API_TOKEN}\"\n"),
        ("a.env", "A=1\nAPI_TOKEN=SECRET\n", "A=1\nAPI_TOKEN=\n"),
        (
            "compose.yaml",
            "services:\n  API_TOKEN: SECRET\n",
            "services:\n  API_TOKEN: ${API_TOKEN:?}\n",
        ),
        (
            "main.tf",
            "#\n  api_token = \"SECRET\"\n",
            "#\n  api_token = var.api_token\n\nvariable \"api_token\" {\n  type      = string\n  sensitive = true\n}\n",
        ),
    ] {
        let repo = repo(path, before);
        let ran = repo.run(["fix", &format!("{path}:2"), "--to", "env", "--yes"]).exits(0);
        assert_eq!(repo.read(path), after, "{path}: {}", ran.out());
        let name = if path == "main.tf" { "TF_VAR_api_token" } else { "API_TOKEN" };
        assert_eq!(repo.read(".env.example"), format!("{name}=\n"), "{path}");
        assert!(!ran.tells(&token()), "{path}");
        repo.run(["scan", path]).exits(0);
    }
}

#[test]
fn the_name_is_the_one_that_dotenv_has_or_the_keys_give() {
    let repo = repo("application.yml", "spring:\n  datasource:\n    password: SECRET\n");
    let fix = |repo: &TestRepo| {
        let ran = repo.run(["fix", "application.yml:3", "--to", "env", "--dry-run"]);
        ran.exits(1).out()
    };
    let by_keys = fix(&repo);
    assert!(by_keys.contains("+    password: ${SPRING_DATASOURCE_PASSWORD}"), "{by_keys}");
    repo.write(".env", format!("# x\nPORT=1\nexport DB_PASSWORD='{}'\n", token()));
    let by_value = fix(&repo);
    assert!(by_value.contains("+    password: ${DB_PASSWORD}"), "{by_value}");
}

#[test]
fn manifests_and_rust_have_their_ways() {
    let pod = "apiVersion: v1\nkind: Pod\n    - name: API_TOKEN\n      value: SECRET\n";
    let of_pod = repo("pod.yaml", pod);
    of_pod.run(["fix", "pod.yaml:4", "--to", "k8s", "--yes"]).exits(0);
    let now = of_pod.read("pod.yaml");
    assert!(now.ends_with("      valueFrom:\n        secretKeyRef:\n          name: app-secrets\n          key: API_TOKEN\n"), "{now}");
    let of_rust = repo("a.rs", "//\nlet api_token = \"SECRET\";\n");
    of_rust.run(["fix", "a.rs:2", "--to", "vault", "--yes"]).exits(0);
    let read = ["std::env::", "var(\"API_TOKEN\")"].concat();
    let now = of_rust.read("a.rs");
    assert_eq!(now, format!("//\nlet api_token = &{read}.expect(\"API_TOKEN is set\");\n"));
}

#[test]
fn a_secrets_own_manifest_takes_no_reference() {
    let head = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: a\nstringData:\n";
    for line in ["  token: SECRET\n".to_owned(), format!("  password: {}\n", password(1))] {
        let repo = repo("secret.yaml", &format!("{head}{line}"));
        let told = repo.run(["fix", "secret.yaml:6", "--to", "k8s", "--yes"]).exits(2).err();
        assert!(told.contains("takes no reference"), "{told}");
    }
}

#[test]
fn each_store_is_told_how_the_value_gets_in_and_out_again() {
    for (store, put, fill) in [
        (
            "vault",
            "vault kv patch secret/app API_TOKEN=- (where",
            r#"env_template "API_TOKEN" { contents = "{{ with secret \"secret/data/app\" }}{{ .Data.data.API_TOKEN }}{{ end }}" }"#,
        ),
        (
            "aws",
            "--name app/api-token",
            r#""valueFrom": "arn:aws:secretsmanager:REGION:ACCOUNT:secret:app/api-token""#,
        ),
        ("gcp", "gcloud secrets create api-token", "--update-secrets=API_TOKEN=api-token:latest"),
        (
            "azure",
            "--vault-name VAULT --name api-token",
            "API_TOKEN=@Microsoft.KeyVault(VaultName=VAULT;SecretName=api-token)",
        ),
        ("k8s", "generic app-secrets", "secretKeyRef: {name: app-secrets, key: API_TOKEN}"),
    ] {
        let repo = repo("a.py", "import os\nAPI_TOKEN = \"SECRET\"\n");
        let ran = repo.run(["fix", "a.py:2", "--to", store, "--yes"]).exits(0);
        assert!(ran.err().contains(put) && ran.err().contains(fill), "{store}: {}", ran.err());
        assert_eq!(repo.read("a.py"), "import os\nAPI_TOKEN = os.environ[\"API_TOKEN\"]\n");
    }
}

#[test]
fn what_is_left_to_do_is_done_where_the_file_looks() {
    let pod = "apiVersion: v1\nkind: Pod\n    - name: API_TOKEN\n      value: SECRET\n";
    for (path, content, store, told) in [
        (
            ".github/workflows/a.yml",
            "env:\n  GITHUB_TOKEN: SECRET\n",
            "env",
            "gh secret set GH_TOKEN",
        ),
        (
            ".github/workflows/a.yml",
            "env:\n  GITHUB_TOKEN: SECRET\n",
            "gcp",
            "gh secret set GH_TOKEN",
        ),
        (
            ".gitlab-ci.yml",
            "variables:\n  API_TOKEN: SECRET\n",
            "env",
            "glab variable set API_TOKEN",
        ),
        (
            "main.tf",
            "#\n  api_token = \"SECRET\"\n",
            "env",
            "set TF_VAR_api_token in the environment",
        ),
        ("pod.yaml", pod, "env", "generic app-secrets --from-file=API_TOKEN=/dev/stdin"),
    ] {
        let repo = repo(path, content);
        let place = format!("{path}:{}", content.lines().count());
        let ran = repo.run(["fix", &place, "--to", store, "--yes"]).exits(0);
        assert!(ran.err().contains(told), "{path} {store}: {}", ran.err());
        assert_eq!(ran.err().contains("in a .env"), path == "main.tf", "{path}: {}", ran.err());
        assert!(!ran.tells(&token()), "{path}");
        if path.starts_with(".github") {
            assert!(repo.read(path).ends_with("  GITHUB_TOKEN: ${{ secrets.GH_TOKEN }}\n"));
        }
    }
    let workflow = repo(".github/workflows/a.yml", "env:\n  A: SECRET\n");
    let fix = ["fix", ".github/workflows/a.yml:2", "--to", "env", "--yes", "--name", "GITHUB_A"];
    let ran = workflow.run(fix).exits(2);
    assert!(ran.err().contains("begins with GITHUB_"), "{}", ran.err());
}

#[test]
fn nothing_is_written_without_a_yes() {
    let before = "import os\nAPI_TOKEN = \"SECRET\"\n";
    let repo = repo("a.py", before);
    let shown = repo.run(["fix", "a.py:2", "--to", "env", "--dry-run"]).exits(1);
    let diff = shown.out();
    for part in [
        "-API_TOKEN = \"****\"",
        "+API_TOKEN = os.environ[\"API_TOKEN\"]",
        "+++ b/.env.example",
        "+API_TOKEN=",
    ] {
        assert!(diff.contains(part), "{part}:\n{diff}");
    }
    assert!(!shown.tells(&token()));
    let asked = repo.run(["fix", "a.py:2", "--to", "env"]).exits(2);
    assert!(asked.err().contains("--yes"), "{}", asked.err());
    assert_eq!(repo.read("a.py"), before.replace("SECRET", &token()));
    assert!(!repo.path(".env.example").exists());
}

#[test]
fn an_example_is_added_to_and_permissions_stay() {
    let repo = repo("run.sh", "#!/bin/sh\nAPI_TOKEN=SECRET\n");
    let path = repo.path("run.sh");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("ours");
    repo.write(".env.example", "OTHER=");
    repo.run(["fix", "run.sh:2", "--to", "env", "--yes", "--name", "MY_TOKEN"]).exits(0);
    assert_eq!(repo.read(".env.example"), "OTHER=\nMY_TOKEN=\n");
    assert_eq!(repo.read("run.sh"), "#!/bin/sh\nAPI_TOKEN=\"${MY_TOKEN:?}\"\n");
    assert_eq!(std::fs::metadata(path).expect("it is there").permissions().mode() & 0o777, 0o755);
}

#[test]
fn what_is_done_by_hand_is_said_and_left() {
    let repo = repo("a.json", "{\n\"token\": \"SECRET\"}\n");
    let ran = repo.run(["fix", "a.json:2", "--to", "env", "--yes"]).exits(2);
    assert!(ran.err().contains("by hand"), "{}", ran.err());
    let none = repo.run(["fix", "a.json:1", "--to", "env", "--yes"]).exits(2);
    assert!(none.err().contains("no secret is found there"), "{}", none.err());
    repo.run(["fix", "gone.py:1", "--to", "env", "--yes"]).exits(2);
    repo.run(["fix", "a.json", "--to", "env", "--yes"]).exits(2);
    repo.write(".env", format!("API_TOKEN={}\n", token()));
    repo.write(".gitignore", ".env\n");
    let home = repo.run(["fix", ".env:1", "--to", "env", "--yes"]).exits(2);
    assert!(home.err().contains("the value belongs here"), "{}", home.err());
}

#[test]
fn the_rest_of_a_literal_stays_or_nothing_is_changed() {
    for (path, before, after) in [
        (
            "a.py",
            "import os\nh = {\"Authorization\": \"Bearer SECRET\"}\n",
            "import os\nh = {\"Authorization\": \"Bearer \" + os.environ[\"MY_PAT\"]}\n",
        ),
        (
            "a.js",
            "//\nfetch(`https://x.example/?t=SECRET`);\n",
            "//\nfetch(`https://x.example/?t=${process.env.MY_PAT}`);\n",
        ),
        (
            ".github/workflows/a.yml",
            "steps:\n- run: curl -H \"Authorization: Bearer SECRET\" x.example\n",
            "steps:\n- run: curl -H \"Authorization: Bearer ${{ secrets.MY_PAT }}\" x.example\n",
        ),
    ] {
        let repo = repo(path, before);
        let place = format!("{path}:2");
        let named = ["fix", &place, "--to", "env", "--yes", "--name", "MY_PAT"];
        let ran = repo.run(named).exits(0);
        assert_eq!(repo.read(path), after, "{path}: {}", ran.out());
        assert!(ran.err().contains("make MY_PAT the new value alone"), "{}", ran.err());
        assert!(!ran.tells(&token()), "{path}");
    }
    for text in ["x = \"%s SECRET\" % a\n", "x = f\"{a} SECRET\".strip()\n", "x = b\"a SECRET\"\n"]
    {
        let repo = repo("a.py", &format!("import os\n{text}"));
        let ran = repo.run(["fix", "a.py:2", "--to", "env", "--yes"]).exits(2);
        let told = ["the literal holds more than the secret", "the literal is put together"];
        assert!(told.iter().any(|told| ran.err().contains(told)), "{text}: {}", ran.err());
        assert!(repo.read("a.py").contains(&token()), "{text}");
    }
    // Not the name of the header.
    let of_header = repo("a.py", "import os\nh(auth=\"Bearer SECRET\")\n");
    of_header.run(["fix", "a.py:2", "--to", "env", "--yes"]).exits(0);
    let now = of_header.read("a.py");
    assert_eq!(now, "import os\nh(auth=\"Bearer \" + os.environ[\"GITHUB_PAT_CLASSIC\"])\n");
}

#[test]
fn a_url_is_kept_as_a_whole_and_that_is_said() {
    let repo = TestRepo::new();
    let url = [
        "postgres://app:",
        &crate::support::secrets::random(4, b"abcdefghkm23456789", 20),
        "@db.example/x",
    ]
    .concat();
    repo.write("a.py", format!("import os\nDATABASE_URL = \"{url}\"\n"));
    let ran = repo.run(["fix", "a.py:2", "--to", "env", "--yes"]).exits(0);
    assert_eq!(repo.read("a.py"), "import os\nDATABASE_URL = os.environ[\"DATABASE_URL\"]\n");
    assert!(ran.err().contains("make DATABASE_URL the whole URL"), "{}", ran.err());
}

#[test]
fn a_path_is_taken_as_reports_name_it() {
    let repo = repo("src/client.py", "import os\nAPI_TOKEN = \"SECRET\"\n");
    let fix = |folder: &str, place: &str| {
        let program = repo.leakstop(["fix", place, "--to", "env", "--dry-run"]);
        program.within(repo.path(folder)).run()
    };
    for (folder, place) in [
        ("", "src/client.py:2"),
        ("src", "src/client.py:2"),
        ("src", "src/client.py:2:14"),
        ("src", "client.py:2"),
    ] {
        let ran = fix(folder, place).exits(1);
        assert!(ran.out().starts_with("--- a/src/client.py\n"), "{folder} {place}: {}", ran.out());
    }
    let gone = fix("src", "src/gone.py:2").exits(2);
    assert!(gone.err().contains("src/gone.py: No such file"), "{}", gone.err());
    // What lies in the current folder comes first.
    repo.write("src/src/client.py", "");
    let nearer = fix("src", "src/client.py:2").exits(2);
    assert!(nearer.err().contains("src/src/client.py:2: no secret"), "{}", nearer.err());
}

#[test]
fn a_symbolic_link_is_called_one() {
    let repo = repo("a.py", "import os\nAPI_TOKEN = \"SECRET\"\n");
    symlink("a.py", repo.path("link.py")).expect("ours");
    let ran = repo.run(["fix", "link.py:2", "--to", "env", "--yes"]).exits(2);
    assert!(ran.err().contains("link.py: it is a symbolic link"), "{}", ran.err());
    let folder = repo.run(["fix", ".:2", "--to", "env", "--yes"]).exits(2);
    assert!(folder.err().contains("no regular file"), "{}", folder.err());
    assert!(repo.read("a.py").contains(&token()));
}

#[test]
fn live_secrets_are_listed_once_and_ticked_off() {
    let repo = story();
    repo.write("copy.py", line(3));
    repo.write("slack.py", format!("SLACK_TOKEN = \"{}\"\n", slack(7)));
    let listed = repo.json(&["rotate"]).exits(0).report();
    let secrets = listed["secrets"].as_array().expect("a list").clone();
    let providers: Vec<String> = secrets.iter().map(|secret| text(secret, "provider")).collect();
    assert_eq!(providers, ["GitHub", "GitHub", "GitHub", "Slack"]);
    let twice = &secrets[0];
    assert_eq!(twice["on_disk"].as_array().map(Vec::len), Some(2), "{twice}");
    assert_eq!(secrets.iter().filter(|secret| secret["pushed"] == true).count(), 2);
    let markdown = repo.run(["rotate"]).exits(0);
    assert!(markdown.out().starts_with("# 4 secrets to rotate\n\n## GitHub\n\n- [ ] "));
    let csv = repo.run(["rotate", "--format", "csv"]).exits(0);
    assert_eq!(csv.out().lines().count(), 5);
    for (seed, ran) in [(1, &markdown), (3, &markdown), (1, &csv), (3, &csv)] {
        assert!(!ran.tells(&github(seed)));
    }
    let print = text(twice, "fingerprint");
    repo.run(["rotate", "--done", &print[..8], "copy.py:1"]).exits(0);
    repo.run(["rotate", "--done", "copy.py:2"]).exits(2);
    let left = repo.json(&["rotate"]).exits(0).report();
    assert_eq!(left["secrets"].as_array().map(Vec::len), Some(3));
    repo.run(["scan", "new.py", "copy.py"]).exits(0);
    let unknown = repo.run(["rotate", "--done", "0123456789"]).exits(2);
    assert!(unknown.err().contains("The nearest: ") || unknown.err().contains("the nearest: "));
}
