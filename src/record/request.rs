//! What clients ask of the record, read from their bytes.
//!
//! Foreign bytes: parsed whole, unknown fields refused, nothing quoted back. What a client may ask at all is decided by
//! its socket ([`crate::wire::doors`]); which kinds it may append, here.

use serde::{Deserialize, Serialize};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::ids::{CallId, Turn};
use crate::record::erase::Mark;
use crate::record::officer::{Amendment, Disclosure};
use crate::record::senders::Sender;
use crate::record::store::{Entry, Submission};
use crate::wire::doors::Role;
use crate::wire::event::{Kind, Received, may_append};
use crate::wire::frame::Refusal;
use crate::wire::recording::{Chunk, What};

/// Events to append, as a client sends them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Append {
    sender: Option<Uuid>,
    #[serde(default)]
    first: u64,
    #[serde(default)]
    close: bool,
    events: Vec<Received>,
}

/// The events of one call, or of the box outside calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Show {
    /// Which call; none for the box.
    pub call: Option<CallId>,
    /// Only events after this one.
    #[serde(default)]
    pub after: Option<u64>,
}

/// One piece of a call's sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AudioOf {
    /// Which call.
    pub call: CallId,
    /// Which of its recordings, from 0.
    pub chunk: u64,
}

/// Calls to erase.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Erase {
    /// Which.
    pub calls: Vec<CallId>,
    /// Why: a closed word or an officer's own, without PHI.
    pub why: String,
    /// By whom.
    pub by: String,
}

impl Erase {
    /// Whether its texts can be kept.
    #[must_use]
    pub fn is_in_order(&self) -> bool {
        let text = |text: &str| !text.trim().is_empty() && text.len() <= 400 && !text.contains(char::is_control);
        !self.calls.is_empty() && text(&self.why) && text(&self.by)
    }
}

/// A mark to put on a call, or to take off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MarkCall {
    /// Which call.
    pub call: CallId,
    /// Which mark.
    pub mark: Mark,
    /// Whether it is put on.
    pub on: bool,
    /// By whom.
    pub by: String,
    /// By whom else: lifting a hold takes two.
    pub second: Option<String>,
    /// What they want to say about it. Names no caller.
    #[serde(default)]
    pub note: String,
}

/// A disclosure to write down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Disclose {
    /// Of which call, if of one.
    pub call: Option<CallId>,
    /// What is written down.
    pub disclosure: Disclosure,
}

/// Which disclosures are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Disclosed {
    /// Of this call.
    pub call: Option<CallId>,
    /// Of this patient.
    pub patient: Option<String>,
}

/// An amendment to append to a call.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Amend {
    /// To which call.
    pub call: CallId,
    /// What it says.
    pub amendment: Amendment,
}

/// A time, microseconds since 1970-01-01T00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Between {
    /// From this moment.
    pub since: i64,
    /// Until this moment.
    pub until: i64,
}

/// A value whose calls are sought. A name or a number: PHI.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sought {
    /// The whole value.
    pub value: String,
}

/// A checkpoint, and its proof.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckpointSince {
    /// The size that whoever asks has; none where they have nothing.
    #[serde(default)]
    pub old: Option<u64>,
}

/// A checkpoint that somebody outside the box holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// How many events it covers.
    pub size: u64,
    /// Its root, hex.
    pub root: String,
    /// Who holds it.
    pub by: String,
}

/// Reads any request whose body is one of the shapes above.
///
/// # Errors
/// [`Refusal::Malformed`].
pub fn parse<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|_| Refusal::Malformed)
}

/// Reads `append` and `append-durable`.
///
/// # Errors
/// [`Refusal::Malformed`], or [`Refusal::Forbidden`] where one of the kinds is not this client's.
pub fn append(client: Role, body: &[u8]) -> Result<Submission, Refusal> {
    let append: Append = parse(body)?;
    // Numbers are compared and added; none that wraps has ever been counted to.
    if append.first > u64::from(u32::MAX) << 20 {
        return Err(Refusal::Malformed);
    }
    if !append.events.iter().all(|event| may_append(client, event.kind)) {
        return Err(Refusal::Forbidden);
    }
    let sender = append.sender.map(|id| Sender { id, first: append.first, close: append.close });
    let entries = append.events.into_iter().map(|event| Entry {
        t: event.t,
        mono_us: event.mono_us,
        kind: event.kind,
        call: event.call,
        turn: event.turn,
        synthetic: event.synthetic,
        actor: client.as_str(),
        body: Zeroizing::new(String::from(Box::<str>::from(event.body)).into_bytes()),
    });
    Ok(Submission { sender, entries: entries.collect() })
}

/// Reads `audio`: a piece of a call's sound, kept only where the caller is simulated or agreed. The brain hands in what it
/// hears, the line what it bridges, and for that the caller must have agreed, simulated or not.
///
/// # Errors
/// [`Refusal::Malformed`]; [`Refusal::Forbidden`] where neither holds.
pub fn audio(client: Role, call: Option<CallId>, body: Vec<u8>) -> Result<Submission, Refusal> {
    let what = if client == Role::Lined { What::Transfer } else { What::Call };
    let entry = recording(client, call, body, what)?;
    Ok(Submission { sender: None, entries: vec![entry] })
}

/// Reads a message that a caller left: whoever speaks after the tone means it to be kept.
///
/// # Errors
/// [`Refusal::Malformed`].
pub fn message(client: Role, call: Option<CallId>, body: Vec<u8>) -> Result<Submission, Refusal> {
    let entry = recording(client, call, body, What::Message)?;
    Ok(Submission { sender: None, entries: vec![entry] })
}

fn recording(client: Role, call: Option<CallId>, body: Vec<u8>, what: What) -> Result<Entry, Refusal> {
    let body = Zeroizing::new(body);
    let call = Some(call.ok_or(Refusal::Malformed)?);
    let head = Chunk::parse(&body).map_err(|_| Refusal::Malformed)?.head;
    if head.what != what {
        return Err(Refusal::Malformed);
    }
    let kept = match what {
        What::Call => head.synthetic || head.consent,
        What::Transfer => head.consent,
        What::Message => true,
    };
    if !kept {
        return Err(Refusal::Forbidden);
    }
    let (t, mono_us, synthetic) = (head.t, head.mono_us, head.synthetic);
    let actor = client.as_str();
    Ok(Entry { t, mono_us, kind: Kind::Recording, call, turn: Turn(0), synthetic, actor, body })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HEARD: &str =
        r#"{"t":1,"mono_us":2,"kind":"heard","call":null,"turn":3,"synthetic":true,"body":{ "a" : 1.50 }}"#;

    fn events(list: &str) -> Vec<u8> {
        format!("{{\"events\":[{list}]}}").into_bytes()
    }

    #[test]
    fn a_body_is_kept_to_the_byte_and_the_socket_names_the_actor() {
        let submission = append(Role::Anteroomd, &events(HEARD)).unwrap();
        assert_eq!(submission.entries[0].body.as_slice(), br#"{ "a" : 1.50 }"#);
        assert_eq!(submission.entries[0].actor, "anteroomd");
        assert_eq!(submission.sender, None);
    }

    #[test]
    fn one_forbidden_kind_refuses_the_whole_batch() {
        let list = format!("{},{HEARD}", HEARD.replace("heard", "wire.withheld"));
        assert_eq!(append(Role::Airlockd, &events(&list)).map(|_| ()), Err(Refusal::Forbidden));
        assert_eq!(append(Role::Cli, &events(HEARD)).map(|_| ()), Err(Refusal::Forbidden));
    }

    #[test]
    fn unknown_fields_and_kinds_are_malformed() {
        let unknown_field = HEARD.replace("\"t\"", "\"extra\":1,\"t\"");
        let unknown_kind = HEARD.replace("heard", "whispered");
        for list in [unknown_field, unknown_kind] {
            assert_eq!(append(Role::Anteroomd, &events(&list)).map(|_| ()), Err(Refusal::Malformed), "{list}");
        }
    }

    #[test]
    fn the_voice_of_a_real_caller_who_did_not_agree_is_refused() {
        let chunk = |synthetic, consent| {
            let head = format!(
                "{{\"t\":1,\"mono_us\":2,\"what\":\"call\",\"synthetic\":{synthetic},\"consent\":{consent},\
                 \"rate\":8000,\"channels\":1,\"chunk\":0}}\n"
            );
            [head.as_bytes(), &[1, 0, 2, 0]].concat()
        };
        let call = Some(CallId::draw());
        let kept = |synthetic, consent| audio(Role::Anteroomd, call, chunk(synthetic, consent)).map(|_| ());
        assert_eq!(kept(false, false), Err(Refusal::Forbidden));
        assert_eq!(kept(true, false), Ok(()));
        assert_eq!(kept(false, true), Ok(()));
        assert_eq!(audio(Role::Anteroomd, None, chunk(true, true)).map(|_| ()), Err(Refusal::Malformed));
        assert_eq!(message(Role::Lined, call, chunk(true, true)).map(|_| ()), Err(Refusal::Malformed));
    }

    #[test]
    fn the_sound_of_a_transfer_is_the_lines_alone_and_needs_consent_whoever_calls() {
        let chunk = |what: &str, synthetic, consent| {
            let head = format!(
                "{{\"t\":1,\"mono_us\":2,\"what\":\"{what}\",\"synthetic\":{synthetic},\"consent\":{consent},\
                 \"rate\":8000,\"channels\":2,\"chunk\":0}}\n"
            );
            [head.as_bytes(), &[1, 0, 2, 0]].concat()
        };
        let call = Some(CallId::draw());
        let kept = |role, what, synthetic, consent| audio(role, call, chunk(what, synthetic, consent)).map(|_| ());
        for synthetic in [false, true] {
            assert_eq!(kept(Role::Lined, "transfer", synthetic, true), Ok(()));
            assert_eq!(kept(Role::Lined, "transfer", synthetic, false), Err(Refusal::Forbidden));
            assert_eq!(kept(Role::Lined, "call", synthetic, true), Err(Refusal::Malformed));
            assert_eq!(kept(Role::Anteroomd, "transfer", synthetic, true), Err(Refusal::Malformed));
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_request_or_a_refusal(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = append(Role::Anteroomd, &bytes);
            let _ = parse::<Show>(&bytes);
            let _ = parse::<AudioOf>(&bytes);
            let _ = audio(Role::Anteroomd, Some(CallId::draw()), bytes.clone());
            let _ = message(Role::Lined, Some(CallId::draw()), bytes);
        }

        #[test]
        fn a_request_with_one_byte_changed_is_a_request_or_a_refusal(
            at in any::<prop::sample::Index>(), byte in any::<u8>(),
        ) {
            let mut body = events(HEARD);
            let at = at.index(body.len());
            body[at] = byte;
            let _ = append(Role::Anteroomd, &body);
        }
    }
}
