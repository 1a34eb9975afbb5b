//! Questions to a server outside of any call: is it there, and who is registered?
//!
//! In:  a [`Question`]. Out: what was [`Heard`], or why nothing was. No Contact goes with a question: what the server knows of
//! the box stays as it is. Part of the way to the SIP stack; runs in `anteroom doctor line`, and in
//! lined, which asks a provider's server whether it is still there.

use std::sync::Arc;
use std::time::Duration;

use rsipstack::dialog::authenticate::handle_client_authenticate;
use rsipstack::sip::{Method, Response, SipMessage};
use rsipstack::transaction::key::{TransactionKey, TransactionRole};
use rsipstack::transaction::transaction::Transaction;

use super::{Endpoint, value, values};

/// What a server is asked outside of any call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::line::sip) enum Question {
    /// OPTIONS.
    AreYouThere,
    /// REGISTER without a Contact: it asks for the bindings and changes none (RFC 3261 section 10.2.3).
    WhoIsRegistered,
}

/// A server's answer to a [`Question`].
#[derive(Clone, Debug)]
pub(in crate::line::sip) struct Heard {
    /// The final code.
    pub(in crate::line::sip) code: u16,
    /// From the request to the final answer, the challenge's round too.
    pub(in crate::line::sip) took: Duration,
    /// What our Via said, `host:port`.
    pub(in crate::line::sip) sent_by: String,
    /// The topmost Via as it came back.
    pub(in crate::line::sip) via: Option<String>,
    /// Who is registered, one a telephone.
    pub(in crate::line::sip) contacts: Vec<String>,
    /// The least expiry, seconds, where the server said so (423).
    pub(in crate::line::sip) least: Option<u32>,
    /// Whether it asked for the credentials.
    pub(in crate::line::sip) challenged: bool,
    /// The description of the server's sound; empty where there is none.
    pub(in crate::line::sip) sdp: Vec<u8>,
}

/// Why there is no answer to a [`Question`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::line::sip) enum Unheard {
    /// No port of ours could be opened for it.
    NotOpened,
    /// No connection could be made.
    NoConnection,
    /// Nothing came back.
    Silent,
}

impl Endpoint {
    /// Asks the server something outside of any call, with the credentials where it wants them. No Contact goes with it: what
    /// the server knows of the box stays as it is.
    ///
    /// # Errors
    /// [`Unheard`].
    pub(in crate::line::sip) async fn question(&self, question: Question) -> Result<Heard, Unheard> {
        let since = tokio::time::Instant::now();
        let destination = self.destination();
        let connection = self.inner.transport_layer.lookup(&destination, None).await;
        let (connection, _) = connection.map_err(|_| Unheard::NoConnection)?;
        let sent_by = connection.get_addr().addr.to_string();
        let via = self.inner.get_via(Some(connection.get_addr().clone()), None).map_err(|_| Unheard::NotOpened)?;
        let (server, ours) = (self.door.uri(None), self.door.uri(Some(&self.door.user)));
        let (server, ours) = (server.map_err(|_| Unheard::NotOpened)?, ours.map_err(|_| Unheard::NotOpened)?);
        let (method, to) = match question {
            Question::AreYouThere => (Method::Options, server.clone()),
            Question::WhoIsRegistered => (Method::Register, ours.clone()),
        };
        let from = rsipstack::sip::typed::From { display_name: None, uri: ours, params: vec![] };
        let from = from.with_tag(rsipstack::transaction::make_tag());
        let to = rsipstack::sip::typed::To { display_name: None, uri: to, params: vec![] };
        let request = self.inner.make_request(method, server, via, from, to, 1, None);
        let key = TransactionKey::from_request(&request, TransactionRole::Client).map_err(|_| Unheard::NotOpened)?;
        let mut transaction = Transaction::new_client(key, request, Arc::clone(&self.inner), None);
        transaction.destination = Some(destination.clone());
        transaction.send().await.map_err(|_| Unheard::NoConnection)?;
        let (mut challenged, credential) = (false, self.door.credential());
        loop {
            let answer = match transaction.receive().await {
                Some(SipMessage::Response(answer)) if answer.status_code.code() < 200 => continue,
                Some(SipMessage::Response(answer)) => answer,
                Some(SipMessage::Request(_)) | None => return Err(Unheard::Silent),
            };
            let code = answer.status_code.code();
            // A second challenge says that the credentials are wrong.
            if let (401 | 407, false, Some(credential)) = (code, challenged, &credential) {
                challenged = true;
                let again = handle_client_authenticate(2, &transaction, answer, credential).await;
                transaction = again.map_err(|_| Unheard::Silent)?;
                transaction.destination = Some(destination.clone());
                transaction.send().await.map_err(|_| Unheard::NoConnection)?;
                continue;
            }
            return Ok(Heard {
                code,
                took: since.elapsed(),
                sent_by,
                via: value(&answer, "Via").or_else(|| value(&answer, "v")),
                contacts: contacts(&answer),
                least: value(&answer, "Min-Expires").and_then(|text| text.trim().parse().ok()),
                challenged,
                sdp: answer.body,
            });
        }
    }
}

/// The addresses of Contact, several in a header or one in each. A comma in an address makes two of one; none of ours has any.
fn contacts(answer: &Response) -> Vec<String> {
    let all = [values(answer, "Contact"), values(answer, "m")].concat();
    let split = all.iter().flat_map(|list| list.split(','));
    split.map(|one| one.trim().to_owned()).filter(|one| !one.is_empty()).collect()
}
