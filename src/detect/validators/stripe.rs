//! Stripe keys, which hold the id of their account.
//!
//! In: a key. Out: `Unproven`, with the account where the key is long enough to hold one.

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
}
