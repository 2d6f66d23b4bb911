//! Every form in which a value is given to a name, and what is none.

use super::*;

/// The first of `words` that stands in `text`, in lower case.
fn hit(text: &str, words: &[&str]) -> usize {
    let lower = text.to_ascii_lowercase();
    words.iter().find_map(|word| lower.find(word)).expect("the text holds a word")
}

fn places(text: &str) -> Vec<Place> {
    let words = ["passw", "identified", "pass", "login(", "token", "auth", "connect("];
    found(text, hit(text, &words))
}

/// The places of the name around `hit`.
fn found(text: &str, hit: usize) -> Vec<Place> {
    name(text.as_bytes(), hit).map_or_else(Vec::new, |name| find(text.as_bytes(), name))
}

fn value(text: &str) -> Option<&str> {
    places(text).first().map(|place| &text[place.value.range()])
}

fn joint(text: &str) -> Option<Joint> {
    places(text).first().map(|place| place.joint)
}

#[test]
fn documents_tell_passwords() {
    for text in [
        "**Password**: chang3me",
        "**Password:** chang3me\n",
        "* *Password:* `chang3me`",
        "<b>Password:</b> chang3me",
        "<td>Password</td>\n<td>chang3me</td>",
        "<dt>Password</dt><dd>chang3me</dd>",
        "| Field | Value |\n|---|---|\n| Password | chang3me |\n",
        "- Password - chang3me\n",
        "Password -> chang3me",
        "The username and password are **admin/chang3me**.",
        "username and password is `admin`/`chang3me`.",
        "user/password: admin / chang3me",
    ] {
        assert_eq!(value(text), Some("chang3me"), "{text}");
    }
    for text in [
        "<td>password</td><td>String</td>",
        "| password | The password of the user |",
        "| password | string | chang3me |",
        "- Password - the user's password\n",
        "a password are/chang3me",
        "the password and/or pass1 are set",
    ] {
        assert_eq!(value(text), None, "{text}");
    }
}

#[test]
fn what_methods_return_and_tests_type() {
    for text in [
        "getPassword() { return \"changeme\"; }",
        "def get_password(self): {\"changeme\"}",
        "password(): string {\n  return 'changeme'\n}",
        "By.id(\"password\")).sendKeys(\"changeme\");",
        "fields[\"password\"].typeText(\"changeme\")",
        "get(\"db:user:password\", \"changeme\")",
        "config.set('db', 'password', 'changeme')",
        "-define(PASSWORD, <<\"changeme\">>).",
        "withBasicAuth(\"bolt://localhost:7687\", \"neo4j\", \"changeme\")",
        "page.fill('form input[type=\"password\"]', \"changeme\");",
        "user `bob`, password `changeme`",
        "assert_eq!(password, \"changeme\")",
    ] {
        assert_eq!(value(text), Some("changeme"), "{text}");
    }
}

#[test]
fn assignments_of_many_languages() {
    for text in [
        "password = \"changeme\"",
        "password: 'changeme'",
        "'password' => 'changeme',",
        "\"password\": \"changeme\"",
        "let password: &str = \"changeme\";",
        "private password?: string = 'changeme';",
        "const password string = \"changeme\"",
        "char password[] = \"changeme\";",
        "char password[32] = \"changeme\";",
        "password <- \"changeme\"",
        "password := `changeme`",
        "config['password'] = 'changeme'",
        "process.env['PGPASSWORD'] = 'changeme'",
        "password = Some(\"changeme\")",
        "password := []byte(\"changeme\")",
        "val password = StringCredentialValue(\"changeme\")",
        "password = base64.b64encode(b'changeme').decode('ascii')",
        "password = r#\"changeme\"#;",
        "setPassword(\"changeme\")",
        "User(name='x', password='changeme')",
        "PASSWORD=changeme\n",
        "export PASSWORD=changeme # note",
        "PASSWORD=changeme \\\n",
        "#  password: changeme",
        "password =\n    \"changeme\"",
        "password = (\n    \"changeme\")",
        "password = b'changeme'",
        "PASSWORD ?= changeme",
        "password=\"\"\"changeme\"\"\"",
        "{user: svc, password: changeme}",
        "{user: svc, password: changeme }",
        "pass:changeme ,",
        "password: |\n  changeme\nnext: x",
        "\"a=1\\npassword=changeme\\nb=2\"",
        "{\\\"password\\\": \\\"changeme\\\"}",
        "{\\\\\\\"password\\\\\\\": \\\\\\\"changeme\\\\\\\"}",
        "cookies[:password] = { value: 'changeme', expires: 3600 }",
        "'password': (None, 'changeme'),",
        "std::string password{\"changeme\"};",
        "public string Password { get; set; } = \"changeme\";",
        "Dim password As String = \"changeme\"",
        "Password : constant String := \"changeme\";",
        "v_password VARCHAR2(30) := 'changeme';",
        "01 WS-PASSWORD PIC X(20) VALUE 'changeme'.",
        "DATA password TYPE string VALUE 'changeme'.",
        "a = process.env.PASSWORD || 'changeme';",
        "a = ENV['PASSWORD'] || 'changeme'",
        "a = os.environ.get('PASSWORD') or 'changeme'",
        "password: &pw changeme\n",
        "password: !!str changeme\n",
        "``password``: ``changeme``",
        "{password, <<\"changeme\">>}.",
        "proxy_set_header X-Password \"changeme\";",
        "poll h proto pop3 user \"bob\" password \"changeme\" is joe",
    ] {
        assert_eq!(value(text), Some("changeme"), "{text}");
    }
}

#[test]
fn rarer_ways_to_give_a_value() {
    for text in [
        "(defvar *password* \"changeme\")",
        "{:password \"changeme\" :user \"bob\"}",
        "#define PASSWORD @\"changeme\"",
        "set(\"changeme\", forKey: \"password\")",
        "[d setObject:@\"changeme\" forKey:@\"password\"];",
        "env_var(\"DB_PASSWORD\").unwrap_or(\"changeme\".into())",
        "add_argument(\"--password\", type=str, default=\"changeme\")",
        "flag.String(\"password\", \"changeme\", \"what it is for\")",
        "StringVar(&p, \"password\", \"changeme\", \"what it is for\")",
        "strcpy(cfg.password, \"changeme\");",
        "setx PASSWORD changeme\r\n",
        "run -p ${PASSWORD:-changeme} x",
        "url=x:${DB_PASSWORD:=changeme}@y",
        "set protocols bgp neighbor 10.0.0.1 password 'changeme'",
        "env.put(Context.JNDI_PASSWORD, \"changeme\");",
        "ENV.fetch 'DB_PASSWORD', 'changeme'",
        "New-Login -Password (\"changeme\" | ConvertTo-SecureString -AsPlainText)",
        "77 WS-PASSWORD     PIC X(16) Value 'changeme'.",
    ] {
        assert_eq!(value(text), Some("changeme"), "{text}");
    }
}

#[test]
fn a_colon_of_full_width_is_one() {
    let text = "数据库密码：changeme\n";
    let place = &found(text, text.find("密码").unwrap())[0];
    assert_eq!((&text[place.name.range()], &text[place.value.range()]), ("数据库密码", "changeme"));
}

#[test]
fn joints_are_told_apart() {
    for (text, wanted) in [
        ("if password == \"changeme\":", Joint::Compare),
        ("string(password) == \"changeme\"", Joint::Compare),
        ("password.equals(\"changeme\")", Joint::Compare),
        ("[ \"$PASSWORD\" -eq \"changeme\" ]", Joint::Compare),
        ("define('DB_PASSWORD', 'changeme');", Joint::Comma),
        ("map.put(\"password\", \"changeme\")", Joint::Comma),
        ("getenv(\"PGPASSWORD\", \"changeme\")", Joint::Comma),
        ("set(:x, :password, 'changeme')", Joint::Comma),
        ("mysql --password=changeme -h x", Joint::Flag),
        ("mysql --password changeme", Joint::Flag),
        ("[\"--password\", \"changeme\"]", Joint::Flag),
        ("-out x -password pass:changeme", Joint::Flag),
        ("-passin pass:changeme", Joint::Flag),
        ("?user=x&password=changeme&z=1", Joint::Query),
        ("-d 'password=changeme' x", Joint::Query),
        ("`auth-password=changeme&host=x`", Joint::Query),
        ("-H 'X-Password: changeme' x", Joint::Header),
        ("docker run -e PASSWORD=changeme -d", Joint::Variable),
        ("docker build --build-arg PASSWORD=changeme .", Joint::Variable),
        ("heroku config:add PASSWORD=changeme", Joint::Variable),
        ("<password>changeme</password>", Joint::Element),
        ("<a:password>changeme</a:password>", Joint::Element),
        ("<Pass encoding=\"base64\">changeme</Pass>", Joint::Element),
        ("<entry key=\"password\">changeme</entry>", Joint::Element),
        ("<a:Property a:Name=\"Password\" Sensitive=\"1\">changeme</a:Property>", Joint::Element),
        ("<key>password</key>\n  <string>changeme</string>", Joint::Element),
        ("<name>password</name><value>changeme</value>", Joint::Element),
        ("<password><![CDATA[changeme]]></password>", Joint::Element),
        ("<add password=\"changeme\"/>", Joint::Equals),
        ("<property name=\"password\" value=\"changeme\"/>", Joint::Sibling),
        ("<add key=\"password\" type='x' value=\"changeme\"/>", Joint::Sibling),
        ("{\"name\": \"PASSWORD\", \"value\": \"changeme\"}", Joint::Sibling),
        ("- name: PASSWORD\n  value: changeme\n", Joint::Sibling),
        ("variable \"password\" {\n  default = \"changeme\"\n}", Joint::Sibling),
        ("(setq password \"changeme\")", Joint::Space),
        ("(def password \"changeme\")", Joint::Space),
        ("#define PASSWORD \"changeme\"", Joint::Space),
        ("set(PASSWORD \"changeme\")", Joint::Space),
        ("    keyPassword 'changeme'", Joint::Space),
        ("password changeme\n", Joint::Space),
        ("CREATE ROLE x LOGIN PASSWORD 'changeme';", Joint::Sql),
        ("ALTER ROLE x PASSWORD 'changeme'", Joint::Sql),
        ("CREATE USER x IDENTIFIED BY changeme;", Joint::Sql),
        ("create user 'x'@'%' identified by changeme", Joint::Sql),
        ("Its password is 'changeme'.", Joint::Is),
        ("// password: also 'changeme' but", Joint::Is),
        ("log in with password 'changeme'", Joint::Is),
        ("login(\"bob\", \"changeme\")", Joint::Position),
        ("ssh.connect(\"host\", 22, \"bob\", \"changeme\")", Joint::Position),
        ("new PasswordCredential(\"bob\", \"changeme\")", Joint::Position),
        ("smtp.PlainAuth(\"\", \"bob\", \"changeme\", \"host\")", Joint::Position),
        ("new AuthCredentials(\"realm\", \"host\", \"bob\", \"changeme\")", Joint::Position),
        ("requests.get(url, auth=(\"bob\", \"changeme\"))", Joint::Position),
        ("'tokens': ['changeme', 'other']", Joint::Item),
        ("passwords := []string{\"changeme\", \"other\"}", Joint::Item),
    ] {
        assert_eq!((value(text), joint(text)), (Some("changeme"), Some(wanted)), "{text}");
    }
}

#[test]
fn rarer_joints_are_told_apart() {
    for (text, wanted) in [
        ("if (strcmp(password, \"changeme\") == 0)", Joint::Compare),
        ("if (\"changeme\".equals(password)) {", Joint::Compare),
        ("if 'changeme' == password:", Joint::Compare),
        ("{password, \"changeme\"}", Joint::Comma),
        ("page.type('#password', 'changeme')", Joint::Comma),
        ("find_element(By.ID, \"password\").send_keys(\"changeme\")", Joint::Call),
        ("setenv PASSWORD changeme\n", Joint::Space),
        ("ENV PASSWORD changeme\n", Joint::Space),
        ("<property name=\"password\"><value>changeme</value>", Joint::Element),
        ("<form:input path=\"password\" value=\"changeme\"/>", Joint::Sibling),
        ("\"password\": {\"type\": \"x\", \"defaultValue\": \"changeme\"}", Joint::Sibling),
        ("Password:\n    Type: String\n    Default: changeme\n", Joint::Sibling),
        ("Das password lautet 'changeme'", Joint::Is),
        ("The password for 'admin' is 'changeme'.", Joint::Is),
    ] {
        assert_eq!((value(text), joint(text)), (Some("changeme"), Some(wanted)), "{text}");
    }
}

#[test]
fn values_stand_below_or_behind_their_columns() {
    for text in [
        "INSERT INTO t (name, password) VALUES ('bob', 'changeme');",
        "insert into `t` (`id`,`password`,`x`)\nvalues (NULL, 'changeme', now(1, 2)), (2, 'other', '');",
        "REPLACE INTO [t] ([password]) VALUES ('changeme')",
        "user,password,url\nbob,changeme,https://x.io\n",
        "password;user\nchangeme;bob\n",
        "user\tpassword\nbob\tchangeme",
        "\"user\",\"password\"\r\n\"bob\",\"changeme\"\r\n",
        "| user | password |\n|------|:--------|\n| bob  | `changeme` |\n",
        "| password | user |\n| --- | --- |\n| changeme | bob |\n",
    ] {
        let place = places(text);
        let found = place.first().map(|place| (&text[place.value.range()], place.joint));
        assert_eq!(found, Some(("changeme", Joint::Sibling)), "{text}");
    }
    let rows = "user,password\na,changeme1\nb,changeme2\nc\nd,changeme3\n";
    assert_eq!(places(rows).len(), 2);
    for text in [
        "SELECT name, password FROM t WHERE x IN ('bob', 'changeme')",
        "f(name, password)\nvalues (1, 'changeme')",
        "call(user, password, x)\nnext(bob, changeme, y)",
        "user, password and host\nbob, changeme and more",
        "INSERT INTO t (name, password) VALUES (?, ?)",
        "| user | password |\n| bob | changeme |\n",
        "rfc2865\tUser-Name\nrfc2865\tUser-password\nrfc2865\tchangeme\n",
        "  user,\n  password,\n  changeme,\n",
        "bob,8dupassword2k,20\njoe,changeme,21\n",
    ] {
        assert!(places(text).is_empty(), "{text}");
    }
}

#[test]
fn what_is_typed_at_a_prompt_is_a_value() {
    for text in [
        "expect \"Password:\"\nsend \"changeme\\r\"",
        "expect \"*password:*\" { send -- \"changeme\\r\" }",
        "child.expect('password: ')\nchild.sendline('changeme')",
    ] {
        let found = places(text);
        assert_eq!(found.first().map(|p| &text[p.value.range()]), Some("changeme"), "{text}");
    }
    for text in [
        "expect \"Password:\"\nsend \"$password\\r\"",
        "print(\"Password:\")\nprint(\"changeme\")\n",
    ] {
        assert!(places(text).is_empty(), "{text}");
    }
}

#[test]
fn names_of_several_words_are_one() {
    for (text, word, wanted) in [
        ("Mot de passe : changeme\n", "passe", "Mot de passe"),
        ("mật khẩu: changeme\n", "mật", "mật khẩu"),
        ("Kata sandi: changeme\n", "kata", "Kata sandi"),
    ] {
        let found = found(text, text.to_lowercase().find(word).unwrap());
        let found = found.first().map(|p| (&text[p.name.range()], &text[p.value.range()]));
        assert_eq!(found, Some((wanted, "changeme")), "{text}");
    }
}

#[test]
fn values_end_where_they_should() {
    for (text, wanted) in [
        ("password: 0x,d3@5L#m7#\n", "0x,d3@5L#m7#"),
        ("Authorization: Bearer abc123", "abc123"),
        ("'Authorization': 'Bearer abc123'", "abc123"),
        ("\"token\": \"{\\\"a\\\":\\\"b\\\"}\"", "{\\\"a\\\":\\\"b\\\"}"),
        ("password: changeme=  # note", "changeme="),
        ("the password is x7k2p9, not", "x7k2p9"),
    ] {
        assert_eq!(value(text), Some(wanted), "{text}");
    }
}

#[test]
fn lines_are_described() {
    let line = |text: &str| places(text)[0].line;
    assert!(line("# password: x").comment && line("# password: x").leads);
    assert!(line("x = 1 // password: 'x'").comment);
    assert!(line("password = 'x';\n").ends);
    assert!(!line("f(password='x', y)").ends);
    assert!(!line("https://x/y?password=x").comment);
}

#[test]
fn sentences_and_pairs_give_what_looks_like_one() {
    for (text, joint) in [
        ("Password for the admin user is x7k2p9q\n", Joint::Is),
        ("password of bob@corp: x7k2p9q\n", Joint::Is),
        ("log in as bob with password x7k2p9q.\n", Joint::Is),
        ("user bob and the password x7k2p9q\n", Joint::Is),
        ("auth: bob / x7k2p9q\n", Joint::Position),
        ("user/password: bob/x7k2p9q\n", Joint::Position),
        ("- auth: admin/x7K2p9q\n", Joint::Position),
    ] {
        let place = places(text);
        let found =
            place.first().map(|place| (text[place.value.range()].to_lowercase(), place.joint));
        assert_eq!(found, Some(("x7k2p9q".to_owned(), joint)), "{text}");
    }
    for text in [
        "the password for the second user\n",
        "log in with password sha256 and more\n",
        "auth: config/app2\n",
        "auth: bob / alice\n",
    ] {
        let joined = |place: &Place| matches!(place.joint, Joint::Is | Joint::Position);
        assert!(!places(text).iter().any(joined), "{text}");
    }
}

#[test]
fn items_of_a_list_are_no_pairs() {
    assert_eq!(value("[\"password\", \"changeme\"]"), None);
    assert_eq!(value("f(\"password\", \"changeme\", \"other\")"), None);
    assert_eq!(value("token = [\"changeme\", \"other\"].concat();"), None);
    assert_eq!(value("token = [\"changeme\", name, \"other\"].join(\"\");"), None);
    assert_eq!(value("add('--password', '-p')"), None);
    assert_eq!(value("add('--password', dest='x')"), None);
    assert_eq!(value("'pass' => ['first' => '1', 'second' => '2']"), None);
}

#[test]
fn places_where_no_value_is_given() {
    for text in [
        "Retype_password=Znovu heslo pro SYSDBA:\n",
        "Authorization: Digest username=\"changeme\", realm=\"x\"",
        "<x name=\"JsonWebTokens\" publicKeyToken=\"changeme\"/>",
        "just pass dtype='changeme' to it",
        "{\"password\": {\"encrypted_data\": \"changeme\"}}",
        "pw: 1password://vault/changeme",
        "redis://password:changeme@host:6379",
        "insert('db', 'password', 'changeme')",
        "insert(Context.JNDI_PASSWORD, \"changeme\");",
        "New-Login -Password (Get-Content 'changeme')",
        "access_key: \"password\"\nhosts:\n  default: changeme\n",
        "key: password\n- name: x\n  value: changeme\n",
        "getPassword() { return \"changeme\" + suffix; }",
        "s.colonToken=o?i:changeme(56)",
        "printf(\"PASS: changeme %s\", name)",
        "version = KeePass2::FILE_VERSION_4;",
        "<x v-if=\"type === 'password'\" :icon=\"changeme\"/>",
        "runAs $args[9] -password $args[10] -x",
        "the password is",
        "the password is required",
        "password",
        "password;",
        "password)",
        "foo(password, other)",
        "password == other",
        "password\n= x",
        "password = get_password(\"db\")",
        "password = data.decode(\"utf-8\")",
    ] {
        let plain = |p: &Place| p.form.quoted || p.line.leads && p.line.ends;
        assert!(!places(text).iter().any(plain), "{text}");
    }
}
