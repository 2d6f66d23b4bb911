//! Where a credential may stand: a made-up one in every language and notation, and published dummies in every encoding.
//!
//! In: files that differ in nothing but the way in which a password is given to its name. Out: a failure for each way
//! in which none is found.

use std::fmt::Write as _;

use data_encoding::{BASE64, HEXLOWER};

use crate::support::TestRepo;
use crate::support::secrets::{password, published_example, random};

/// Name of the file, and a line with a gap for the password: `@`, `{base64}` of it or, with a user, `{login}`.
/// `(at)` is an `@`.
#[rustfmt::skip]
const PLACES: &[(&str, &str)] = &[
    ("a.c", "#define DB_PASSWORD \"@\""),
    ("a.c", "const char *password = \"@\";"),
    ("a.c", "static const char passwd[] = \"@\";"),
    ("a.c", "if (strcmp(password, \"@\") == 0) return 1;"),
    ("a.c", "struct cfg c = { .user = \"bob\", .password = \"@\" };"),
    ("a.cpp", "std::string dbPassword{\"@\"};"),
    ("a.cpp", "std::string password(\"@\");"),
    ("a.swift", "let password: String = \"@\""),
    ("a.scala", "val password = \"@\""),
    ("A.java", "private static final String PASSWORD = \"@\";"),
    ("A.java", "dataSource.setPassword(\"@\");"),
    ("A.java", "DriverManager.getConnection(\"jdbc:mysql://db/app\", \"bob\", \"@\");"),
    ("A.java", "props.put(\"password\", \"@\");"),
    ("A.java", "if (\"@\".equals(password)) {"),
    ("a.cs", "public string Password { get; set; } = \"@\";"),
    ("a.cs", "var c = new NetworkCredential(\"bob\", \"@\");"),
    ("a.go", "password := \"@\""),
    ("a.go", "cfg := Config{User: \"bob\", Password: \"@\"}"),
    ("a.go", "req.SetBasicAuth(\"bob\", \"@\")"),
    ("a.rs", "let password = \"@\";"),
    ("a.rs", "const API_SECRET: &str = \"@\";"),
    ("a.rs", "Config { user: \"bob\".into(), password: \"@\".into() }"),
    ("a.js", "const password = '@';"),
    ("a.js", "{ user: 'bob', password: '@' }"),
    ("a.js", "axios.get(u, { auth: { username: 'bob', password: '@' } })"),
    ("a.js", "config.db.password = '@';"),
    ("a.js", "config['password'] = '@';"),
    ("a.js", "const password = process.env.PASSWORD || '@';"),
    ("a.ts", "const dbPassword = process.env.DB_PASSWORD ?? '@';"),
    ("a.js", "const secret = `@`;"),
    ("a.ts", "private readonly password: string = '@';"),
    ("a.ts", "await page.type('#password', '@');"),
    ("a.py", "password = \"@\""),
    ("a.py", "connect(host=\"db\", user=\"bob\", password=\"@\")"),
    ("a.py", "{'user': 'bob', 'passwd': '@'}"),
    ("a.py", "client.login(\"bob\", \"@\")"),
    ("a.py", "PASSWORD = os.environ.get(\"DB_PASSWORD\", \"@\")"),
    ("a.py", "secret = os.getenv(\"APP_SECRET\", \"@\")"),
    ("a.py", "requests.get(url, auth=(\"bob\", \"@\"))"),
    ("a.py", "HTTPBasicAuth(\"bob\", \"@\")"),
    ("a.py", "if password == \"@\":"),
    ("a.py", "password: str = \"@\""),
    ("a.py", "SECRET = b\"@\""),
    ("a.py", "passwd = r'@'"),
    ("a.py", "password = \"\"\"@\"\"\""),
    ("a.rb", "password = \"@\""),
    ("a.rb", ":password => \"@\""),
    ("a.rb", "login(user: \"bob\", password: \"@\")"),
    ("a.rb", "ENV.fetch(\"DB_PASSWORD\", \"@\")"),
    ("a.rb", "secret = ENV['SECRET'] || '@'"),
    ("a.php", "<?php $password = '@';"),
    ("a.php", "<?php define('DB_PASSWORD', '@');"),
    ("a.php", "<?php return ['password' => '@'];"),
    ("a.php", "<?php $m = new mysqli('localhost', 'bob', '@', 'app');"),
    ("a.php", "<?php mysql_connect('localhost', 'bob', '@');"),
    ("a.php", "<?php new PDO('mysql:host=db', 'bob', '@');"),
    ("a.php", "<?php 'password' => env('DB_PASSWORD', '@'),"),
    ("a.pl", "my $password = \"@\";"),
    ("a.pl", "password => '@',"),
    ("a.pl", "DBI->connect('dbi:mysql:x', 'bob', '@');"),
    ("a.lua", "local password = \"@\""),
    ("a.R", "password <- \"@\""),
    ("a.el", "(setq smtp-password \"@\")"),
    ("a.clj", "{:user \"bob\" :password \"@\"}"),
    ("a.scm", "(define password \"@\")"),
    ("a.exs", "config :app, password: \"@\""),
    ("a.erl", "{password, \"@\"}"),
    ("a.erl", "Password = \"@\","),
    ("a.dart", "final String password = '@';"),
    ("build.gradle", "storePassword '@'"),
    ("a.vb", "Dim password As String = \"@\""),
    ("a.vbs", "strPassword = \"@\""),
    ("a.pas", "Password := '@';"),
    ("a.adb", "Password : constant String := \"@\";"),
    ("a.cbl", "       01 WS-PASSWORD PIC X(20) VALUE '@'."),
    ("a.f90", "character(len=20) :: password = '@'"),
    ("a.tcl", "set password \"@\""),
    ("a.tcl", "set password @"),
    ("a.ps1", "$password = \"@\""),
    ("a.ps1", "Connect-Thing -User bob -Password \"@\""),
    ("a.ps1", "ConvertTo-SecureString \"@\" -AsPlainText -Force"),
    ("a.ps1", "$env:DB_PASSWORD = \"@\""),
    ("a.ps1", "param([string]$Password = \"@\")"),
    ("a.bat", "set DB_PASSWORD=@"),
    ("a.cmd", "set \"PASSWORD=@\""),
    ("a.bat", "net use Z: \\\\srv\\share @ /user:bob"),
    ("a.sh", "DB_PASSWORD=@"),
    ("a.sh", "export DB_PASSWORD=\"@\""),
    ("a.sh", "PASSWORD=\"${PASSWORD:-@}\""),
    ("a.sh", ": \"${DB_PASSWORD:=@}\""),
    ("a.sh", "echo \"bob:@\" | chpasswd"),
    ("a.sh", "PGPASSWORD=@ psql -U bob app"),
    ("a.fish", "set -x DB_PASSWORD \"@\""),
    ("a.csh", "setenv DB_PASSWORD @"),
    ("a.sql", "CREATE USER bob IDENTIFIED BY '@';"),
    ("a.sql", "ALTER USER bob WITH PASSWORD '@';"),
    ("a.sql", "CREATE LOGIN bob WITH PASSWORD = '@';"),
    ("a.sql", "CREATE ROLE bob LOGIN PASSWORD '@';"),
    ("a.sql", "UPDATE users SET password = '@' WHERE name = 'bob';"),
    ("a.tf", "  password = \"@\""),
    ("variables.tf", "variable \"db_password\" {\n  type    = string\n  default = \"@\"\n}"),
    ("a.tfvars", "db_password = \"@\""),
    ("CMakeLists.txt", "set(DB_PASSWORD \"@\")"),
    ("Dockerfile", "ENV DB_PASSWORD=@"),
    ("Dockerfile", "ENV DB_PASSWORD @"),
    ("Dockerfile", "ARG NPM_TOKEN=@"),
    ("Makefile", "DB_PASSWORD := @"),
    ("Makefile", "DB_PASSWORD ?= @"),
    ("a.nix", "  password = \"@\";"),
    ("a.xml", "<user name=\"bob\" password=\"@\"/>"),
    ("a.xml", "<password>@</password>"),
    ("web.config", "<add key=\"SmtpPassword\" value=\"@\"/>"),
    ("a.xml", "<property name=\"password\" value=\"@\"/>"),
    ("a.xml", "<property name=\"hibernate.connection.password\">@</property>"),
    ("a.xml", "<entry key=\"password\">@</entry>"),
    ("a.xml", "<password><![CDATA[@]]></password>"),
    ("a.xml", "<property name=\"password\"><value>@</value></property>"),
    ("a.plist", "<key>Password</key>\n<string>@</string>"),
    ("a.html", "<input type=\"password\" name=\"password\" value=\"@\">"),
    ("a.ini", "[db]\npassword = @"),
    ("a.properties", "spring.datasource.password=@"),
    ("a.properties", "db.password: @"),
    (".env", "DB_PASSWORD=@"),
    (".env", "DB_PASSWORD='@'"),
    ("a.toml", "[db]\npassword = \"@\""),
    ("a.yml", "db:\n  password: @"),
    ("a.yml", "password: \"@\""),
    ("a.yml", "password: |\n  @"),
    ("a.yml", "password: >-\n  @"),
    ("a.yml", "env:\n  - name: DB_PASSWORD\n    value: \"@\""),
    ("docker-compose.yml", "environment:\n  - DB_PASSWORD=@"),
    ("a.yml", "db: {user: bob, password: @}"),
    ("a.yml", "password: &pw @"),
    ("a.yml", "password: !!str @"),
    ("a.yml", "data:\n  app.ini: |\n    [db]\n    password = @"),
    ("a.yml", "data:\n  application.properties: |\n    spring.datasource.password=@"),
    ("a.json", "{\"password\": \"@\"}"),
    ("a.json", "{\"db\": {\"user\": \"bob\",\n \"secret\": \"@\"}}"),
    ("a.json", "{\"name\": \"DB_PASSWORD\", \"value\": \"@\"}"),
    ("a.json", "{\n  \"name\": \"DB_PASSWORD\",\n  \"value\": \"@\"\n}"),
    ("a.json", "{\"cfg\": \"{\\\"password\\\": \\\"@\\\"}\"}"),
    ("a.conf", "db { password = \"@\" }"),
    ("a.conf", "  set $secret \"@\";"),
    ("a.sh", "mysql -u bob -p@ app"),
    ("a.sh", "mysqldump --user=bob --password=@ app"),
    ("a.sh", "tool --user bob --password @"),
    ("a.sh", "tool --password \"@\""),
    ("a.sh", "tool login --token @"),
    ("a.sh", "curl -u bob:@ https://x.io/"),
    ("a.sh", "curl -H \"Authorization: Bearer @\" https://x.io/"),
    ("a.sh", "curl -H \"X-Api-Key: @\" https://x.io/"),
    ("a.sh", "curl -d '{\"user\":\"bob\",\"password\":\"@\"}' https://x.io/"),
    ("a.sh", "curl -d \"user=bob&password=@\" https://x.io/"),
    ("a.sh", "wget --user=bob --password=@ https://x.io/"),
    ("a.sh", "sshpass -p '@' ssh bob"),
    ("a.sh", "docker login -u bob -p @ reg.acme.io"),
    ("a.sh", "echo @ | docker login -u bob --password-stdin"),
    ("a.sh", "mongo -u bob -p @ db"),
    ("a.sh", "redis-cli -h h -a @ ping"),
    ("a.sh", "ldapsearch -D cn=admin,dc=x -w @ -b dc=x"),
    ("a.sh", "openssl rsa -in k -passin pass:@"),
    ("a.sh", "htpasswd -b .htpasswd bob @"),
    ("a.sh", "zip -P @ a.zip b"),
    ("a.sh", "smbclient //srv/s -U bob%@"),
    ("a.sh", "RSYNC_PASSWORD=@ rsync a b"),
    ("a.sh", "sqlcmd -S h -U sa -P @"),
    ("a.sh", "lftp -u bob,@ ftp.x.io"),
    ("a.sh", "helm registry login -u bob -p @ r.io"),
    ("a.sh", "npm config set //r.io/:_password @"),
    ("a.sh", "java -Djavax.net.ssl.keyStorePassword=@ -jar a"),
    ("a.txt", "https://bob:@(at)git.acme.io/x.git"),
    ("a.txt", "postgres://bob:@(at)db.acme.io/app"),
    ("a.txt", "redis://:@(at)cache.acme.io:6379/0"),
    ("a.txt", "ftp://bob:@(at)files.acme.io/"),
    ("a.txt", "smtp://bob:@(at)mail.acme.io:587"),
    ("a.txt", "foo+bar://bob:@(at)h.acme.io"),
    ("a.py", "engine = create_engine('postgresql+psycopg2://bob:@(at)db/app')"),
    ("a.properties", "url=jdbc:postgresql://db/app?user=bob&password=@"),
    ("a.java", "\"jdbc:sqlserver://db;user=bob;password=@;\""),
    ("a.java", "\"jdbc:oracle:thin:bob/@(at)db:1521:x\""),
    ("web.config", "<add connectionString=\"Server=db;Database=a;User Id=bob;Password=@;\"/>"),
    ("a.ini", "conn=Driver={SQL Server};Server=db;UID=bob;PWD=@;"),
    ("a.py", "pyodbc.connect(\"DRIVER={x};SERVER=db;UID=bob;PWD=@\")"),
    ("a.go", "db := \"host=db user=bob password=@ dbname=a\""),
    ("a.go", "sql.Open(\"mysql\", \"bob:@(at)tcp(db:3306)/app\")"),
    ("a.http", "X-Api-Key: @"),
    ("a.http", "Authorization: Bearer @"),
    ("a.http", "Authorization: Token @"),
    ("a.http", "Authorization: Basic {login}"),
    ("a.js", "headers: { 'X-Auth-Token': '@' }"),
    ("a.py", "headers = {'Authorization': 'Bearer @'}"),
    (".netrc", "machine api.acme.io login bob password @"),
    (".netrc", "machine api.acme.io\n  login bob\n  password @"),
    (".pgpass", "db.acme.io:5432:app:bob:@"),
    (".my.cnf", "[client]\nuser=bob\npassword=@"),
    (".git-credentials", "https://bob:@(at)git.acme.io"),
    ("a.py", "# password is @"),
    ("a.js", "// the admin password: @"),
    ("README.md", "The default password is `@`."),
    ("README.md", "Username: bob\nPassword: @"),
    ("README.md", "Das Passwort lautet @"),
    ("README.md", "La contraseña es @"),
    ("README.md", "密码：@"),
    ("README.md", "пароль: @"),
    ("a.yml", "数据库密码: @"),
    ("a.ini", "kennwort=@"),
    ("a.py", "mot_de_passe = \"@\""),
    ("a.py", "senha = \"@\""),
    ("a.py", "haslo = \"@\""),
    ("a.py", "wachtwoord = \"@\""),
    ("a.py", "authenticate(\"bob\", \"@\")"),
    ("a.js", "client.setSecret(\"@\")"),
    ("a.cs", "builder.WithPassword(\"@\")"),
    ("a.java", ".password(\"@\")"),
    ("a.py", "driver.find_element(By.ID, \"password\").send_keys(\"@\")"),
    ("a.js", "cy.get('#password').type('@')"),
    ("a.yml", "- name: x\n  mysql_user: name=bob password=@"),
    ("hosts.ini", "h1 ansible_host=1.2.3.4 ansible_user=root ansible_ssh_pass=@"),
    (".github/workflows/a.yml", "        env:\n          API_TOKEN: @"),
    ("a.sh", "helm install x --set auth.password=@"),
    ("a.sh", "kubectl create secret generic x --from-literal=password=@"),
    ("a.yml", "kind: Secret\nstringData:\n  password: @"),
    ("a.yml", "apiVersion: v1\nkind: Secret\ndata:\n  password: {base64}"),
    ("a.yml", "apiVersion: v1\nkind: Secret\ndata:\n  config: {base64}"),
    ("config.json", "{\"auths\": {\"r.io\": {\"auth\": \"{login}\"}}}"),
    ("a.ipynb", "{\"cells\":[{\"cell_type\":\"code\",\"source\":[\"password = '@'\\n\"]}]}"),
    ("a.postman_collection.json", "{\"key\": \"password\", \"value\": \"@\", \"type\": \"string\"}"),
    ("a.har", "{\"name\": \"Authorization\", \"value\": \"Bearer @\"}"),
    (".bash_history", "mysql -ubob -p@"),
    ("a.conf", "  psk=\"@\""),
    ("a.vim", "let g:db_password = '@'"),
    ("a.rst", "``password``: ``@``"),
    ("a.graphql", "mutation { login(user: \"bob\", password: \"@\") { ok } }"),
    ("Jenkinsfile", "withEnv(['DB_PASSWORD=@']) {"),
    ("a.sls", "mysql.pass: @"),
    ("crontab", "0 1 * * * DB_PASSWORD=@ /bin/x"),
    ("a.service", "Environment=\"DB_PASSWORD=@\""),
    ("a.reg", "\"Password\"=\"@\""),
    ("a.cfg", "username bob password 0 @"),
    ("sip.conf", "secret=@"),
    ("a.abap", "DATA password TYPE string VALUE '@'."),
    ("a.sql", "v_password VARCHAR2(30) := '@';"),
    ("a.sol", "string constant password = \"@\";"),
    ("a.zig", "const password = \"@\";"),
    ("a.applescript", "set myPassword to \"@\""),
    ("a.ahk", "password := \"@\""),
    ("a.bicep", "param adminPassword string = '@'"),
    ("a.json", "\"adminPassword\": {\"value\": \"@\"}"),
    ("a.json", "\"adminPassword\": {\"type\": \"securestring\", \"defaultValue\": \"@\"}"),
    ("a.yml", "MasterUserPassword: @"),
    ("a.yml", "  DBPassword:\n    Type: String\n    Default: @"),
    ("a.yml", "config:\n  x:dbPassword: @"),
    ("wp-config.php", "define( 'DB_PASSWORD', '@' );"),
    ("a.js", "auth: { user: 'bob(at)acme.io', pass: '@' }"),
    ("a.py", "server.login(\"bob(at)acme.io\", \"@\")"),
    ("a.py", "psycopg2.connect(\"dbname=a user=bob password=@\")"),
    ("a.py", "MySQLdb.connect(\"localhost\", \"bob\", \"@\", \"db\")"),
    ("a.py", "ssh.connect(\"db.acme.io\", 22, \"bob\", \"@\")"),
    ("a.py", "smtplib.SMTP(\"mail\").login(\"bob(at)acme.io\", \"@\")"),
    ("a.sql", "INSERT INTO users (name, password) VALUES ('bob', '@');"),
    ("a.sql", "INSERT INTO `u` (`id`, `api_token`, `x`)\nVALUES (1, '@', NULL), (2, '@', 3);"),
    ("a.csv", "user,password,url\nbob,@,https://x.io"),
    ("a.tsv", "user\tpassword\nbob\t@"),
    ("a.csv", "\"user\";\"password\"\n\"bob\";\"@\""),
    ("README.md", "| user | password |\n| --- | --- |\n| bob | @ |"),
    ("README.md", "| Password | URL |\n|:--|:--|\n| `@` | x.io |"),
    ("README.md", "Mot de passe : @"),
    ("README.md", "Palavra-passe: @"),
    ("README.md", "Mật khẩu: @"),
    ("README.md", "Kata sandi: @"),
    ("a.py", "passord = \"@\""),
    ("a.py", "geslo = \"@\""),
    ("a.py", "contrasenya = \"@\""),
    ("a.yml", "slaptažodis: @"),
    ("a.ini", "парола=@"),
    ("a.yml", "κωδικός: @"),
    ("a.py", "chiave_segreta = \"@\""),
    ("a.py", "clave_secreta = \"@\""),
    ("a.py", "chave_secreta = \"@\""),
    ("a.py", "cle_secrete = \"@\""),
    ("a.py", "geheimer_schluessel = \"@\""),
    ("a.py", "geheime_sleutel = \"@\""),
    ("a.py", "tajny_klucz = \"@\""),
    ("a.py", "gizli_anahtar = \"@\""),
    ("a.yml", "секретный_ключ: @"),
    ("a.yml", "秘密鍵: @"),
    ("a.exp", "expect \"Password:\"\nsend \"@\\r\""),
    ("a.py", "child.expect('password:')\nchild.sendline('@')"),
    ("a.dtsx", "<DTS:Property DTS:Name=\"Password\" DTS:Sensitive=\"1\">@</DTS:Property>"),
    ("a.xml", "<Property Name=\"Password\">@</Property>"),
    ("a.dtsx", "<x DTS:ConnectionString=\"Data Source=db;User ID=bob;Password=@;Initial Catalog=a;\"/>"),
];

/// Passwords of letters and digits, as bare words need them.
fn passwords() -> [String; 2] {
    let some = |seed| random(seed, b"abcdefghkmnpqrstuvwxyzACDEFHKLMNPRTUVWX", 8);
    [[&some(1), "7", &some(2)[..4], "2"].concat(), ["q8", &some(3), "4X"].concat()]
}

/// `line` with the password in its gap.
fn filled(line: &str, password: &str) -> String {
    let login = BASE64.encode(["bob:", password].concat().as_bytes());
    line.replace('@', password)
        .replace("(at)", "@")
        .replace("{login}", &login)
        .replace("{base64}", &BASE64.encode(password.as_bytes()))
}

#[test]
fn a_password_is_found_wherever_one_may_stand() {
    let repo = TestRepo::plain();
    for (round, password) in passwords().iter().enumerate() {
        for (number, (file, line)) in PLACES.iter().enumerate() {
            repo.write(format!("{round}/{number}/{file}"), filled(line, password) + "\n");
        }
    }
    let found = repo.json(&["scan", "."]).exits(1).paths();
    let mut missed = String::new();
    for (number, (file, line)) in PLACES.iter().enumerate() {
        let seen = |round| found.contains(&format!("{round}/{number}/{file}"));
        if !seen(0) || !seen(1) {
            let _ = writeln!(missed, "{file}: {line}");
        }
    }
    assert!(missed.is_empty(), "\n{missed}");
}

#[test]
fn without_a_value_the_same_places_hold_none() {
    let repo = TestRepo::plain();
    for (number, (file, line)) in PLACES.iter().enumerate() {
        repo.write(format!("{number}/{file}"), filled(line, "changeme") + "\n");
    }
    assert_eq!(repo.json(&["scan", "."]).exits(0).paths(), Vec::<String>::new());
}

#[test]
fn a_rule_for_some_paths_hides_nothing_at_others() {
    let repo = TestRepo::new();
    let secret = ["deploy", ":", &password(4).replace('#', "-"), "@git.internal"].concat();
    for file in ["notes.txt", ".git-credentials"] {
        repo.write(file, format!("https://{secret}/x.git\n"));
    }
    let conf = ["password = ", &passwords()[0], "\n"].concat();
    repo.write("app.ini", format!("repository = https://repo.internal/\n{conf}"));
    let rules = |command: &str| {
        let found = repo.json(&[command]).exits(1).findings();
        let pair =
            |f: &serde_json::Value| format!("{} {}", f["path"], f["rule_id"]).replace('"', "");
        let mut pairs: Vec<String> = found.iter().map(pair).collect();
        pairs.sort();
        pairs
    };
    let wanted = [
        ".git-credentials git-credentials-line",
        "app.ini generic-password",
        "notes.txt url-basic-auth",
    ];
    assert_eq!(rules("scan"), wanted);
    repo.commit("all");
    assert_eq!(rules("history"), wanted);
}

#[test]
fn published_dummies_count_as_such_in_every_encoding() {
    let (_, secret) = published_example();
    let minio = ["zuf+tfteSlswRu7BJ86w", "ekitnifILbZam1KYY3TG"].concat();
    let ganache = ["4f3edf983ac636a65a842ce7c78d9aa7", "06d3b113bce9c46f30d7d21715b23b1d"].concat();
    for (name, value) in
        [("AWS_SECRET_ACCESS_KEY", secret), ("api_secret", minio), ("PRIVATE_KEY", ganache)]
    {
        let line = format!("{name}=\"{value}\"\n");
        let (head, tail) = value.split_at(value.len() / 2);
        let percent = line.bytes().map(|b| format!("%{b:02X}")).collect::<Vec<_>>().concat();
        let escapes = value.bytes().map(|b| format!("\\u{b:04x}")).collect::<Vec<_>>().concat();
        let wide: Vec<u8> = line.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for (how, text) in [
            ("plain", line.clone().into_bytes()),
            ("base64", BASE64.encode(line.as_bytes()).into_bytes()),
            ("base64 value", format!("{name}: {}\n", BASE64.encode(value.as_bytes())).into()),
            ("hex", HEXLOWER.encode(line.as_bytes()).into_bytes()),
            ("percent", percent.into_bytes()),
            ("escapes", format!("{name} = \"{escapes}\"\n").into_bytes()),
            ("wide", [&b"\xff\xfe"[..], &wide].concat()),
            ("parts", format!("{name} = \"{head}\" + \"{tail}\"\n").into_bytes()),
        ] {
            let repo = TestRepo::plain();
            repo.write("a.js", text);
            let ran = repo.json(&["scan", "a.js"]).exits(0);
            // What no name tells once it is decoded is not even counted.
            let counted = ran.suppressed("example") > 0 || how == "base64 value";
            assert!(counted, "{name} {how}: {}", ran.out());
        }
    }
}
