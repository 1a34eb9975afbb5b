//! Requests whose answer is read whole: GET, HEAD and PUT of an object in a bucket.
//!
//! In:  a path that was signed as it is, headers and a body. Out: [`Whole`], with no more of a body than was asked for.
//! Runs in the task of its caller. It sends nothing twice: whether a PUT may be repeated is its caller's decision.

use hyper::Method;
use hyper::header::{self, HeaderMap};

use super::{Answer, Http, HttpError};

/// What is done with an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Reads it.
    Get,
    /// Reads what is said about it.
    Head,
    /// Writes it.
    Put,
}

/// An answer that was read to its end.
pub struct Whole {
    /// The status, 200 to 299 or 400 to 599.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
    headers: HeaderMap,
}

impl Whole {
    /// A header's value, where it is there and ASCII.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// How many bytes the object has, by the answer's head.
    #[must_use]
    pub fn length(&self) -> Option<u64> {
        self.headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
    }
}

impl Http {
    /// Asks for `path`, which holds the endpoint's own path already (it was signed as it is), and reads the answer to its
    /// end. `most` bounds its body, bytes.
    ///
    /// # Errors
    /// [`HttpError`]; [`HttpError::TooLarge`] where the body is larger than `most` or [`super::MAX_BODY`].
    pub async fn whole(
        &self,
        verb: Verb,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
        most: usize,
    ) -> Result<Whole, HttpError> {
        let method = match verb {
            Verb::Get => Method::GET,
            Verb::Head => Method::HEAD,
            Verb::Put => Method::PUT,
        };
        let target = self.endpoint().signed_target(path).ok_or(HttpError::Request)?;
        let request = self.request(method, &target, headers, None, body).ok_or(HttpError::Request)?;
        let mut answer = self.send(request).await?;
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await? {
            if body.len() + chunk.len() > most {
                return Err(HttpError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        let Answer { status, headers, .. } = answer;
        Ok(Whole { status, body, headers })
    }
}
