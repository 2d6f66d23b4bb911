//! JSON-RPC 2.0, as far as MCP and LSP share it.
//!
//! In: the bytes of one message. Out: a [`Call`], or the error to answer. The input is hostile: messages have a size
//! limit, JSON nests 128 deep at most, and no error quotes what it is about.

use std::io::{self, BufRead, Read as _};

use serde_json::{Value, json};

/// A longer message is not read.
pub(super) const LONGEST: u64 = 32 << 20;

/// The bytes are no JSON.
pub(super) const PARSE: i64 = -32700;
/// JSON, but no message.
pub(super) const INVALID: i64 = -32600;
/// There is no such method.
pub(super) const UNKNOWN: i64 = -32601;
/// The method wants something else.
pub(super) const PARAMS: i64 = -32602;
/// It went wrong here.
pub(super) const INTERNAL: i64 = -32603;

/// A request, or where it has no id a notification.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) id: Option<Value>,
    pub(super) method: String,
    pub(super) params: Value,
}

/// What is answered to what cannot be done.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) code: i64,
    pub(super) message: String,
    pub(super) data: Option<Value>,
}

impl Fault {
    pub(super) fn new(code: i64, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), data: None }
    }
}

/// Takes a message apart; `None` for an answer, since nothing was asked.
///
/// # Errors
/// No message; with its id where it has one.
pub(super) fn call(bytes: &[u8]) -> Result<Option<Call>, Box<(Value, Fault)>> {
    let refused = |id: &Value, code, told: &str| Box::new((id.clone(), Fault::new(code, told)));
    let message: Value = serde_json::from_slice(bytes)
        .map_err(|_| refused(&Value::Null, PARSE, "not JSON, or nested deeper than 128"))?;
    let Value::Object(mut message) = message else {
        return Err(refused(&Value::Null, INVALID, "no JSON-RPC message; there are no batches"));
    };
    let id = message.remove("id");
    let told = match &id {
        Some(id) if id.is_string() || id.is_i64() || id.is_u64() => id.clone(),
        None => Value::Null,
        Some(_) => {
            return Err(refused(&Value::Null, INVALID, "an id is a string or a number"));
        }
    };
    if message.get("jsonrpc") != Some(&json!("2.0")) {
        return Err(refused(&told, INVALID, "not JSON-RPC 2.0"));
    }
    let params = message.remove("params").unwrap_or_else(|| json!({}));
    match message.remove("method") {
        Some(Value::String(method)) => Ok(Some(Call { id, method, params })),
        None if message.contains_key("result") || message.contains_key("error") => Ok(None),
        _ => Err(refused(&told, INVALID, "no method")),
    }
}

/// The answer to a request.
pub(super) fn answer(id: &Value, result: Result<Value, Fault>) -> Value {
    match result {
        Ok(result) => json!({ "jsonrpc": "2.0", "id": id, "result": result }),
        Err(Fault { code, message, data }) => {
            let mut error = json!({ "code": code, "message": message });
            if let Some(data) = data {
                error["data"] = data;
            }
            json!({ "jsonrpc": "2.0", "id": id, "error": error })
        }
    }
}

/// What is told of a message that is not read.
pub(super) fn too_long() -> Fault {
    Fault::new(INVALID, format!("a message is at most {} MiB long", LONGEST >> 20))
}

/// Reads a line of at most [`LONGEST`] bytes; of a longer one nothing, to its end. `None` where the input ends.
pub(super) fn line(input: &mut dyn BufRead) -> io::Result<Option<Result<Vec<u8>, Fault>>> {
    let mut line = Vec::new();
    if input.take(LONGEST).read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    if line.last() == Some(&b'\n') || (line.len() as u64) < LONGEST {
        return Ok(Some(Ok(line)));
    }
    loop {
        line.clear();
        let read = input.take(LONGEST).read_until(b'\n', &mut line)?;
        if read == 0 || line.last() == Some(&b'\n') {
            return Ok(Some(Err(too_long())));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> (Value, i64) {
        let (id, fault) = *call(text.as_bytes()).unwrap_err();
        (id, fault.code)
    }

    #[test]
    fn messages_are_told_from_what_is_none() {
        let right = call(br#"{"jsonrpc":"2.0","id":"a","method":"m","params":[1]}"#).unwrap();
        let right = right.unwrap();
        assert_eq!((right.id, &*right.method, right.params), (Some(json!("a")), "m", json!([1])));
        assert!(call(br#"{"jsonrpc":"2.0","id":1,"result":{}}"#).unwrap().is_none());
        assert_eq!(refused("{"), (Value::Null, PARSE));
        assert_eq!(refused(&"[".repeat(100_000)), (Value::Null, PARSE));
        assert_eq!(refused("[]"), (Value::Null, INVALID));
        assert_eq!(refused(r#"{"jsonrpc":"2.0","id":[],"method":"m"}"#), (Value::Null, INVALID));
        assert_eq!(refused(r#"{"jsonrpc":"1.0","id":4,"method":"m"}"#), (json!(4), INVALID));
        assert_eq!(refused(r#"{"jsonrpc":"2.0","id":4,"method":7}"#), (json!(4), INVALID));
    }

    #[test]
    fn a_line_that_is_too_long_is_passed_over() {
        let long = usize::try_from(LONGEST).unwrap() + 10;
        let mut input = vec![b'x'; long];
        input.extend(b"\nshort\n");
        let mut input = &input[..];
        assert_eq!(line(&mut input).unwrap().unwrap().unwrap_err().code, INVALID);
        assert_eq!(line(&mut input).unwrap().unwrap().unwrap(), b"short\n");
        assert!(line(&mut input).unwrap().is_none());
    }
}
