//! Keys whose shape carries a hint and no more: Stripe's account id, `SendGrid`'s two numbers.
//!
//! In: a key. Out: `Unproven` with what the shape tells, `Doubtful` where it does not fit.

use super::payload::base64;
use super::{Evidence, Outcome, Subject};

/// Characters of an account id after `acct_1`.
const ACCOUNT: usize = 15;

/// Current keys are long and begin `51` and the account id without its `acct_1`.
pub(super) fn account(subject: &Subject<'_>) -> Outcome {
    let body = subject.secret.rsplit(|&b| b == b'_').next();
    let id = body
        .filter(|body| body.len() > 60)
        .and_then(|body| body.strip_prefix(b"51")?.get(..ACCOUNT))
        .and_then(|id| std::str::from_utf8(id).ok());
    let fact = id.map(|id| Evidence::Fact("account", format!("acct_1{id}")));
    Outcome::Unproven(fact.into_iter().collect())
}

/// `SG.`, 16 bytes, `.`, 32 bytes: their last characters have six spare bits, all clear.
pub(super) fn sendgrid(subject: &Subject<'_>) -> Outcome {
    let mut parts = subject.secret.split(|&b| b == b'.').skip(1);
    let sizes = [parts.next(), parts.next()].map(|part| {
        let part = part?;
        let bytes = base64(part)?;
        let again = data_encoding::BASE64URL_NOPAD.encode(&bytes);
        (again.as_bytes() == part).then_some(bytes.len())
    });
    if sizes == [Some(16), Some(32)] {
        Outcome::Unproven(vec![Evidence::Structure("16 and 32 bytes".into())])
    } else {
        Outcome::Doubtful(Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use super::super::trial::{facts, outcome_of};
    use super::*;

    #[test]
    fn account_of_current_keys() {
        let random = "q7Zt".repeat(20);
        let key = ["sk_live", "_51", "LkZ9wQeRtYmNbVc", &random].concat();
        assert_eq!(facts(&outcome_of(account, &key)), ["account:acct_1LkZ9wQeRtYmNbVc"]);
        let older = ["sk_live", "_51LkZ9wQeRtYmNbVcq7Zt8Wp"].concat();
        assert_eq!(outcome_of(account, &older), Outcome::Unproven(Vec::new()));
        assert_eq!(outcome_of(account, ""), Outcome::Unproven(Vec::new()));
    }

    #[test]
    fn spare_bits() {
        let encode = |bytes: &[u8]| data_encoding::BASE64URL_NOPAD.encode(bytes);
        let (id, secret) = (encode(&[0xa7; 16]), encode(&[0x9c; 32]));
        let fits = |id: &str, secret: &str| {
            let key = ["SG", id, secret].join(".");
            matches!(outcome_of(sendgrid, &key), Outcome::Unproven(_))
        };
        assert!(fits(&id, &secret));
        assert!(!fits(&id.replace("pw", "px"), &secret));
        assert!(!fits(&id, &secret[1..]));
        assert!(!fits("", ""));
    }
}
