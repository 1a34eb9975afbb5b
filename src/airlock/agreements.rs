//! The register of business associate agreements, and who opened which door: a file that the privacy officer keeps.
//!
//! In:  the file's text; for each endpoint of the configuration, what it is asked to do and what would be sent.
//! Out: [`Open`], or the one [`Off`] that says what the privacy officer has to do next. Without it nothing leaves.
//!
//! Two things open a door. An *agreement*, 45 CFR 164.504(e): the provider has signed that it guards what it is sent,
//! 164.502(e)(1) allows nothing before that; and the officer has read it. An *approval*: the officer has looked, in a
//! rehearsal, at what would leave, for exactly this catalogue of prompts, tools and passages and this vocabulary.
//!
//! A model on the clinic's own premises needs no agreement, since what is sent there is given to nobody else: there is
//! no business associate, 160.103. It needs the approval all the same. What is redacted badly would otherwise stand in
//! a log of one more machine, and a wrong prompt is as wrong there.
//!
//! ```text
//!  agreement ─> signed off ─> in force ─> in the region ─> keeps nothing ─┐
//!                                                        on the premises ─┴─> approved ─> not changed since ─> Open
//! ```

mod append;
mod off;

use jiff::civil::Date;

use super::entries::{Entry, File};
use super::prices::ANY;
use crate::config::Problem;

pub use append::{with_agreement, with_approval};
pub use off::{Changed, Off};

/// Days before the end of an agreement from which on there is a warning.
pub const WARN_DAYS: u32 = 30;

/// `[[agreement]]`: what a provider has signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// The name of an endpoint in the configuration.
    pub endpoint: String,
    /// Who signed it for the provider's side.
    pub party: String,
    /// What it covers, in the officer's words.
    pub scope: String,
    /// The day from which on it is in force.
    pub signed: Date,
    /// The first day on which it is no longer in force. Of two readings of "until" this is the careful one.
    pub expires: Date,
    /// Where the provider may work on what it is sent; [`ANY`] where the agreement does not say.
    pub region: String,
    /// Whether the provider keeps nothing once it has answered.
    pub zero_retention: bool,
    /// The officer who has read it, and when; `None` until then.
    pub signed_off: Option<(String, Date)>,
}

/// `[[approval]]`: an officer has looked at what would leave and opens this door.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// The name of an endpoint in the configuration.
    pub endpoint: String,
    /// Who looked.
    pub officer: String,
    /// When.
    pub on: Date,
    /// SHA-256 of the catalogue (prompts, tools and passages): 64 hexadecimal digits, lower case.
    pub prompt: String,
    /// SHA-256 of the vocabulary, likewise.
    pub vocabulary: String,
}

/// What an endpoint is asked to do, and what would be sent to it.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Its name in the configuration.
    pub endpoint: &'a str,
    /// Where it is pinned to; [`ANY`] where it is not.
    pub region: &'a str,
    /// Whether it is on the clinic's own premises.
    pub lan: bool,
    /// Whether the configuration demands that nothing is kept.
    pub zero_retention: bool,
    /// Today, where the clinic is.
    pub today: Date,
    /// SHA-256 of the catalogue that would be sent, as in [`Approval::prompt`].
    pub catalogue: &'a str,
    /// SHA-256 of the vocabulary that is in use, as in [`Approval::vocabulary`].
    pub vocabulary: &'a str,
}

/// The door is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// Who opened it.
    pub officer: String,
    /// When.
    pub since: Date,
    /// When the agreement ends; `None` on the clinic's own premises.
    pub expires: Option<Date>,
    /// Days until then, at least 1.
    pub days_left: Option<u32>,
}

impl Open {
    /// Whether it is time to see to the next agreement.
    #[must_use]
    pub fn ends_soon(&self) -> bool {
        self.days_left.is_some_and(|days| days <= WARN_DAYS)
    }
}

/// Everything that the file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Register {
    agreements: Vec<Agreement>,
    approvals: Vec<Approval>,
}

impl Register {
    /// Reads the file. An empty one has no problems, and opens no door.
    ///
    /// # Errors
    /// Every problem of the file, each with the entry's number.
    pub fn parse(text: &str) -> Result<Self, Vec<Problem>> {
        let mut file = File::open(text)?;
        let agreements = file.entries("agreement", agreement);
        let approvals = file.entries("approval", approval);
        file.finish()?;
        Ok(Self {
            agreements: agreements.into_iter().map(|(_, entry)| entry).collect(),
            approvals: approvals.into_iter().map(|(_, entry)| entry).collect(),
        })
    }

    /// The entries whose endpoint is none of these: misspelled, or left over.
    #[must_use]
    pub fn strangers(&self, endpoints: &[&str]) -> Vec<Problem> {
        let agreements = self.agreements.iter().map(|entry| &entry.endpoint);
        let approvals = self.approvals.iter().map(|entry| &entry.endpoint);
        let numbered = |kind: &'static str| move |(number, name)| (format!("{kind} {number}.endpoint"), name);
        let all =
            (1..).zip(agreements).map(numbered("agreement")).chain((1..).zip(approvals).map(numbered("approval")));
        let strange = all.filter(|(_, name)| !endpoints.contains(&name.as_str()));
        let what = "is no endpoint of the configuration: correct its spelling, or remove the entry";
        strange.map(|(key, _)| Problem { key, what: what.to_owned() }).collect()
    }

    /// Whether anything may be sent to an endpoint today.
    ///
    /// Of several agreements the newest that is signed off and in force holds, so that a renewal can be entered before
    /// the old one is over. Of several approvals only the newest counts: going back to what was approved before it is a
    /// change too.
    ///
    /// # Errors
    /// [`Off`], the first thing that is to be done.
    pub fn standing(&self, asked: &Asked<'_>) -> Result<Open, Off> {
        let expires = if asked.lan { None } else { Some(self.agreed(asked)?.expires) };
        let approval = self.approved(asked)?;
        Ok(Open {
            officer: approval.officer.clone(),
            since: approval.on,
            expires,
            days_left: expires.map(|expires| days_between(asked.today, expires)),
        })
    }

    /// Days until the endpoint's agreement ends, 0 once it has; `None` where there is none that ever held.
    #[must_use]
    pub fn days_left(&self, endpoint: &str, today: Date) -> Option<u32> {
        let held = self.agreements.iter().filter(|entry| entry.endpoint == endpoint && entry.begun(today).is_ok());
        held.map(|entry| days_between(today, entry.expires)).max()
    }

    /// The agreement that covers what is asked.
    fn agreed(&self, asked: &Asked<'_>) -> Result<&Agreement, Off> {
        let of_endpoint = || self.agreements.iter().filter(|entry| entry.endpoint == asked.endpoint);
        let held = of_endpoint().filter(|entry| entry.held(asked.today).is_ok()).max_by_key(|entry| entry.signed);
        let newest = held.or_else(|| of_endpoint().max_by_key(|entry| entry.signed)).ok_or(Off::NoAgreement)?;
        newest.held(asked.today)?;
        if newest.region != ANY && newest.region != asked.region {
            let (agreed, pinned) = (newest.region.clone(), asked.region.to_owned());
            return Err(Off::RegionOutsidePin { agreed, pinned });
        }
        if asked.zero_retention && !newest.zero_retention {
            return Err(Off::RetainsData { party: newest.party.clone() });
        }
        Ok(newest)
    }

    /// The approval of what would be sent.
    fn approved(&self, asked: &Asked<'_>) -> Result<&Approval, Off> {
        let of_endpoint = self.approvals.iter().filter(|entry| entry.endpoint == asked.endpoint);
        let newest = of_endpoint.filter(|entry| entry.on <= asked.today).max_by_key(|entry| entry.on);
        let newest = newest.ok_or(Off::NotApproved)?;
        let what = match (newest.prompt == asked.catalogue, newest.vocabulary == asked.vocabulary) {
            (true, true) => return Ok(newest),
            (false, true) => Changed::Catalogue,
            (true, false) => Changed::Vocabulary,
            (false, false) => Changed::Both,
        };
        Err(Off::ApprovalOutdated { officer: newest.officer.clone(), on: newest.on, what })
    }
}

impl Agreement {
    /// Whether it was read and has begun.
    fn begun(&self, today: Date) -> Result<(), Off> {
        let party = || self.party.clone();
        if self.signed_off.as_ref().is_none_or(|(_, on)| *on > today) {
            return Err(Off::NotSignedOff { party: party() });
        }
        if today < self.signed {
            return Err(Off::NotYetInForce { party: party(), from: self.signed });
        }
        Ok(())
    }

    /// Whether it is in force.
    fn held(&self, today: Date) -> Result<(), Off> {
        self.begun(today)?;
        if today >= self.expires {
            return Err(Off::Expired { party: self.party.clone(), on: self.expires });
        }
        Ok(())
    }
}

/// Days from one day to a later one; 0 if it is not later.
fn days_between(from: Date, to: Date) -> u32 {
    u32::try_from(from.duration_until(to).as_hours() / 24).unwrap_or(0)
}

fn agreement(entry: &mut Entry) -> Option<Agreement> {
    let endpoint = entry.text("endpoint");
    let party = entry.text("party");
    let scope = entry.text("scope");
    let signed = entry.date("signed");
    let expires = entry.date("expires");
    let region = entry.region("region");
    let zero_retention = entry.flag("zero-retention");
    let read = entry.has("signed-off-by") || entry.has("signed-off-on");
    let signed_off = if read { entry.text("signed-off-by").zip(entry.date("signed-off-on")) } else { None };
    if signed.zip(expires).is_some_and(|(signed, expires)| expires <= signed) {
        entry.problem("expires", "should be after signed: correct one of them");
    }
    Some(Agreement {
        endpoint: endpoint?,
        party: party?,
        scope: scope?,
        signed: signed?,
        expires: expires?,
        region: region?,
        zero_retention: zero_retention?,
        signed_off,
    })
}

fn approval(entry: &mut Entry) -> Option<Approval> {
    let endpoint = entry.text("endpoint");
    let officer = entry.text("officer");
    let on = entry.date("on");
    let prompt = digest(entry, "prompt");
    let vocabulary = digest(entry, "vocabulary");
    Some(Approval { endpoint: endpoint?, officer: officer?, on: on?, prompt: prompt?, vocabulary: vocabulary? })
}

/// A SHA-256 as 64 hexadecimal digits, lower case.
fn digest(entry: &mut Entry, key: &str) -> Option<String> {
    let text = entry.text(key)?;
    let right = text.len() == 64 && text.chars().all(|c| c.is_ascii_digit() || ('a'..='f').contains(&c));
    if !right {
        entry.problem(key, "should be 64 hexadecimal digits, lower case: copy what the rehearsal shows");
    }
    right.then_some(text)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    pub(super) const TODAY: Date = date(2026, 11, 27);
    pub(super) const PROMPT: &str = "00000000000000000000000000000000000000000000000000000000000000aa";
    pub(super) const WORDS: &str = "00000000000000000000000000000000000000000000000000000000000000bb";

    pub(super) fn signed() -> Agreement {
        Agreement {
            endpoint: "main".to_owned(),
            party: "Example AI, Inc.".to_owned(),
            scope: "Redacted words of callers".to_owned(),
            signed: date(2026, 1, 1),
            expires: date(2027, 1, 1),
            region: "us".to_owned(),
            zero_retention: true,
            signed_off: Some(("A. Officer".to_owned(), date(2026, 1, 5))),
        }
    }

    pub(super) fn looked() -> Approval {
        Approval {
            endpoint: "main".to_owned(),
            officer: "A. Officer".to_owned(),
            on: date(2026, 11, 1),
            prompt: PROMPT.to_owned(),
            vocabulary: WORDS.to_owned(),
        }
    }

    const ASKED: Asked<'_> = Asked {
        endpoint: "main",
        region: "us",
        lan: false,
        zero_retention: true,
        today: TODAY,
        catalogue: PROMPT,
        vocabulary: WORDS,
    };

    fn register(agreements: &[Agreement], approvals: &[Approval]) -> Register {
        Register { agreements: agreements.to_vec(), approvals: approvals.to_vec() }
    }

    /// Why the door is shut with that agreement and a right approval.
    fn off(agreement: Agreement) -> Off {
        register(&[agreement], &[looked()]).standing(&ASKED).unwrap_err()
    }

    fn problems(text: &str) -> Vec<String> {
        Register::parse(text).err().unwrap_or_default().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn signed_read_and_approved_opens_the_door() {
        let open = register(&[signed()], &[looked()]).standing(&ASKED).unwrap();
        assert_eq!((open.expires, open.days_left), (Some(date(2027, 1, 1)), Some(35)));
        assert_eq!((open.officer.as_str(), open.since), ("A. Officer", date(2026, 11, 1)));
        assert!(!open.ends_soon());
    }

    #[test]
    fn each_thing_that_is_missing_is_named_with_what_to_do() {
        let party = || "Example AI, Inc.".to_owned();
        assert_eq!(Register::default().standing(&ASKED), Err(Off::NoAgreement));
        assert_eq!(off(Agreement { endpoint: "other".to_owned(), ..signed() }), Off::NoAgreement);
        assert_eq!(off(Agreement { signed_off: None, ..signed() }), Off::NotSignedOff { party: party() });
        let tomorrow = Some(("A. Officer".to_owned(), date(2026, 11, 28)));
        assert_eq!(off(Agreement { signed_off: tomorrow, ..signed() }), Off::NotSignedOff { party: party() });
        let later = date(2026, 12, 1);
        assert_eq!(off(Agreement { signed: later, ..signed() }), Off::NotYetInForce { party: party(), from: later });
        assert_eq!(off(Agreement { expires: TODAY, ..signed() }), Off::Expired { party: party(), on: TODAY });
        let region = Off::RegionOutsidePin { agreed: "eu".to_owned(), pinned: "us".to_owned() };
        assert_eq!(off(Agreement { region: "eu".to_owned(), ..signed() }), region);
        assert_eq!(off(Agreement { zero_retention: false, ..signed() }), Off::RetainsData { party: party() });
        assert_eq!(register(&[signed()], &[]).standing(&ASKED), Err(Off::NotApproved));
        assert_eq!(
            off(Agreement { signed_off: None, ..signed() }).to_string(),
            "the agreement with Example AI, Inc. is not signed off: read it, then add signed-off-by and signed-off-on \
             to its entry"
        );
    }

    #[test]
    fn the_last_day_is_the_one_before_it_expires() {
        let on =
            |today| register(&[signed()], &[looked()]).standing(&Asked { today, ..ASKED }).map(|open| open.days_left);
        assert_eq!(on(date(2026, 12, 31)), Ok(Some(1)));
        assert!(matches!(on(date(2027, 1, 1)), Err(Off::Expired { .. })));
    }

    #[test]
    fn thirty_days_before_the_end_there_is_a_warning() {
        let on = |today| register(&[signed()], &[looked()]).standing(&Asked { today, ..ASKED }).unwrap().ends_soon();
        assert!(!on(date(2026, 12, 1)));
        assert!(on(date(2026, 12, 2)));
        let register = register(&[signed()], &[]);
        assert_eq!(register.days_left("main", date(2026, 12, 2)), Some(30));
        assert_eq!(register.days_left("main", date(2027, 6, 1)), Some(0));
        assert_eq!(register.days_left("main", date(2025, 6, 1)), None);
        assert_eq!(register.days_left("other", TODAY), None);
    }

    #[test]
    fn an_agreement_for_any_region_covers_each_and_one_region_does_not_cover_any() {
        let any = Agreement { region: ANY.to_owned(), ..signed() };
        assert!(register(&[any], &[looked()]).standing(&ASKED).is_ok());
        let unpinned = register(&[signed()], &[looked()]).standing(&Asked { region: ANY, ..ASKED });
        assert!(matches!(unpinned, Err(Off::RegionOutsidePin { .. })));
    }

    #[test]
    fn who_keeps_data_is_used_only_where_the_configuration_lets_it() {
        let keeps = register(&[Agreement { zero_retention: false, ..signed() }], &[looked()]);
        assert!(keeps.standing(&Asked { zero_retention: false, ..ASKED }).is_ok());
        assert!(keeps.standing(&ASKED).is_err());
    }

    #[test]
    fn a_renewal_can_be_entered_before_the_old_agreement_ends() {
        let next = Agreement { signed: date(2026, 12, 20), expires: date(2028, 1, 1), ..signed() };
        let draft = Agreement { signed: date(2026, 11, 20), signed_off: None, ..signed() };
        let expires = |agreements: &[Agreement], today| {
            register(agreements, &[looked()]).standing(&Asked { today, ..ASKED }).map(|open| open.expires)
        };
        assert_eq!(expires(&[signed(), next.clone()], TODAY), Ok(Some(date(2027, 1, 1))));
        assert_eq!(expires(&[signed(), next.clone()], date(2026, 12, 20)), Ok(Some(date(2028, 1, 1))));
        assert_eq!(expires(&[draft, signed()], TODAY), Ok(Some(date(2027, 1, 1))));
        let strict = Agreement { region: "eu".to_owned(), signed: date(2026, 11, 20), ..signed() };
        assert!(expires(&[signed(), strict], TODAY).is_err(), "the newest holds, even where it allows less");
        let over = Agreement { expires: date(2026, 6, 1), ..signed() };
        assert!(matches!(expires(&[over, next], TODAY), Err(Off::NotYetInForce { .. })));
    }

    #[test]
    fn on_the_clinics_own_premises_there_is_no_agreement_but_an_approval() {
        let lan = Asked { lan: true, ..ASKED };
        assert_eq!(Register::default().standing(&lan), Err(Off::NotApproved));
        let open = register(&[], &[looked()]).standing(&lan).unwrap();
        assert_eq!((open.expires, open.days_left, open.ends_soon()), (None, None, false));
        assert!(register(&[], &[looked()]).standing(&Asked { vocabulary: PROMPT, ..lan }).is_err());
    }

    #[test]
    fn what_changed_since_the_approval_shuts_the_door_again() {
        let now = |catalogue, vocabulary| {
            register(&[signed()], &[looked()]).standing(&Asked { catalogue, vocabulary, ..ASKED }).unwrap_err()
        };
        let changed = |what| Off::ApprovalOutdated { officer: "A. Officer".to_owned(), on: date(2026, 11, 1), what };
        assert_eq!(now(WORDS, WORDS), changed(Changed::Catalogue));
        assert_eq!(now(PROMPT, PROMPT), changed(Changed::Vocabulary));
        assert_eq!(now(WORDS, PROMPT), changed(Changed::Both));
        assert_eq!(
            now(WORDS, WORDS).to_string(),
            "the prompt, the tools or the passages changed since A. Officer approved on 2026-11-01: look at what would \
             leave now, then approve it again"
        );
    }

    #[test]
    fn only_the_newest_approval_counts_and_none_of_the_future() {
        let other = Approval { prompt: WORDS.to_owned(), on: date(2026, 11, 10), ..looked() };
        let standing = |approvals: &[Approval]| register(&[signed()], approvals).standing(&ASKED);
        assert!(standing(&[other.clone(), looked()]).is_err(), "an older one does not come back");
        let again = Approval { on: date(2026, 11, 10), ..looked() };
        assert!(standing(&[other.clone(), again.clone()]).is_ok(), "of one day the last in the file");
        assert!(standing(&[again, other]).is_err());
        assert_eq!(standing(&[Approval { on: date(2026, 11, 28), ..looked() }]), Err(Off::NotApproved));
        assert_eq!(standing(&[Approval { endpoint: "x".to_owned(), ..looked() }]), Err(Off::NotApproved));
    }

    #[test]
    fn every_reason_has_a_name_of_its_own() {
        let text = String::new;
        let all = [
            Off::NoAgreement,
            Off::NotSignedOff { party: text() },
            Off::NotYetInForce { party: text(), from: TODAY },
            Off::Expired { party: text(), on: TODAY },
            Off::RegionOutsidePin { agreed: text(), pinned: text() },
            Off::RetainsData { party: text() },
            Off::NotApproved,
            Off::ApprovalOutdated { officer: text(), on: TODAY, what: Changed::Both },
        ];
        let names: std::collections::BTreeSet<_> = all.iter().map(Off::as_str).collect();
        assert_eq!(names.len(), all.len());
    }

    pub(super) const EXAMPLE: &str = include_str!("../../docs/agreements.example.toml");

    #[test]
    fn the_example_is_read_and_opens_nothing_by_itself() {
        let register = Register::parse(EXAMPLE).unwrap();
        assert_eq!((register.agreements.len(), register.approvals.len()), (1, 1));
        assert!(matches!(register.standing(&ASKED), Err(Off::NoAgreement)));
        let asked = Asked { endpoint: "example", today: date(2026, 12, 1), ..ASKED };
        assert!(matches!(register.standing(&asked), Err(Off::NotSignedOff { .. })));
        assert!(matches!(register.standing(&Asked { lan: true, ..asked }), Err(Off::ApprovalOutdated { .. })));
    }

    #[test]
    fn wrong_entries_are_refused_with_their_number_all_at_once() {
        let good = with_approval(&with_agreement("", &signed()).unwrap(), &looked()).unwrap();
        assert_eq!(problems(&good), Vec::<String>::new());
        let wrong = [
            ("expires = 2027-01-01", "expires = 2026-01-01", "agreement 1.expires: should be after signed"),
            ("signed-off-on = 2026-01-05\n", "", "agreement 1.signed-off-on: is missing"),
            ("signed-off-by = \"A. Officer\"\n", "", "agreement 1.signed-off-by: is missing"),
            ("zero-retention = true\n", "", "agreement 1.zero-retention: is missing"),
            ("zero-retention", "zero_retention", "agreement 1.zero-retention: is missing"),
            (PROMPT, "AA", "approval 1.prompt: should be 64 hexadecimal digits"),
            ("0bb", "0BB", "approval 1.vocabulary: should be 64 hexadecimal digits"),
            ("on = 2026-11-01", "on = \"today\"", "approval 1.on: should be a day"),
            ("[[approval]]", "[[aproval]]", "aproval: is not a known key"),
        ];
        for (from, to, problem) in wrong {
            let found = problems(&good.replace(from, to));
            assert!(found.first().is_some_and(|first| first.starts_with(problem)), "{to}: {found:#?}");
        }
        let all = problems(&good.replace(" = \"us\"", " = 1").replace(PROMPT, "x").replace("on = 2026-11-01", ""));
        assert_eq!(all.len(), 3, "{all:#?}");
    }

    #[test]
    fn an_endpoint_that_the_configuration_does_not_have_is_pointed_out() {
        let register = register(&[signed()], &[looked(), Approval { endpoint: "mian".to_owned(), ..looked() }]);
        assert_eq!(register.strangers(&["main", "mian"]), []);
        let strangers: Vec<_> = register.strangers(&["main"]).iter().map(ToString::to_string).collect();
        assert_eq!(strangers.len(), 1);
        assert!(strangers[0].starts_with("approval 2.endpoint: is no endpoint"), "{strangers:#?}");
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_without_panic(
            text in "(\\[\\[(agreement|approval)\\]\\]\n|[a-z-]{1,9} = [0-9\"a-z-]{0,12}\n){0,9}",
        ) {
            let _ = Register::parse(&text);
        }

        #[test]
        fn no_door_opens_for_what_was_not_approved(
            prompt in "[0-9a-f]{64}", vocabulary in "[0-9a-f]{64}", lan in any::<bool>(),
        ) {
            let standing = |approval| register(&[signed()], &[approval]).standing(&Asked { lan, ..ASKED });
            let prompt = standing(Approval { prompt, ..looked() });
            let vocabulary = standing(Approval { vocabulary, ..looked() });
            prop_assert!(prompt.is_err() && vocabulary.is_err());
        }
    }
}
