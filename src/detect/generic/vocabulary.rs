//! The words that names are made of.
//!
//! In: a word in small letters. Out: the lists that it stands in or ends in, which say what it does for the meaning of
//! a name.

use crate::detect::lists::{Lists, slots};

/// Single words that mean a password, wherever they end a word.
const PASSWORDS: &str = "\
    password passwd passwrd passphrase passcode passwort kennwort contrasena contraseña senha \
    pwd pswd passw mdp motdepasse wachtwoord haslo hasło losenord lösenord parola пароль пароля \
    salasana adgangskode jelszo jelszó heslo sifre şifre lozinka parool passord contrasenya contrasinal slaptazodis slaptažodis salasõna \
    pasahitza geslo парола κωδικός khẩu khau sandi المرور السر סיסמה 密码 密碼 口令 パスワード \
    비밀번호 암호";
/// Whole words that mean a password.
const SHORT_PASSWORDS: &str = "pass psw pw clave";
/// Words that end like one and mean something else.
const PASSES: &str = "\
    askpass bypass compass trespass surpass overpass underpass phpass onepass multipass subpass \
    prepass renderpass lowpass highpass bandpass allpass encompass keepass minipass getpass rowkey \
    kpasswd getpasswd nopasswd nopassword prekey prekeys tracekey csrfmiddlewaretoken csrftoken xsrftoken namepass fieldpass tagpass oldpwd formkey resourcekey pubkey publickey tiktoken";
/// What makes a `pass` a round of work.
const ROUNDS: &str = "\
    fastcgi uwsgi scgi grpc memcached run expect unquote one multi render compute shadow depth sub pre post first second third last next final single \
    two name field tag optimization analysis lowering compiler backward forward geometry blur light type priority \
    test tests tests did must should can proxy t tc";
/// Words that mean a secret, wherever they end a word.
const SECRETS: &str = "\
    secret secrets geheimnis geheim секрет segreto segreta segredo secreto secreta secrete secrète sekret rahasia \
    シークレット 시크릿";
/// Words that mean a token, wherever they end a word.
const TOKENS: &str = "token tokens токен jeton 令牌 トークン 토큰 jwt";
/// Words that mean a key that is secret, wherever they end a word.
const KEY_WORDS: &str = "apikey secretkey accesskey privatekey authkey schlüssel schluessel 密钥 秘钥 密鑰 私钥 私鑰 秘密鍵 비밀키";
/// Words for a key in other languages, that mean one if a word before them says so.
const KEY_NOUNS: &str = "key klucz klic klíč anahtar anahtarı sleutel ключ kunci";
/// What makes a `key` a secret one.
const KEYS: &str = "\
    api access private secret auth encryption encrypt enc sign signing signature master account \
    storage service subscription shared session admin deploy hmac aes crypto cipher jwt consumer \
    integration app application license client server host write security cookie mac certificate \
    org verification maps vapid webhook bot feed ingest instrumentation \
    tajny tajný gizli geheime секретный секретний приватный закрытый \
    stripe merchant partner vault recovery des rsa ssh tls ssl ec ecdsa psk wep wpa";
/// What follows the word when the value is about a credential but none.
const TAILS: &str = "\
    url uri path file filename dir directory folder name names type types length len size min \
    max count limit limits expiry expires expire expiration expired ttl timeout lifetime \
    duration age format field fields label hint prompt placeholder message msg error errors err \
    regex regexp pattern policy policies rule rules hash hashes hasher hashers digest fingerprint thumbprint algorithm algo alg \
    header headers prefix suffix id ids ref refs version enabled disabled required valid invalid \
    validator strength manager provider store storage resolver service client factory builder \
    handler helper class kind scope scopes status state endpoint address host port page form \
    input button title text description desc doc docs help usage info link icon index idx \
    position pos start end stream list array map set table column count counts bits bytes issuer \
    audience method mode grant template selector arn region reset change changed update updated \
    recovery forgot authentication authenticator env var variable attribute attr property prop \
    param parameter arg argument option options config settings test tests spec example examples usages \
    data key keys ring chain pair ping at by in of for from to with is was and or checksum salt \
    iv nonce signature budget holder char chars separator proof accessor embd embedding embeddings weight weights";
/// What ends a name whose value is never one.
const ENDS: &str = "name names uuid guid tag within store option options url uri type types ref refs length len size count ttl timeout expiry format hash hashes fingerprint thumbprint prefix scheme";
/// What comes before the word when it is about something else.
const HEADS: &str = "\
    is has have no use uses using with without forgot forgotten reset change many show hide enable \
    disable require requires invalid wrong missing check verify validate legal illegal need needs allow min \
    max num public site anon count csrf xsrf authenticity forgery page continuation cancellation pagination sync prompt completion primary foreign partition cache hash hashed \
    tokenizer withdrawal encrypted encoded response challenge get delete remove create generate list from";

/// What makes a key or token one that everybody may see, right before the word.
const OPEN: &str = "\
    public pub site existing lookup next page paging pagination continuation stylesheet socket idempotency creation \
    csrf xsrf authenticity forgery request action encrypted sealed wrapped ws amz \
    prekey unique lock change update unit format regex sequence forward backward starting resumption sort uplink definition";
/// What tells that a name is about something else, but only right before the word.
const NEAR: &str = "\
    image video lex parse parser syntax eof bos eos pad unk mask sep cls special design theme \
    color colour stop start end next";

/// What may follow the word and changes nothing: which one it is, and how it is written.
const PLAIN: &str = "\
    dev prod production staging stage qa uat live local value val string str default old new base64 \
    b64 hex plain raw confirmation confirm again repeat root admin user db current primary secondary \
    main a b x my encoded decoded cleartext plaintext ro rw sys system";

/// Words of names whose values are made up.
const TESTS: &str = "\
    test tests testing mock mocked fake dummy example sample demo invalid wrong bad incorrect \
    expected default fixture stub";
/// Words that say what a credential opens.
const OWNERS: &str = "\
    db database mysql postgres postgresql pg redis mongo mongodb smtp mail email ldap ssh ftp \
    admin root user client app application api aws azure gcp google github gitlab slack stripe \
    server service account master private access jwt session consumer proxy vault docker registry";

/// Words that make a key one that everybody may see, wherever they stand.
const PUBLIC: &str = "public pub publishable";
/// Words that mean a credential of some kind, wherever they end a word.
const CREDENTIALS: &str = "credential credentials creds";

/// The lists that a word may stand in, or end in. The order is that of [`LISTS`].
#[derive(Clone, Copy)]
pub(super) enum List {
    Passwords,
    Shorts,
    Passes,
    Rounds,
    Secrets,
    Tokens,
    Credentials,
    KeyWords,
    KeyNouns,
    Keys,
    Tails,
    Ends,
    Heads,
    Open,
    Public,
    Near,
    Plain,
    Tests,
    Owners,
}

const LISTS: &[&str] = &[
    PASSWORDS,
    SHORT_PASSWORDS,
    PASSES,
    ROUNDS,
    SECRETS,
    TOKENS,
    CREDENTIALS,
    KEY_WORDS,
    KEY_NOUNS,
    KEYS,
    TAILS,
    ENDS,
    HEADS,
    OPEN,
    PUBLIC,
    NEAR,
    PLAIN,
    TESTS,
    OWNERS,
];
pub(super) static LISTED: Lists<{ slots(LISTS) }> = Lists::new(LISTS);

/// A word of a name, and the lists it stands in.
#[derive(Clone, Copy)]
pub(super) struct Word<'n> {
    pub(super) text: &'n str,
    pub(super) lists: u32,
}

impl Word<'_> {
    pub(super) fn is(self, list: List) -> bool {
        self.lists >> list as u32 & 1 != 0
    }

    pub(super) fn is_number(self) -> bool {
        self.text.bytes().all(|b| b.is_ascii_digit())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_know_their_lists() {
        let list = |list: List| LISTS[list as usize];
        assert_eq!(list(List::Passwords), PASSWORDS);
        assert_eq!(list(List::Tails), TAILS);
        assert_eq!(list(List::Owners), OWNERS);
        assert_eq!(LISTS.len(), List::Owners as usize + 1);
    }
}
