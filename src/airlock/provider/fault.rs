//! What can go wrong with a provider, as a closed set: answers that are no answer, and streams that break.
//!
//! In:  a status with its body, or an error object inside a stream.
//! Out: a [`StreamError`]. It never quotes what the provider sent, which may repeat the request.

use serde_json::Value;

use super::{Format, anthropic, gemini, openai_chat};

/// Why there is no answer. A closed set that never quotes the stream; each is answered locally.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StreamError {
    /// The stream is not what its format says; the phrase says what was wrong.
    #[error("the provider's stream is malformed: {0}")]
    Malformed(&'static str),
    /// The stream ended before the answer did.
    #[error("the provider's stream ended before the answer did")]
    Truncated,
    /// The answer, or an event of it, is larger than an answer may be.
    #[error("the provider's answer is too large")]
    TooLarge,
    /// The arguments of a tool are not a JSON object.
    #[error("a tool's arguments are not a JSON object")]
    BadArguments,
    /// The provider cannot serve anyone now.
    #[error("the provider is overloaded")]
    Overloaded,
    /// This account asks too much.
    #[error("the provider limits this account's rate")]
    RateLimited,
    /// The provider reported something else.
    #[error("the provider reported: {0}")]
    Provider(#[source] Fault),
}

/// What a provider reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The key is missing, wrong, or may not do this.
    #[error("the key is not accepted")]
    Key,
    /// The account has no credit left.
    #[error("the account has no credit left")]
    OutOfCredit,
    /// The request is not one that the API takes: our mistake, or a setting that does not fit the model.
    #[error("the request is not accepted")]
    BadRequest,
    /// The model, or the path, is not known there.
    #[error("the model is not known")]
    UnknownModel,
    /// The provider failed, or said nothing that is known here.
    #[error("the provider failed")]
    Failed,
}

impl StreamError {
    /// The error's name in events and metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Malformed(_) => "malformed",
            Self::Truncated => "truncated",
            Self::TooLarge => "too-large",
            Self::BadArguments => "bad-arguments",
            Self::Overloaded => "overloaded",
            Self::RateLimited => "rate-limited",
            Self::Provider(Fault::Key) => "key-refused",
            Self::Provider(Fault::OutOfCredit) => "out-of-credit",
            Self::Provider(Fault::BadRequest) => "bad-request",
            Self::Provider(Fault::UnknownModel) => "unknown-model",
            Self::Provider(Fault::Failed) => "provider-failed",
        }
    }
}

/// The largest error body that is looked into, in bytes: 64 KiB. Real ones have some hundred bytes.
const MAX_BODY: usize = 64 << 10;

/// What an answer with another status than 200 means. `body` may be cut off or anything else; it only makes the status
/// more precise, where a provider gives one status to several things.
#[must_use]
pub fn status_error(format: Format, status: u16, body: &[u8]) -> StreamError {
    let named = Some(body)
        .filter(|body| body.len() <= MAX_BODY)
        .and_then(|body| serde_json::from_slice::<Value>(body).ok())
        // Gemini wraps the object into a list where it streams one.
        .and_then(|value| value.get("error").or_else(|| value.get(0)?.get("error")).and_then(|e| named(format, e)));
    match named {
        Some(precise @ StreamError::Provider(Fault::Key | Fault::OutOfCredit | Fault::UnknownModel)) => precise,
        Some(_) | None => by_status(status),
    }
}

/// What an error object inside a stream means.
pub(super) fn of_object(format: Format, error: &Value) -> StreamError {
    let status = || error.get("code").and_then(Value::as_u64).and_then(|code| u16::try_from(code).ok());
    named(format, error).or_else(|| status().map(by_status)).unwrap_or(StreamError::Provider(Fault::Failed))
}

fn by_status(status: u16) -> StreamError {
    match status {
        429 => StreamError::RateLimited,
        503 | 529 => StreamError::Overloaded,
        401 | 403 => StreamError::Provider(Fault::Key),
        402 => StreamError::Provider(Fault::OutOfCredit),
        404 => StreamError::Provider(Fault::UnknownModel),
        400 | 405..=407 | 409..=428 | 430..=499 => StreamError::Provider(Fault::BadRequest),
        _ => StreamError::Provider(Fault::Failed),
    }
}

/// Finds a name that the format's table knows. `code` comes first: it is the more precise one where there are two.
fn named(format: Format, error: &Value) -> Option<StreamError> {
    let table = match format {
        Format::Anthropic => anthropic::FAULTS,
        Format::OpenAiChat | Format::OpenAiResponses => openai_chat::FAULTS,
        Format::Gemini => gemini::FAULTS,
    };
    let details = error.get("details").and_then(Value::as_array);
    let reasons = details.into_iter().flatten().map(|detail| detail.get("reason"));
    let names = reasons.chain(["code", "type", "status"].map(|field| error.get(field)));
    names
        .filter_map(|name| name.and_then(Value::as_str))
        .find_map(|name| table.iter().find(|(known, _)| *known == name).map(|(_, meaning)| *meaning))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_status_without_a_body_has_a_meaning_in_every_format() {
        let meanings = [
            (429, "rate-limited"),
            (529, "overloaded"),
            (503, "overloaded"),
            (401, "key-refused"),
            (403, "key-refused"),
            (402, "out-of-credit"),
            (400, "bad-request"),
            (413, "bad-request"),
            (422, "bad-request"),
            (404, "unknown-model"),
            (408, "provider-failed"),
            (500, "provider-failed"),
            (504, "provider-failed"),
            (302, "provider-failed"),
        ];
        for format in Format::ALL {
            for (status, meaning) in meanings {
                assert_eq!(status_error(format, status, b"<html>").as_str(), meaning, "{status}");
            }
        }
    }

    #[test]
    fn a_body_makes_a_status_more_precise() {
        let cases: [(Format, u16, &[u8], &str); 6] = [
            (
                Format::OpenAiChat,
                429,
                br#"{"error":{"message":"m","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}"#,
                "out-of-credit",
            ),
            (
                Format::OpenAiChat,
                429,
                br#"{"error":{"message":"m","type":"tokens","code":"rate_limit_exceeded"}}"#,
                "rate-limited",
            ),
            (
                Format::OpenAiResponses,
                400,
                br#"{"error":{"message":"m","type":"invalid_request_error","code":"model_not_found"}}"#,
                "unknown-model",
            ),
            (
                Format::OpenAiChat,
                404,
                br#"{"error":{"message":"m","type":"invalid_request_error","code":null}}"#,
                "unknown-model",
            ),
            (
                Format::Gemini,
                400,
                br#"{"error":{"code":400,"status":"INVALID_ARGUMENT","details":[{"reason":"API_KEY_INVALID"}]}}"#,
                "key-refused",
            ),
            (
                Format::Gemini,
                400,
                br#"[{"error":{"code":400,"status":"INVALID_ARGUMENT","details":[{"reason":"API_KEY_INVALID"}]}}]"#,
                "key-refused",
            ),
        ];
        for (format, status, body, meaning) in cases {
            assert_eq!(status_error(format, status, body).as_str(), meaning);
        }
    }

    proptest! {
        #[test]
        fn any_status_and_body_have_a_meaning(
            status in any::<u16>(), body in proptest::collection::vec(any::<u8>(), 0..100),
        ) {
            for format in Format::ALL {
                let _ = status_error(format, status, &body);
            }
        }
    }
}
