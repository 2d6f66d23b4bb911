//! Values that are refused because of what stands around them.

use super::*;

/// Whether the first of the usual words in `text` is given something that may be a credential.
fn holds(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let words =
        ["passw", "pwd", "pass", "pw", "credential", "secret", "token", "key", "login", "auth"];
    let hit = words.iter().find_map(|word| lower.find(word)).expect("the text holds a word");
    !read(text.as_bytes(), super::name(text.as_bytes(), hit)).is_empty()
}

/// Whether it is one in the file at `path`.
fn stands(text: &str, path: &str) -> bool {
    let hit = text.find("password").or_else(|| text.find("oken")).expect("a word")
        - usize::from(!text.contains("password"));
    read(text.as_bytes(), super::name(text.as_bytes(), hit))
        .iter()
        .any(|found| found.shape.score_at(Some(path.as_bytes())).is_some())
}

#[test]
fn digests_and_ciphertexts_are_told_by_their_names_and_lines() {
    let sum = ["5e884898da280471", "51d0e56f8dc62927"].concat();
    let long = ["6ce97688468f231845d9d982", "f1f10832"].concat().repeat(3);
    let thumb = ["bca0d040847f843c5ee0", "fa6eb494837470155868"].concat();
    let base64 = ["coawvmhMoAl3iL5o", "kD7K4a4au0Jt0S"].concat();
    for text in [
        "m.WriteCredentials(p, \"plum7Kq\", c)".to_owned(),
        format!("hashed_password: {sum}\n"),
        format!("<user password=\"{sum}\"\n  encoding=\"md5\">"),
        format!("password => '{long}',"),
        format!("encryptedMetadataKey = \"{base64}\""),
        format!(
            "new Secret(\"{thumb}\", \"x\")\n{}Type = SecretTypes.CertificateThumbprint",
            " ".repeat(60)
        ),
        format!("\"password\": \"{base64}q8Zx7Lk2==\", \"iterations\": 101"),
        format!("adminPassword={thumb}\nadminPasswordAlgorithm=SHA\n"),
        format!("kind: secret\nname: password\ndata: {base64}q8Zx7Lk2==\n"),
    ] {
        assert!(!holds(&text), "{text}");
    }
    for text in [
        format!("password: {sum}\n"),
        format!("metadataKey = \"{base64}\""),
        format!("new Secret(\"{thumb}\", \"x\")"),
        format!("\"password\": \"{base64}q8Zx7Lk2==\""),
        format!("secret_key_base = \"{long}\""),
    ] {
        assert!(holds(&text), "{text}");
    }
}

#[test]
fn what_everybody_sees_is_none() {
    let value = ["MQZ7TEA1", "QWT4x9Lm"].concat();
    for text in [
        format!("![x](https://host.io/graph/badge.svg?token={value})"),
        format!("run(['bin', '-{value}'], token, ['-{value}'])"),
        format!("* Public Key: {value}q7Rz\n"),
        "Invoke-Command -Credential duffney2\n".to_owned(),
        "store.loadSecrets('connector17x')".to_owned(),
        "accessTokenLifetime = \"720h\"".to_owned(),
        "if (!strcmp(token, \"mqttv311\"))".to_owned(),
        "option: Password('otp?', confirm=False)".to_owned(),
        "  pass: '1f3ab',".to_owned(),
        "- secretKey: dbPlum7\n  remoteRef:\n    key: plum\n".to_owned(),
        "<input #passwordInput=\"ngModel\" />".to_owned(),
        "m{\"tls.secret\": pki.LeafPKPEM,\n".to_owned(),
        format!("_token => '{value}q7Rz'"),
        format!("<input name=\"__RequestVerificationToken\" value=\"{value}q7Rz\">"),
        "  - key: password\n  url: \"http://vault.default:8200x7\"\n".to_owned(),
        "Token::$leeway7 = read('x');".to_owned(),
        "refresh_token: '90 minutes'".to_owned(),
        "SERVER_KEY_FINGERPRINT=2FC8945833C51946E937F9FED47B0811573EE67E\n".to_owned(),
        "f(X#{password => JWS2}, Y)".to_owned(),
        "auth({ token: idpJwt7 })".to_owned(),
        "if (!($authkey=$bk->getAuthKey($staff)))".to_owned(),
        format!("passkey:{}==", value.repeat(5)),
        "\"S3Key\": \"867139942017-PHIDetection-4750034166536cdb52ffa3295a1b00a3/\"".to_owned(),
        "info={\"licenseKey\":\"65b1bdbe6f\"}".to_owned(),
        format!("\"uplink_token\": \"{value}q7Rz\""),
        format!("- csrftoken={value}q7Rz;"),
        "vault_key  = \"asr1\"".to_owned(),
        "storage_account_key = \"dsa1_region1\"".to_owned(),
        "\"WebDAV password\":\"WebDAV-wachtwoord\"".to_owned(),
        "password: https://support.host.io/en/HT204397x\n".to_owned(),
        "'Auth::Plugin::Passphrase' => '2.0.17',".to_owned(),
        format!("{{\"key_id\":\"56825\",\"key\":\"{value}q7Rz{value}q7Rz=\"}}"),
        "\"key\": \"3-5-5cd81cc4-c643-4e9c-849c-c596a88c27fd\"".to_owned(),
        "RadiusSet [host:port] [/SECRET:gizli_anahtar7x]".to_owned(),
        "PASSWORT ZURÜCKSETZEN\n".to_owned(),
        "t->Token[6] = CopyStr(\"ARPv4\");".to_owned(),
        "basic_token: %w[pengwynn7x il0veruby]".to_owned(),
        "write(' (token=' + LAlg7 + ', key=')".to_owned(),
        "HashedPassword_bin: \"SGVsbG8gV29ybGQ=\"".to_owned(),
        "the otp-secrets otp_slop=180".to_owned(),
        "- name: db-secret\n    key: url\n  - name: plum\n    value: plum2e\n".to_owned(),
    ] {
        assert!(!holds(&text), "{text}");
    }
    for text in [
        format!("https://host.io/graph?token={value}&x=1"),
        format!("setSecret('{value}')"),
        format!("csrf_secret = '{value}q7Rz'"),
        format!("- secretKey: {value}\n  plum: 1\n"),
        format!("'password' => '{value}'"),
        format!("passkey: {value}"),
        format!("  - name: db-secret\n    type: text\n    value: {value}\n"),
    ] {
        assert!(holds(&text), "{text}");
    }
}

#[test]
fn what_stands_beside_logins_and_keys_is_none() {
    let value = ["q8Zx7", "Lk2fV9w"].concat();
    for text in [
        format!("IDENTIFIED BY PASSWORD '*{}'", "5C0744940B".repeat(4)),
        format!("AUTH_TOKEN = \"sha1={}\";", "5c0744940b".repeat(4)),
        format!("senderKey = \"{}\"", value.repeat(4)),
        format!("\"access_token\": \"{value}REDACTED{value}\""),
        format!("\"timestamp\": \"1\",\n\"token\": \"{value}q7Rz\",\n\"signature\": \"x7\""),
        "key: '2e/65/efe2a145dda7ee51d1741299f848e5bf752e'".to_owned(),
        "connect(user, password, \"t3://localhost:7001\")".to_owned(),
        "self.build_auth_login(\"sys\", \"as sysdba\", \"x\")".to_owned(),
        "Signer4Auth(x, \"us-east-1\", \"es\")".to_owned(),
        "LogMarkerToken(\"cosmosdb\", \"x\")".to_owned(),
        "const char* password = STAPSK;".to_owned(),
        "PRETTY_PASS=\"\\e[32m✔ \\e[0m\"".to_owned(),
        "TOKEN_ALPHABET = 'bcdfghjkmnpqrstvwxyz'".to_owned(),
        "config :plum, dashboard_auth: :zta\n".to_owned(),
        "password1:\"__PWRD__\",".to_owned(),
        "IDENTIFIED BY ksp1 = keystore_password".to_owned(),
    ] {
        assert!(!holds(&text), "{text}");
    }
    for text in [
        format!("login(\"bob\", \"{value}\", \"us-east-1\")"),
        format!("const char* password = \"{value}\";"),
        format!("LogToken(\"{value}\")"),
        format!("CREATE ROLE x LOGIN PASSWORD '{value}';"),
        format!("export password={value};"),
    ] {
        assert!(holds(&text), "{text}");
    }
}

#[test]
fn programs_and_paths_tell_what_is_no_literal() {
    let key = ["cf50faa3fe97", "702ca1ae"].concat();
    for (text, path) in [
        ("const char *password = other_arg4;", "a.c"),
        ("  password:  svcAK7,\n", "a.go"),
        ("  f_password: TPdfBuffer32;\n", "a.pas"),
        ("String password = user1Pw,\n", "a.dart"),
        ("\"    max_tokens=1024,\\n\",\n", "a.ipynb"),
        ("conf = `\nuser = plum\n`\npassword = svcAK7x9\n", "a.js"),
        ("  TPM_password = 1073741833,\n", "vmlinux.h"),
        ("password=`dirname \"$0\"`\n", "a.sh"),
        (&format!("@token = \"{key}\""), "test/csrf_test.rb"),
        ("<string name=\"hint_password\">Adgnagskode</string>", "res/values-da/strings.xml"),
        ("secret_password=16-stelligen Wert verwenden\n", "lang/de"),
        ("'password' => 'S3-toegangssleutel'", "i18n/nl.i18n.json"),
        ("'password' => 'Nueva clau'", "protected/messages/an/user.php"),
    ] {
        assert!(!stands(text, path), "{text}");
    }
    for (text, path) in [
        ("password: svcAK7x9,\n", "a.yml"),
        ("password = 1073741833\n", "a.ini"),
        (&format!("@token = \"{key}\""), "test/login_test.rb"),
        ("\"DB_password=gordon77\",", "a.go"),
        ("conf = `\nuser = plum\npassword = svcAK7x9\n`\n", "a.js"),
        ("'password' => 'x7Lq9-plum4'", "i18n/nl.i18n.json"),
    ] {
        assert!(stands(text, path), "{text}");
    }
}

#[test]
fn countries_and_locales_are_no_passwords() {
    for text in [
        "('PW', 'PW (Palau)'),",
        "PW: Palau",
        "\"PW\": \"+680\"",
        "locales = { it_PW: 'q8Zx7Lk2' }",
        "$map = ['password' => ['x7Lq9plum4' => 'q8Zx7Lk2']];",
    ] {
        assert!(!holds(text), "{text}");
    }
    for text in
        ["PW=q8Zx7Lk2", "PW: q8Zx7Lk2", "DB_PW: q8Zx7Lk2", "$map = ['password' => ['x7Lq9plum4']];"]
    {
        assert!(holds(text), "{text}");
    }
}

#[test]
fn texts_among_texts_are_none() {
    for text in [
        "{\"save\": \"Stoor alle lêers\", \"password\": \"Wagwoord\", \"quit\": \"Verlaat die program\"}",
        "'save' => 'Stoor dit nou', 'password' => 'Nuwe wagwoord', 'quit' => 'Verlaat dit',",
        "{\"a\":\"ja di oto\",\"b\":\"eno di ote\",\"password\":\"pasahitza\",\"c\":\"oto ja\",\"d\":\"ot eno\"}",
    ] {
        assert!(!holds(text), "{text}");
    }
    for text in [
        "{\"host\": \"db.plum.org\", \"password\": \"Wagwoord\", \"user\": \"plum\"}",
        "{\"about\": \"Plums for all\", \"password\": \"pasahitza\", \"more\": \"No plums left\"}",
        "{\"about\": \"Plums for all\", \"password\": \"Pasah1tza\", \"more\": \"No plums left\"}",
    ] {
        assert!(holds(text), "{text}");
    }
}
