//! What people write in their languages where a credential belongs: "your password here", `dein-passwort`.
//!
//! In: a value. Out: whether it says, in whole words, that the real value goes there. No word is looked for inside
//! another one, so a value that is random, or a password made of other words, is never taken for one.

use crate::detect::generic::joined;

/// Longest value that is read.
const LONGEST: usize = 80;

/// Whose the real value is.
#[rustfmt::skip]
const OWN: &[&str] = &[
    "anda", "bạn", "của", "dein", "deine", "deinem", "deinen", "deines", "ditt", "dumneavoastra",
    "dvs", "euer", "eure", "ihr", "ihre", "ihrem", "ihren", "jouw", "kamu", "senin", "seu",
    "seus", "sinun", "sizin", "su", "sua", "suas", "suo", "sus", "teidän", "tes", "teu", "ton",
    "tu", "tua", "tuo", "tuoi", "tus", "tvoje", "tvuj", "tvůj", "twoj", "twoja", "twoje",
    "twojego", "twój", "tău", "uw", "vaše", "vos", "vostra", "vostro", "votre", "vuestra",
    "vuestras", "vuestro", "váš", "wasze", "your", "yours", "ваш", "ваша", "ваше", "вашу", "ваші",
    "твой", "твоя", "твоё", "твоє", "твій",
];

/// What is to be done, and where.
#[rustfmt::skip]
const HERE: &[&str] = &[
    "aca", "acá", "add", "aendern", "aici", "alterar", "altere", "aqui", "aquí", "buraya",
    "cambia", "cambiame", "cambiami", "cambiar", "cambie", "changer", "changez", "coloca",
    "colocar", "coloque", "cámbiala", "cámbiame", "degistir", "degistirin", "değiştir",
    "değiştirin", "digite", "disini", "doplňte", "einfuegen", "einfügen", "eingeben", "einsetzen",
    "eintragen", "enter", "entrez", "ersetzen", "escriba", "escribe", "fill", "ganti", "girin",
    "giriniz", "goes", "her", "here", "hier", "här", "ici", "ide", "ingresa", "ingresar",
    "ingrese", "inserer", "inserir", "inserire", "inserisci", "insert", "inserta", "insertar",
    "insira", "insérer", "introduce", "introducir", "introduzca", "invoeren", "invullen", "isi",
    "masukkan", "mettez", "metti", "mettre", "mudar", "mude", "nhap", "nhập", "paste", "podaj",
    "pon", "poner", "provide", "put", "qui", "reemplace", "reemplaza", "reemplazar", "remplacer",
    "remplacez", "remplissez", "replace", "saisir", "saisissez", "scrivi", "sem", "set",
    "sostituire", "sostituisci", "substitua", "substituir", "thay", "trocar", "troque", "tutaj",
    "type", "tänne", "ubah", "uzupełnij", "vervang", "vervangen", "vlozte", "vložit", "vložte",
    "vul", "wijzig", "wijzigen", "wpisz", "write", "wstaw", "yazin", "yazın", "zadejte", "zde",
    "zmente", "zmien", "zmień", "změňte", "ändern", "điền", "đây", "введите", "введіть",
    "вкажіть", "впишите", "вставить", "вставте", "вставьте", "замените", "заменить", "замініть",
    "здесь", "змініть", "измените", "смените", "сюда", "тут", "укажите",
];

/// What the value would be; one that says no more holds the place of one.
#[rustfmt::skip]
const CREDENTIALS: &[&str] = &[
    "adgangskode", "anahtar", "anahtarı", "chave", "chiave", "clave", "cle", "clef", "clé",
    "contrasena", "contrasenia", "contraseña", "geheim", "geheimnis", "haslo", "hasło", "heslo",
    "identifiant", "jelszo", "jelszó", "jeton", "katasandi", "kennwort", "khau", "khẩu", "klic",
    "klucz", "klíč", "kunci", "llave", "losenord", "lozinka", "lösenord", "matkhau", "motdepasse",
    "palavrapasse", "parola", "parolam", "parolaniz", "parolanız", "parolunuz", "parool",
    "passwort", "passwörter", "rahasia", "salasana", "sandi", "schluessel", "schlüssel",
    "secreta", "secreto", "secrète", "segredo", "segreto", "sekret", "senha", "sifre", "sifreniz",
    "sleutel", "tajemství", "wachtwoord", "zugangsdaten", "şifre", "şifreniz", "ключ", "пароль",
    "пароля", "секрет", "токен",
];

/// Words that go with these and say nothing alone.
#[rustfmt::skip]
const GLUE: &[&str] = &[
    "a", "access", "account", "actual", "admin", "an", "api", "apikey", "app", "application",
    "auth", "client", "credential", "credentials", "da", "das", "database", "db", "de", "del",
    "della", "den", "der", "des", "di", "die", "do", "dos", "du", "een", "het", "id", "kata",
    "key", "keys", "l", "la", "le", "les", "login", "ma", "mat", "mein", "meine", "meinen", "meu",
    "mi", "mijn", "minha", "moja", "moje", "mon", "mot", "moy", "my", "mật", "name", "own",
    "pass", "passe", "passwd", "password", "private", "public", "pwd", "real", "root", "secret",
    "server", "service", "string", "the", "this", "token", "user", "username", "value", "with",
    "мой", "моя",
];

/// The same where words are not parted: no random value holds any of these.
#[rustfmt::skip]
const RUNS: &[&str] = &[
    "你的", "您的", "请输入", "請輸入", "在此", "这里", "密码", "密碼", "口令", "密钥", "パスワード", "あなたの", "ここに", "入力",
    "비밀번호", "암호", "당신의", "여기", "입력", "รหัสผ่าน", "كلمة المرور", "كلمة السر", "كلمة_المرور", "كلمة_السر", "סיסמה",
    "पासवर्ड", "mật khẩu", "kata sandi",
];

/// Whole values that say that there is none.
#[rustfmt::skip]
const NONE: &[&str] = &[
    "anonymized", "censored", "confidential", "hidden", "masked", "n/a", "not set", "not-set", "not_set", "obfuscated",
    "omitted", "removed", "sanitized", "scrubbed", "suppressed", "tba", "tbd", "unset", "unused", "withheld",
];

/// Why `value` holds the place of a credential, by its words.
pub(super) fn reason(value: &[u8]) -> Option<&'static str> {
    if value.len() > LONGEST || value.iter().any(u8::is_ascii_digit) {
        return None;
    }
    let text = std::str::from_utf8(value).ok()?;
    if !text.is_ascii() && RUNS.iter().any(|run| text.contains(run)) {
        return Some("a word for a credential");
    }
    let lower = text.to_lowercase();
    if NONE.binary_search(&lower.as_str()).is_ok() {
        return Some("none");
    }
    let (words, ends) = joined(value);
    let (mut own, mut named, mut start) = (false, 0, 0);
    for &end in &ends {
        let word = &words[start..end];
        start = end;
        let among = |list: &[&str]| list.binary_search(&word).is_ok();
        if among(CREDENTIALS) {
            named += 1;
        } else if among(OWN) || among(HERE) {
            own = true;
        } else if !among(GLUE) {
            return None;
        }
    }
    // `enter` and `typeset` alone may be passwords; with a second word they speak to the reader.
    (own && ends.len() > 1 || named > 0).then_some("words that stand for a credential")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sorted() {
        for list in [OWN, HERE, CREDENTIALS, GLUE, NONE] {
            assert!(list.is_sorted());
        }
    }

    #[test]
    fn placeholders_of_many_languages() {
        for value in [
            "dein-passwort",
            "Ihr Kennwort hier",
            "votre_mot_de_passe",
            "contraseña",
            "tu_clave_aqui",
            "senha",
            "sua-senha-aqui",
            "la_tua_password",
            "jouw wachtwoord",
            "twoje-haslo",
            "vaše heslo",
            "parolunuz",
            "ваш_пароль",
            "введите пароль",
            "你的密码",
            "パスワード",
            "비밀번호",
            "mật khẩu của bạn",
            "kata_sandi_anda",
            "كلمة المرور",
            "insert your password here",
            "enterYourApiKeyHere",
            "n/a",
            "hidden",
            "PUT_TOKEN_HERE",
        ] {
            assert!(reason(value.as_bytes()).is_some(), "{value}");
        }
    }

    #[test]
    fn passwords_of_other_words_are_none() {
        for value in [
            "password",
            "hunter",
            "correct horse battery staple",
            "senhaforte",
            "parola7",
            "heslo-Praha",
            "qzkXwLmTnPbRsVd",
            "enter",
            "secretsauce",
            "mein Hund bellt",
            "ключница",
        ] {
            assert_eq!(reason(value.as_bytes()), None, "{value}");
        }
    }
}
