//! What detect-secrets 1.5.0 stored for one dummy of each type.
//!
//! The dummies are assembled at run time: `|` parts their pieces, and `<alphabet length>` stands for
//! characters drawn from it. Digests have a blank in the middle.

/// One dummy, and what the program stored for the file `before secret after`.
pub(crate) struct Case {
    pub(crate) rule: &'static str,
    pub(crate) path: &'static str,
    before: &'static str,
    secret: &'static str,
    after: &'static str,
    /// Type and digest.
    pub(crate) stored: &'static [(&'static str, &'static str)],
}

impl Case {
    /// The dummy. `row` is the case's place in [`CASES`], from which its characters are drawn.
    pub(crate) fn secret(&self, row: usize) -> String {
        let pieces = self.secret.split('|').enumerate();
        pieces.map(|(at, piece)| written(piece, 100 * row + at)).collect()
    }

    /// The file that holds it.
    pub(crate) fn text(&self, row: usize) -> String {
        [self.before, &self.secret(row), self.after].concat()
    }
}

fn written(piece: &str, seed: usize) -> String {
    let inner = piece.strip_prefix('<').and_then(|p| p.strip_suffix('>'));
    let Some((name, length)) = inner.and_then(|inner| inner.split_once(' ')) else {
        return piece.to_owned();
    };
    let upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let alphabet = match name {
        "alnum" => [upper, &upper.to_lowercase(), "0123456789"].concat(),
        "upper" => [upper, "0123456789"].concat(),
        "hex" => "0123456789abcdef".to_owned(),
        _ => "123456789".to_owned(),
    };
    draw(alphabet.as_bytes(), length.parse().expect("a number"), seed)
}

/// Characters of an alphabet, drawn by a linear congruential generator.
pub(crate) fn draw(alphabet: &[u8], length: usize, seed: usize) -> String {
    let mut state = seed;
    let mut next = || {
        state = (state * 1_103_515_245 + 12_345) & 0x7fff_ffff;
        char::from(alphabet[(state >> 16) % alphabet.len()])
    };
    (0..length).map(|_| next()).collect()
}

/// One case a type, more where a type has several forms.
pub(crate) const CASES: &[Case] = &[
    Case {
        rule: "github-pat-classic",
        path: "github.py",
        before: "value = \"",
        secret: "ghp|_|<alnum 36>",
        after: "\"\n",
        stored: &[
            ("Base64 High Entropy String", "2263de4a9729ed88eb29 8b1c897926869f50db1b"),
            ("GitHub Token", "e175c6f5f2a92e8623bd 9a4820edb4e8c1b0fd10"),
        ],
    },
    Case {
        rule: "gitlab-pat",
        path: "gitlab.txt",
        before: "x ",
        secret: "glpat|-|<alnum 20>",
        after: " y\n",
        stored: &[("GitLab Token", "f68bd4ab942f012db29f 09bbcc991e17768aaafa")],
    },
    Case {
        rule: "gitlab-runner-registration-token",
        path: "gitlab-runner.txt",
        before: "x ",
        secret: "GR|1348941|<alnum 20>",
        after: " y\n",
        stored: &[("GitLab Token", "31beb36ed3a62cd49300 aa21fa131251b49ea4fb")],
    },
    Case {
        rule: "npm-access-token",
        path: "npmrc.npmrc",
        before: "//r.example/:_authToken=",
        secret: "npm|_|<alnum 36>",
        after: " # note\n",
        stored: &[("NPM tokens", "33065d90fc8f67a98c96 659f4c08b57af723d50d")],
    },
    Case {
        rule: "artifactory-api-key",
        path: "artifactory.py",
        before: "value = \"",
        secret: "AK|C|<alnum 70>",
        after: "\"\n",
        stored: &[
            ("Artifactory Credentials", "52bd3efb48d155583490 d20c48de333974c5924e"),
            ("Base64 High Entropy String", "5e92ffec97dddf3a409b b78d012aa57f6e390a75"),
        ],
    },
    Case {
        rule: "artifactory-api-key",
        path: "artifactory-yaml.yaml",
        before: "value: ",
        secret: "AK|C|<alnum 70>",
        after: "\n",
        stored: &[
            ("Artifactory Credentials", "902f256d497386475ffc 218fbcc1f7cefb591b6e"),
            ("Base64 High Entropy String", "38d7d60c64283b236beb e8394a49d435076b79d1"),
        ],
    },
    Case {
        rule: "jwt",
        path: "jwt.txt",
        before: "x ",
        secret: "eyJ|hbGciOiJIUzI1NiJ9|.|eyJ|zdWIiOiIxMjM0In0|.|<alnum 43>",
        after: " y\n",
        stored: &[("JSON Web Token", "5c12e8648a4eae002821 9e205dee52d2f62d77e3")],
    },
    Case {
        rule: "azure-storage-account-key",
        path: "azure.txt",
        before: "AccountName=x;AccountKey=",
        secret: "<alnum 86>|==",
        after: ";z\n",
        stored: &[(
            "Azure Storage Account access key",
            "be69bce90ce262997036 f376e3bae481ace0ff96",
        )],
    },
    Case {
        rule: "url-basic-auth",
        path: "basic.txt",
        before: "fetch https://",
        secret: "user|:|<alnum 12>",
        after: "@example.com/\n",
        stored: &[("Basic Auth Credentials", "30dfe17c60257e09d7db 31af25add206bf4d2a7c")],
    },
    Case {
        rule: "aws-access-key-id",
        path: "aws-id.txt",
        before: "x ",
        secret: "AK|IA|<upper 16>",
        after: " y\n",
        stored: &[("AWS Access Key", "1e6ca1990d3618e1c3f5 75b23f95654a0ba0f19a")],
    },
    Case {
        rule: "aws-secret-access-key",
        path: "aws-secret.py",
        before: "aws_secret_key = \"",
        secret: "<alnum 40>",
        after: "\"\n",
        stored: &[
            ("AWS Access Key", "96d213f15b500b54eb28 2c251746d5a7c3e15f76"),
            ("Base64 High Entropy String", "96d213f15b500b54eb28 2c251746d5a7c3e15f76"),
            ("Secret Keyword", "96d213f15b500b54eb28 2c251746d5a7c3e15f76"),
        ],
    },
    Case {
        rule: "stripe-secret-key",
        path: "stripe.py",
        before: "value = \"",
        secret: "sk_|live|_|<alnum 99>",
        after: "\"\n",
        stored: &[
            ("Base64 High Entropy String", "d64b89d0ace51eda4bde 1683a472dcf7570b69bf"),
            ("Stripe Access Key", "2890de269ca4844fd285 11c29dc623a33a795ad9"),
        ],
    },
    Case {
        rule: "openai-project-key",
        path: "openai.txt",
        before: "x ",
        secret: "sk|-proj-|<alnum 74>|T3Blbk|FJ|<alnum 74>",
        after: " y\n",
        stored: &[("OpenAI Token", "7c605a10327f2d91eb53 8f6115daf167ca18665c")],
    },
    Case {
        rule: "pypi-api-token",
        path: "pypi.txt",
        before: "x ",
        secret: "pypi|-AgEIcHlwaS5vcmc|<alnum 90>",
        after: " y\n",
        stored: &[("PyPI Token", "7410f611606ca3fece3c 074d6b1b9152336edbcf")],
    },
    Case {
        rule: "sendgrid-api-key",
        path: "sendgrid.py",
        before: "value = \"",
        secret: "SG|.|<alnum 22>|.|<alnum 43>",
        after: "\"\n",
        stored: &[("SendGrid API Key", "4f94cda8698ae02c2f94 dacc7dbb5da82d775dbf")],
    },
    Case {
        rule: "slack-bot-token",
        path: "slack.txt",
        before: "x ",
        secret: "xo|xb|-|<digit 11>|-|<digit 11>|-|<alnum 24>",
        after: " y\n",
        stored: &[("Slack Token", "e4d6916044cc53d30148 fc62d8d69e7405861db1")],
    },
    Case {
        rule: "square-oauth-secret",
        path: "square.txt",
        before: "x ",
        secret: "sq0|csp-|<alnum 43>",
        after: " y\n",
        stored: &[("Square OAuth Secret", "935c161d91c639db349c 5e26a1d5f5fe931af4f7")],
    },
    Case {
        rule: "telegram-bot-token",
        path: "telegram.txt",
        before: "x ",
        secret: "<digit 10>|:|<alnum 35>",
        after: " y\n",
        stored: &[("Telegram Bot Token", "be422cd7148445ddde9d 102938ac8effed189ac7")],
    },
    Case {
        rule: "twilio-account-sid",
        path: "twilio.txt",
        before: "x ",
        secret: "A|C|<hex 32>",
        after: " y\n",
        stored: &[("Twilio API Key", "a218a88019c911fd935b 7a09407167c9067a71ab")],
    },
    Case {
        rule: "mailchimp-api-key",
        path: "mailchimp.txt",
        before: "x ",
        secret: "<hex 32>|-|us12",
        after: " y\n",
        stored: &[("Mailchimp Access Key", "6864a5c730a6f6333f15 19d5e3aab8c0bace4e0d")],
    },
    Case {
        rule: "discord-bot-token",
        path: "discord.txt",
        before: "x ",
        secret: "M|<alnum 23>|.|<alnum 6>|.|<alnum 27>",
        after: " y\n",
        stored: &[("Discord Bot Token", "5d85bb5c4ec3c2f4c4a3 1b12f4cd91b136cd3d73")],
    },
    Case {
        rule: "ibm-cloud-api-key",
        path: "ibm.py",
        before: "ibm_cloud_api_key = \"",
        secret: "<alnum 44>",
        after: "\"\n",
        stored: &[
            ("Base64 High Entropy String", "2faccc2691b749883864 93cfa7caf59752723dd2"),
            ("IBM Cloud IAM Key", "2faccc2691b749883864 93cfa7caf59752723dd2"),
            ("Secret Keyword", "2faccc2691b749883864 93cfa7caf59752723dd2"),
        ],
    },
    Case {
        rule: "ibm-cos-hmac",
        path: "cos.py",
        before: "cos_hmac_secret_access_key = \"",
        secret: "<hex 48>",
        after: "\"\n",
        stored: &[
            ("Hex High Entropy String", "3ef76fd3a6dc81313eb5 35eb2182ac0c1184d9a6"),
            ("IBM COS HMAC Credentials", "3ef76fd3a6dc81313eb5 35eb2182ac0c1184d9a6"),
            ("Secret Keyword", "3ef76fd3a6dc81313eb5 35eb2182ac0c1184d9a6"),
        ],
    },
    Case {
        rule: "ibm-softlayer-api-key",
        path: "softlayer.py",
        before: "softlayer_api_key = \"",
        secret: "<hex 64>",
        after: "\"\n",
        stored: &[
            ("Hex High Entropy String", "a1a6d29f86dbfb2d0053 f74e93f518ec8c8a10e3"),
            ("Secret Keyword", "a1a6d29f86dbfb2d0053 f74e93f518ec8c8a10e3"),
            ("SoftLayer Credentials", "a1a6d29f86dbfb2d0053 f74e93f518ec8c8a10e3"),
        ],
    },
    Case {
        rule: "ibm-cloudant-url",
        path: "cloudant.py",
        before: "cloudant_password = \"",
        secret: "<hex 64>",
        after: "\"\n",
        stored: &[
            ("Cloudant Credentials", "dcebd6b1dcef4d578e7b 4e7d504c427485460c78"),
            ("Hex High Entropy String", "dcebd6b1dcef4d578e7b 4e7d504c427485460c78"),
            ("Secret Keyword", "dcebd6b1dcef4d578e7b 4e7d504c427485460c78"),
        ],
    },
    Case {
        rule: "generic-secret",
        path: "keyword.py",
        before: "password = \"",
        secret: "<alnum 14>",
        after: "\"\n",
        stored: &[("Secret Keyword", "4fe505d1ec78f47e5735 956aada702e44008e3fd")],
    },
    Case {
        rule: "generic-secret",
        path: "keyword-yaml.yaml",
        before: "db_password: ",
        secret: "<alnum 14>",
        after: "  \n",
        stored: &[("Secret Keyword", "b762f14514b7c9f53042 08bd1cf6df4982240ca3")],
    },
    Case {
        rule: "generic-secret",
        path: "base64.py",
        before: "blob = \"",
        secret: "<alnum 60>",
        after: "\"\n",
        stored: &[("Base64 High Entropy String", "c2c1697e14f9fa052657 58f2bf5778b9a3a4611c")],
    },
    Case {
        rule: "generic-secret",
        path: "hex.py",
        before: "digest = \"",
        secret: "<hex 40>",
        after: "\"\n",
        stored: &[("Hex High Entropy String", "95940c1cb91575f2ee2b c8623b8827352cb8b9b1")],
    },
    Case {
        rule: "pem-rsa-private-key",
        path: "rsa.txt",
        before: "",
        secret: "-----BEGIN| RSA PRIVATE |KEY-----\n|<alnum 64>|\n-----END",
        after: "\n",
        stored: &[("Private Key", "be4fc4886bd949b369d5 e092eb87494f12e57e5b")],
    },
    Case {
        rule: "pgp-private-key",
        path: "pgp.txt",
        before: "",
        secret: "-----BEGIN| PGP PRIVATE |KEY BLOCK-----\n|<alnum 64>|\n-----END",
        after: "\n",
        stored: &[("Private Key", "4ada9713ec27066b2ffe 0b7bd9c9c8d635dc4ab2")],
    },
    Case {
        rule: "slack-webhook-url",
        path: "hook.txt",
        before: "x https://",
        secret: "hooks.sl|ack.com/services/T|<upper 8>|/B|<upper 10>|/|<alnum 24>",
        after: " y\n",
        stored: &[("Slack Token", "b4e1d1aea2c86cb7baa3 96c8e9c4e85308f9b67e")],
    },
];
