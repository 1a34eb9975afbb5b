//! Who calls, whom they asked for, and who sent them on: what the headers of a call say about people.
//!
//! In:  values of From, P-Asserted-Identity, Privacy, Diversion, History-Info and To, and the request's address, as
//! received.
//! Out: numbers and names as [`Secret`], because a caller's number is protected health information here.
//! Runs in the task of the call. Never fails, never logs: text that means nothing gives an empty number.
//!
//! What a stranger writes into From is a claim. Only a peer that the clinic trusts (its own exchange) may vouch for a
//! number with P-Asserted-Identity (RFC 3325 section 5).

use crate::secret::Secret;

/// Longest number or user name kept, in characters. E.164 ends at 15 digits; extensions may have names.
const LONGEST_NUMBER: usize = 64;
/// Longest display name kept, in characters. The telephone network carries 15; a private exchange may send more.
const LONGEST_NAME: usize = 128;
/// What stands between digits for the eye (RFC 3966 section 5.1.1), and the blank that some exchanges put there.
const SEPARATORS: [char; 5] = ['-', '.', '(', ')', ' '];
/// What stands where a number would, if the caller or a network withheld it (RFC 3323 section 4.1.1.3, and the words of
/// North American exchanges).
const HIDDEN: [&str; 6] = ["anonymous", "restricted", "private", "withheld", "unavailable", "unknown"];
/// The domain of callers who hide (RFC 3323 section 4.1.1.3).
const HIDDEN_DOMAIN: &str = "anonymous.invalid";
/// The words among [`HIDDEN`] that, as a name, say that the caller wishes it: these come first there. A name that is
/// "unavailable" is merely not known.
const WISHES: usize = 4;

/// Who calls.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Caller {
    /// Digits with an optional plus, or the name of a SIP user; empty where it is hidden or not known.
    pub number: Secret,
    /// The name shown; empty where there is none.
    pub name: Secret,
    /// The clinic's own exchange vouches for the number.
    pub asserted: bool,
    /// The caller asked not to be shown: `number`, if there is one, is for the record alone.
    pub private: bool,
}

/// Who sent the caller on to us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diverted {
    /// The number that was first rung.
    pub number: Secret,
    /// Why, in the words of RFC 5806 section 4, where it is said.
    pub reason: Option<&'static str>,
}

/// Reads who calls, from header values.
///
/// `asserted` are the values of P-Asserted-Identity; they count only with `trust_asserted`. A wish for privacy (RFC
/// 3323) hides number and name, unless a trusted peer asserts them: then they are kept, and `private` says the wish.
#[must_use]
pub fn caller(from: &str, asserted: &[&str], privacy: Option<&str>, trust_asserted: bool) -> Caller {
    let from = Party::read(from);
    let vouched = trust_asserted.then(|| vouched_for(asserted)).flatten();
    let hides = privacy.is_some_and(wishes_privacy) || from.hidden;
    match vouched {
        Some(party) if party.hidden => Caller { asserted: true, private: true, ..Caller::default() },
        Some(party) => Caller {
            number: Secret::new(party.number),
            name: Secret::new(if party.name.is_empty() && !hides { from.name } else { party.name }),
            asserted: true,
            private: hides,
        },
        None if hides => Caller { private: true, ..Caller::default() },
        None => {
            Caller { number: Secret::new(from.number), name: Secret::new(from.name), asserted: false, private: false }
        }
    }
}

/// Reads who diverted the call last, from the values of Diversion (RFC 5806), else of History-Info (RFC 7044).
#[must_use]
pub fn diverted_from(diversion: &[&str], history_info: &[&str]) -> Option<Diverted> {
    // The newest diversion stands first (RFC 5806 section 5).
    let newest = entries(diversion).next().and_then(|entry| {
        let address = Address::read(entry);
        let reason = parameter(address.parameters, "reason").and_then(known_reason);
        diverted(&address, reason)
    });
    newest.or_else(|| last_in_history(history_info))
}

/// The number that the caller wanted: of the request's own address, where it has one that can be dialled, else of To.
///
/// A trunk puts the dialled number into the request. Towards a registered box, the request carries the box's own
/// contact, which may be any word, and To still tells what was dialled.
#[must_use]
pub fn asked_for(request_uri: &str, to: &str) -> Secret {
    let request = Uri::read(request_uri.trim().trim_start_matches('<').trim_end_matches('>')).user;
    let to = Uri::read(Address::read(to).uri).user;
    let dialled = |user: &String| is_number(user);
    let wanted = [&request, &to]
        .into_iter()
        .find(|user| dialled(user))
        .or([&request, &to].into_iter().find(|user| !user.is_empty()));
    Secret::new(wanted.cloned().unwrap_or_default())
}

/// The party that a trusted peer vouches for: the first with a number, named by the first that has a name; or one who
/// hides. None where the peer names nobody, such as itself.
fn vouched_for(asserted: &[&str]) -> Option<Party> {
    let parties: Vec<_> = entries(asserted).map(Party::read).collect();
    if parties.iter().any(|party| party.hidden) {
        return Some(Party { hidden: true, ..Party::default() });
    }
    let number = parties.iter().find(|party| !party.number.is_empty())?.number.clone();
    let name = parties.into_iter().map(|party| party.name).find(|name| !name.is_empty()).unwrap_or_default();
    Some(Party { number, name, hidden: false })
}

/// Whether a Privacy value asks for anything that we could show (RFC 3323 section 4.2, RFC 3325 section 9.3). `session`
/// and `critical` speak to proxies, `none` to nobody.
fn wishes_privacy(value: &str) -> bool {
    value
        .split([';', ','])
        .any(|word| ["id", "user", "header"].iter().any(|wish| word.trim().eq_ignore_ascii_case(wish)))
}

/// A number and a name, and whether they are withheld. Not shown, not kept.
#[derive(Default)]
struct Party {
    number: String,
    name: String,
    hidden: bool,
}

impl Party {
    fn read(value: &str) -> Self {
        let address = Address::read(value);
        let uri = Uri::read(address.uri);
        let name: String = address.name.chars().filter(|char| !char.is_control()).take(LONGEST_NAME).collect();
        let name = name.trim();
        let stands_for = |word: &&str| name.eq_ignore_ascii_case(word);
        let wish = HIDDEN.iter().take(WISHES).any(stands_for);
        // A number shown as the name says nothing new.
        let nameless = HIDDEN.iter().any(stands_for) || plain(name) == uri.user;
        Self {
            hidden: wish || uri.is_hidden(),
            number: uri.user,
            name: if nameless { String::new() } else { name.to_owned() },
        }
    }
}

/// The parts of `"name" <uri>;parameters` or `uri;parameters` (RFC 3261 section 20.10).
struct Address<'a> {
    name: String,
    uri: &'a str,
    parameters: &'a str,
}

impl<'a> Address<'a> {
    fn read(value: &'a str) -> Self {
        let value = value.trim();
        let (quoted, rest) = quoted(value).map_or((None, value), |(name, rest)| (Some(name), rest));
        let Some((before, after)) = rest.split_once('<') else {
            // Without brackets, parameters belong to the header, not to the address.
            let (uri, parameters) = rest.split_once(';').unwrap_or((rest, ""));
            return Self { name: quoted.unwrap_or_default(), uri: uri.trim(), parameters };
        };
        let (uri, parameters) = after.split_once('>').unwrap_or((after, ""));
        let name = quoted.unwrap_or_else(|| before.trim().trim_matches('"').to_owned());
        Self { name, uri: uri.trim(), parameters }
    }
}

/// The text of a quoted string at the start, escapes undone, and what follows it; none if none closes.
fn quoted(value: &str) -> Option<(String, &str)> {
    let inside = value.strip_prefix('"')?;
    let mut text = String::new();
    let mut chars = inside.char_indices();
    while let Some((at, char)) = chars.next() {
        match char {
            '"' => return Some((text, inside.get(at + 1..)?)),
            '\\' => text.push(chars.next()?.1),
            _ => text.push(char),
        }
    }
    None
}

/// What of an address matters here.
#[derive(Default)]
struct Uri {
    /// The number, or the user's name; empty where it names a machine only.
    user: String,
    /// The machine, in small letters; empty in `tel:`.
    host: String,
}

impl Uri {
    /// Reads `sip:`, `sips:` (RFC 3261 section 19.1) and `tel:` (RFC 3966); an address without a scheme as SIP.
    fn read(uri: &str) -> Self {
        let (scheme, rest) = uri.split_once(':').unwrap_or(("sip", uri));
        if scheme.eq_ignore_ascii_case("tel") {
            return Self { user: user_part(rest), host: String::new() };
        }
        let rest = if scheme.contains('@') {
            uri
        } else if scheme.eq_ignore_ascii_case("sip") || scheme.eq_ignore_ascii_case("sips") {
            rest
        } else {
            return Self::default();
        };
        let (user, host) = rest.split_once('@').unwrap_or(("", rest));
        let host = host.split([':', ';', '?']).next().unwrap_or_default().trim().to_ascii_lowercase();
        // "sip:5125550143" has no user, yet no machine's name is all digits (RFC 3261 section 25.1, `toplabel`).
        let numeric = user.is_empty() && host.trim_start_matches('+').bytes().all(|byte| byte.is_ascii_digit());
        if numeric {
            Self { user: user_part(&host), host: String::new() }
        } else {
            Self { user: user_part(user), host }
        }
    }

    fn is_hidden(&self) -> bool {
        self.host == HIDDEN_DOMAIN || HIDDEN.iter().any(|word| self.user.eq_ignore_ascii_case(word))
    }
}

/// A user part without its parameters and password, percent-escapes undone.
fn user_part(text: &str) -> String {
    plain(&unescaped(text.split([';', ':', '?']).next().unwrap_or_default()))
}

/// A number without what stands between its digits; other text as it is, but for control characters and its end.
fn plain(text: &str) -> String {
    let dialled = is_number(text);
    text.trim()
        .chars()
        .filter(|char| !(char.is_control() || dialled && SEPARATORS.contains(char)))
        .take(LONGEST_NUMBER)
        .collect()
}

/// Whether text can be dialled: digits, with what may stand among them.
fn is_number(text: &str) -> bool {
    text.contains(|char: char| char.is_ascii_digit())
        && text
            .chars()
            .all(|char| char.is_ascii_digit() || ['+', '*', '#'].contains(&char) || SEPARATORS.contains(&char))
}

/// Percent-escapes undone (RFC 3261 section 19.1.2). What is no escape stays; bytes that are no text are replaced.
fn unescaped(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        bytes.extend_from_slice(before.as_bytes());
        let escape = after.get(..2).filter(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit()));
        if let Some(byte) = escape.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            bytes.push(byte);
            rest = after.get(2..).unwrap_or_default();
        } else {
            bytes.push(b'%');
            rest = after;
        }
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The entries of a header that may be one line with commas or several lines (RFC 3261 section 7.3.1).
fn entries<'a>(values: &[&'a str]) -> impl Iterator<Item = &'a str> {
    values.iter().flat_map(|value| apart(value, ',')).map(str::trim).filter(|entry| !entry.is_empty())
}

/// Splits at `at`, but not inside quotes or angle brackets.
fn apart(text: &str, at: char) -> impl Iterator<Item = &str> {
    let (mut in_quotes, mut escaped, mut in_brackets) = (false, false, false);
    text.split(move |char| {
        let splits = char == at && !in_quotes && !in_brackets;
        match char {
            _ if escaped => escaped = false,
            '\\' if in_quotes => escaped = true,
            '"' => in_quotes = !in_quotes,
            '<' if !in_quotes => in_brackets = true,
            '>' if !in_quotes => in_brackets = false,
            _ => {}
        }
        splits
    })
}

/// The value of a parameter, without its quotes.
fn parameter<'a>(parameters: &'a str, name: &str) -> Option<&'a str> {
    apart(parameters, ';').find_map(|one| {
        let (found, value) = one.split_once('=')?;
        found.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"'))
    })
}

/// A diversion by `address`, if it names a number at all.
fn diverted(address: &Address<'_>, reason: Option<&'static str>) -> Option<Diverted> {
    let user = Uri::read(address.uri).user;
    (!user.is_empty()).then(|| Diverted { number: Secret::new(user), reason })
}

/// The reasons of RFC 5806 section 4.
fn known_reason(said: &str) -> Option<&'static str> {
    const REASONS: [&str; 11] = [
        "unknown",
        "user-busy",
        "no-answer",
        "unavailable",
        "unconditional",
        "time-of-day",
        "do-not-disturb",
        "deflection",
        "follow-me",
        "out-of-service",
        "away",
    ];
    REASONS.into_iter().find(|reason| said.eq_ignore_ascii_case(reason))
}

/// The reason that a status code in a History-Info stands for (RFC 7544 section 8.1).
fn reason_of(cause: &str) -> Option<&'static str> {
    match cause.trim() {
        "302" => Some("unconditional"),
        "404" => Some("unknown"),
        "408" => Some("no-answer"),
        "480" | "487" => Some("deflection"),
        "486" => Some("user-busy"),
        "503" => Some("unavailable"),
        _ => None,
    }
}

/// The last diverting party of a History-Info: the one that an entry's `mp` points to (RFC 7044 section 10.3), else the
/// one before an entry whose address tells a cause (RFC 4458), else one that tells why it was left (RFC 4244).
fn last_in_history(history_info: &[&str]) -> Option<Diverted> {
    let history: Vec<_> = entries(history_info).map(Address::read).collect();
    let mapped = history.iter().rev().find_map(|entry| {
        let source = parameter(entry.parameters, "mp")?;
        let left = history.iter().find(|other| parameter(other.parameters, "index") == Some(source))?;
        diverted(left, cause_of(entry).or_else(|| cause_left(left)))
    });
    let targeted = || {
        let pairs = history.iter().zip(history.iter().skip(1)).rev();
        pairs.filter(|(_, to)| has_cause(to)).find_map(|(left, to)| diverted(left, cause_of(to)))
    };
    let left = || {
        history
            .iter()
            .rev()
            .skip(1)
            .filter(|entry| reason_header(entry).is_some())
            .find_map(|entry| diverted(entry, cause_left(entry)))
    };
    mapped.or_else(targeted).or_else(left)
}

/// The parameters of an entry's own address, that is between the machine and `?`.
fn uri_parameters<'a>(entry: &Address<'a>) -> &'a str {
    let address = entry.uri.split('?').next().unwrap_or_default();
    let after_user = address.split_once('@').map_or(address, |(_, host)| host);
    after_user.split_once(';').map_or("", |(_, parameters)| parameters)
}

fn has_cause(entry: &Address<'_>) -> bool {
    parameter(uri_parameters(entry), "cause").is_some()
}

fn cause_of(entry: &Address<'_>) -> Option<&'static str> {
    parameter(uri_parameters(entry), "cause").and_then(reason_of)
}

/// The Reason that an entry's address carries as an escaped header, such as `?Reason=SIP%3Bcause%3D486`.
fn reason_header(entry: &Address<'_>) -> Option<String> {
    let headers = entry.uri.split_once('?')?.1;
    headers.split('&').find_map(|header| {
        let (name, value) = header.split_once('=')?;
        name.eq_ignore_ascii_case("Reason").then(|| unescaped(value))
    })
}

fn cause_left(entry: &Address<'_>) -> Option<&'static str> {
    let reason = reason_header(entry)?;
    let (protocol, parameters) = reason.split_once(';')?;
    // Q.850 numbers its causes otherwise.
    protocol.trim().eq_ignore_ascii_case("SIP").then(|| parameter(parameters, "cause").and_then(reason_of)).flatten()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(caller: &Caller) -> (&str, &str, bool, bool) {
        (caller.number.expose(), caller.name.expose(), caller.asserted, caller.private)
    }

    fn from(value: &str) -> Caller {
        caller(value, &[], None, false)
    }

    #[test]
    fn every_form_of_from_gives_its_number_and_name() {
        let table = [
            ("\"Mary Lopez\" <sip:+15125550143@pbx.example.com>;tag=1", "+15125550143", "Mary Lopez"),
            ("Mary Lopez <sip:5125550143@192.0.2.1:5060;user=phone>;tag=9", "5125550143", "Mary Lopez"),
            ("<sips:5125550143@pbx>", "5125550143", ""),
            ("sip:5125550143@pbx;tag=abc", "5125550143", ""),
            ("tel:+1-512-555-0143;tag=x", "+15125550143", ""),
            ("<TEL:(512)555.0143;phone-context=example.com>", "5125550143", ""),
            ("\"\" <sip:+1%20(512)%20555-0143;phone-context=x@pbx>", "+15125550143", ""),
            ("<sip:5125550143:secret@pbx>", "5125550143", ""),
            ("<sip:%2B15125550143@pbx>", "+15125550143", ""),
            ("\"Dr. \\\"Bo\\\" \\\\ <Li>, MD\" <sip:200@pbx>;tag=1", "200", "Dr. \"Bo\" \\ <Li>, MD"),
            ("\"5125550143\" <sip:5125550143@pbx>", "5125550143", ""),
            ("\"512-555-0143\" <sip:5125550143@pbx>", "5125550143", ""),
            ("\"Unavailable\" <sip:5125550143@pbx>", "5125550143", ""),
            ("\"José Ñ\" <sip:front-desk@pbx>", "front-desk", "José Ñ"),
            ("<sip:5125550143>", "5125550143", ""),
            ("<sip:192.0.2.1>", "", ""),
            ("<sip:pbx.example.com>", "", ""),
            ("5125550143@pbx:5060", "5125550143", ""),
            ("<sip:*72#@pbx>", "*72#", ""),
            ("<sip:a%0d%0ab%00@pbx>", "ab", ""),
            ("<sip:50%@pbx>", "50%", ""),
            ("\"Open <sip:200@pbx>", "200", "Open"),
            ("<urn:service:sos>", "", ""),
            ("<sip:200@pbx", "200", ""),
            ("", "", ""),
        ];
        for (value, number, name) in table {
            assert_eq!(shown(&from(value)), (number, name, false, false), "{value}");
        }
    }

    #[test]
    fn a_caller_who_hides_has_no_number_and_is_private() {
        for value in [
            "\"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=1",
            "<sip:ANONYMOUS@pbx>",
            "<sip:c8oqz84zk7z@Anonymous.Invalid:5060>",
            "Unavailable <sip:unavailable@pbx>",
            "<sip:restricted@pbx>",
            "\"Anonymous\" <sip:5125550143@pbx>",
            "tel:anonymous",
        ] {
            assert_eq!(shown(&from(value)), ("", "", false, true), "{value}");
        }
    }

    #[test]
    fn privacy_hides_unless_a_trusted_peer_asserts() {
        let plain = "\"Mary\" <sip:5125550143@pbx>";
        let hidden = "\"Anonymous\" <sip:anonymous@anonymous.invalid>";
        let vouched = ["\"Mary Lopez\" <sip:+15125550143@pbx>"];
        let none: &[&str] = &[];
        let table = [
            (plain, none, Some("none"), false, ("5125550143", "Mary", false, false)),
            (plain, none, Some("session;critical"), false, ("5125550143", "Mary", false, false)),
            (plain, none, Some("id"), false, ("", "", false, true)),
            (plain, none, Some("critical; User"), false, ("", "", false, true)),
            (plain, none, Some("header"), true, ("", "", false, true)),
            (plain, &vouched, None, false, ("5125550143", "Mary", false, false)),
            (plain, &vouched, None, true, ("+15125550143", "Mary Lopez", true, false)),
            (hidden, &vouched, Some("id"), false, ("", "", false, true)),
            (hidden, &vouched, None, false, ("", "", false, true)),
            (hidden, &vouched, Some("id"), true, ("+15125550143", "Mary Lopez", true, true)),
            (hidden, &vouched, None, true, ("+15125550143", "Mary Lopez", true, true)),
            (plain, &["<tel:+15125550143>"], Some("id"), true, ("+15125550143", "", true, true)),
            (plain, &["<tel:+15125550143>"], None, true, ("+15125550143", "Mary", true, false)),
            (plain, &["<sip:pbx.example.com>"], None, true, ("5125550143", "Mary", false, false)),
            (plain, &["<sip:anonymous@anonymous.invalid>"], None, true, ("", "", true, true)),
            (plain, &["<sip:5125550143@pbx>, <tel:+1-512-555-0143>"], None, true, ("5125550143", "Mary", true, false)),
        ];
        for (from, asserted, privacy, trusted, expected) in table {
            assert_eq!(shown(&caller(from, asserted, privacy, trusted)), expected, "{from} {asserted:?} {privacy:?}");
        }
    }

    #[test]
    fn asserted_values_are_read_across_lines_and_commas() {
        let found = caller(
            "<sip:pbx>",
            &["<sip:gateway>", "\"Lopez \\\", Mary\" <sip:x.example>, <tel:+15125550143>"],
            None,
            true,
        );
        assert_eq!(shown(&found), ("+15125550143", "Lopez \", Mary", true, false));
    }

    #[test]
    fn the_last_diverting_party_is_found() {
        let diverted = |diversion: &[&str], history: &[&str]| {
            diverted_from(diversion, history).map(|found| (found.number.expose().to_owned(), found.reason))
        };
        let is = |number: &str, reason| Some((number.to_owned(), reason));
        let table: [(&[&str], &[&str], _); 13] = [
            (&[], &[], None),
            (&["<sip:5125550100@pbx>;reason=no-answer;counter=1"], &[], is("5125550100", Some("no-answer"))),
            (
                &["\"A; B\" <tel:+1-512-555-0100>;privacy=off;reason=\"User-Busy\", <sip:1@pbx>;reason=away"],
                &["<sip:2@pbx>;index=1, <sip:3@pbx;cause=302>;index=1.1"],
                is("+15125550100", Some("user-busy")),
            ),
            (&["<sip:1@pbx>;reason=new-word", "<sip:2@pbx>;reason=away"], &[], is("1", None)),
            (
                &["<sip:pbx>;reason=away"],
                &["<sip:2@pbx>;index=1, <sip:3@pbx;cause=302>;index=1.1"],
                is("2", Some("unconditional")),
            ),
            (
                &[],
                &[
                    "<sip:100@pbx>;index=1, <sip:100@10.0.0.1?Reason=SIP%3Bcause%3D486>;index=1.1;rc=1",
                    "<sip:200@pbx;cause=408>;index=1.2;mp=1.1,<sip:200@10.0.0.9>;index=1.2.1;rc=1.2",
                ],
                is("100", Some("no-answer")),
            ),
            (
                &[],
                &["<sip:100@pbx?Reason=SIP%3Bcause%3D486%3Btext%3D%22Busy%22>;index=1, <sip:200@pbx>;index=2"],
                is("100", Some("user-busy")),
            ),
            (&[], &["<sip:100@pbx?Reason=Q.850%3Bcause%3D17>;index=1, <sip:200@pbx>;index=2"], is("100", None)),
            (&[], &["<sip:100@pbx>;index=1, <sip:box@10.0.0.9>;index=1.1;rc=1"], None),
            (&[], &["<sip:100@pbx>;index=1, <sip:200@pbx;cause=486>;index=2;mp=7"], is("100", Some("user-busy"))),
            (&[], &["<sip:100@pbx;cause=486>;index=1"], None),
            (
                &[],
                &["<sip:100@pbx>;index=1, <sip:300@pbx>;index=1.1;np=1, <sip:200@pbx;cause=302>;index=1.2;mp=1"],
                is("100", Some("unconditional")),
            ),
            (&[], &["<sip:100@pbx?Reason=X.1%3Bcause%3D486>;index=1, <sip:200@pbx>;index=2"], is("100", None)),
        ];
        for (diversion, history, expected) in table {
            assert_eq!(diverted(diversion, history), expected, "{diversion:?} {history:?}");
        }
    }

    #[test]
    fn the_number_asked_for_is_the_dialled_one() {
        let table = [
            ("sip:+15125550100@192.0.2.10:5060;transport=udp", "<sip:200@pbx>", "+15125550100"),
            ("sip:box-7f3a@192.0.2.10", "\"Clinic\" <sip:512-555-0100@pbx>", "5125550100"),
            ("sip:box@192.0.2.10", "<sip:front@pbx>", "box"),
            ("sip:192.0.2.10", "<sip:front@pbx>;tag=1", "front"),
            ("<tel:+1-512-555-0100>", "", "+15125550100"),
            ("", "", ""),
        ];
        for (request, to, number) in table {
            assert_eq!(asked_for(request, to).expose(), number, "{request} {to}");
        }
    }

    #[test]
    fn debug_is_the_same_for_different_people() {
        let debug = |number: &str, name: &str| {
            let value = format!("\"{name}\" <sip:{number}@pbx>");
            format!(
                "{:?} {:?} {:?}",
                from(&value),
                diverted_from(&[&value], &[]),
                asked_for(&format!("sip:{number}@pbx"), "")
            )
        };
        assert_eq!(debug("5125550143", "Mary"), debug("8009998877", "John"));
    }

    proptest! {
        #[test]
        fn any_text_is_read(
            a in any::<String>(), b in any::<String>(), c in any::<String>(), trusted in any::<bool>(),
        ) {
            let found = caller(&a, &[&b, &c], Some(&c), trusted);
            prop_assert!(found.number.len() <= 4 * LONGEST_NUMBER && found.name.len() <= 4 * LONGEST_NAME);
            let _ = diverted_from(&[&a], &[&b, &c]);
            let _ = diverted_from(&[], &[&b, &c]);
            let _ = asked_for(&a, &b);
        }

        #[test]
        fn text_of_the_same_marks_is_read(text in "[\"<>\\\\;:,@%?=a0+é -]{0,60}", trusted in any::<bool>()) {
            let found = caller(&text, &[&text], Some("id"), trusted);
            prop_assert!(found.private && (found.asserted || found.number.is_empty()));
            let _ = diverted_from(&[&text], &[&text]);
            let _ = asked_for(&text, &text);
        }

        #[test]
        fn a_name_and_a_number_survive_the_header(name in "[A-Za-z\"\\\\<>,; ]{0,20}", number in "\\+?[0-9]{3,15}") {
            let escaped = name.replace('\\', "\\\\").replace('"', "\\\"");
            let found = from(&format!("\"{escaped}\" <sip:{number}@pbx>;tag=1"));
            prop_assume!(!HIDDEN.contains(&name.trim().to_ascii_lowercase().as_str()));
            prop_assert_eq!(shown(&found), (number.as_str(), name.trim(), false, false));
        }
    }
}
