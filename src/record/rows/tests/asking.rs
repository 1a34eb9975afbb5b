use super::*;
use crate::record::review::{ReleaseRole, Review};
use crate::record::rows::{answer, open, preview};
use crate::wire::rows::{Answer, Ask, Batch, Closed, Cursor, MOST_EVENTS, digest};

fn ask(cursor: Option<Cursor>) -> Ask {
    Ask { destination: "dw".to_owned(), cursor, until: None, end: None }
}

fn answered(log: &Log, class: Class, ask: &Ask) -> Answer {
    answer(&log.location.reader().unwrap(), &destination(class), "a box", &HashSet::new(), ask).unwrap()
}

fn batch(log: &Log, class: Class, ask: &Ask) -> Batch {
    match answered(log, class, ask) {
        Answer::Batch(batch) => *batch,
        other @ (Answer::Done { .. } | Answer::Diverged | Answer::Closed { .. }) => panic!("{other:?}"),
    }
}

fn after(batch: &Batch) -> Cursor {
    Cursor {
        log: batch.log.clone(),
        next: batch.next,
        size: batch.checkpoint.size,
        root: batch.checkpoint.root.clone(),
    }
}

fn updates(count: u64) -> Vec<Entry> {
    (0..count).map(|_| entry(None, 0, Kind::Update, "recordd", 0, &json!({}))).collect()
}

#[test]
fn batches_follow_one_another_up_to_the_newest_checkpoint() {
    let log = Log::of(updates(2_500));
    assert_eq!(answered(&log, Class::DeIdentified, &ask(None)), Answer::Done { checkpoint: None, log: log.id() });
    let root = log.checkpoint(2_400);
    let first = batch(&log, Class::DeIdentified, &ask(None));
    assert_eq!((first.first, first.next, first.checkpoint.size), (0, MOST_EVENTS, 2_400));
    assert_eq!((&first.checkpoint.root, &first.log), (&root, &log.id()));
    let second = batch(&log, Class::DeIdentified, &ask(Some(after(&first))));
    let third = batch(&log, Class::DeIdentified, &ask(Some(after(&second))));
    assert_eq!((second.first, second.next, third.first, third.next), (1_000, 2_000, 2_000, 2_400));
    let done = answered(&log, Class::DeIdentified, &ask(Some(after(&third))));
    assert_eq!(done, Answer::Done { checkpoint: Some(third.checkpoint), log: log.id() });
}

#[test]
fn a_run_ends_where_it_was_told_and_a_range_that_lies_there_is_made_again() {
    let log = Log::of(a_call(CallId::draw(), 0));
    log.checkpoint(log.size());
    let until = |until| Ask { until: Some(until), ..ask(None) };
    assert_eq!(batch(&log, Class::DeIdentified, &until(7)).next, 7);
    assert!(matches!(answered(&log, Class::DeIdentified, &until(0)), Answer::Done { .. }));
    let end = |end| Ask { end: Some(end), until: Some(3), ..ask(None) };
    let made = batch(&log, agreement(None), &end(12));
    assert_eq!((made.next, &made), (12, &batch(&log, agreement(None), &end(12))));
    assert_eq!(answered(&log, Class::DeIdentified, &end(log.size() + 1)), Answer::Diverged);
}

#[test]
fn a_cursor_of_another_record_or_another_life_of_this_one_diverges() {
    let log = Log::of(updates(40));
    log.checkpoint(30);
    let cursor = after(&batch(&log, Class::DeIdentified, &ask(None)));
    let diverged = |cursor| answered(&log, Class::DeIdentified, &ask(Some(cursor))) == Answer::Diverged;
    assert!(!diverged(cursor.clone()));
    assert!(diverged(Cursor { log: "another".to_owned(), ..cursor.clone() }));
    assert!(diverged(Cursor { root: "00".repeat(32), ..cursor.clone() }));
    assert!(diverged(Cursor { size: 41, ..cursor.clone() }));
    assert!(diverged(Cursor { next: 41, ..cursor.clone() }));
    // The checkpoint's row is gone, its leaves are not.
    log.execute("DELETE FROM checkpoint", []);
    log.checkpoint(40);
    assert!(!diverged(cursor.clone()));
    assert!(diverged(Cursor { size: 29, ..cursor }));
}

#[test]
fn a_log_that_continues_the_one_a_destination_knows_begins_there_at_its_own_start() {
    let fork = entry(None, 0, Kind::LogFork, "recordd", 0, &json!({ "predecessor": "the old log" }));
    let log = Log::of(vec![fork]);
    log.checkpoint(1);
    let cursor = Cursor { log: "the old log".to_owned(), next: 900, size: 900, root: "00".repeat(32) };
    let made = batch(&log, Class::DeIdentified, &ask(Some(cursor)));
    assert_eq!((made.first, made.next), (0, 1));
}

#[test]
fn a_batch_fits_a_frame_and_a_body_that_does_not_is_left_out() {
    let big = |size: usize| entry(None, 0, Kind::Update, "recordd", 0, &json!({ "words": "x".repeat(size) }));
    let log = Log::of((0..9).map(|n| big(if n == 4 { 800_000 } else { 200_000 })).collect());
    log.checkpoint(9);
    let (mut cursor, mut states) = (None, Vec::new());
    while let Answer::Batch(batch) = answered(&log, agreement(None), &ask(cursor.clone())) {
        assert!(serde_json::to_vec(&batch).unwrap().len() < 750_000);
        states.extend(rows(&batch.tables, "raw_events").into_iter().map(|row| row["body_state"].clone()));
        cursor = Some(after(&batch));
    }
    let expected: Vec<_> = (0..9).map(|n| text(if n == 4 { "left-out" } else { "open" })).collect();
    assert_eq!(states, expected);
}

#[test]
fn a_batch_made_twice_has_one_digest_even_with_sealed_bodies_and_its_key_opens_them() {
    let key = crypto_box::SecretKey::generate(&mut crypto_box::aead::OsRng);
    let class = || agreement(Some(key.public_key().to_bytes()));
    let log = Log::of(a_call(CallId::draw(), 0));
    log.checkpoint(log.size());
    let (one, two) = (batch(&log, class(), &ask(None)), batch(&log, class(), &ask(None)));
    assert_ne!(one.tables, two.tables);
    assert_eq!(one.digest, two.digest);
    assert_eq!(digest(&one.tables).as_deref(), Some(one.digest.as_str()));
    let Cell::Bytes(sealed) = &rows(&one.tables, "raw_events")[0]["body_sealed"] else { panic!("not sealed") };
    let sealed: Vec<u8> =
        (0..sealed.len()).step_by(2).map(|at| u8::from_str_radix(&sealed[at..at + 2], 16).unwrap()).collect();
    assert_eq!(key.unseal(&sealed).unwrap(), br#"{"number":"+15125550143"}"#);
    let mut changed = one.tables.clone();
    changed[0].rows[0][3] = text("changed");
    assert_ne!(digest(&changed), digest(&one.tables));
}

#[test]
fn a_preview_shows_rows_and_no_body() {
    let calls: Vec<_> = (0..30).flat_map(|n| a_call(CallId::draw(), n * 10_000)).collect();
    let log = Log::of(calls);
    let reader = log.location.reader().unwrap();
    let shown = preview(&reader, &destination(agreement(None)), "a box", &HashSet::new()).unwrap();
    assert_eq!(rows(&shown.tables, "fct_conversations").len(), 20);
    assert!(rows(&shown.tables, "raw_events").iter().all(|row| row["body"] == Cell::Null));
}

fn review(review: &Review) -> Entry {
    entry(None, 0, Kind::Review, "cli", 0, &serde_json::to_value(review).unwrap())
}

fn release(of: &Destination, role: ReleaseRole, by: &str) -> Entry {
    let (destination, digest) = (of.name.clone(), open::digest_of(of));
    review(&Review::Release { destination, digest, role, by: by.to_owned() })
}

#[test]
fn a_destination_is_open_while_those_who_must_have_approved_it_as_it_is() {
    let today = jiff::civil::date(2026, 7, 1);
    let (bare, phi) = (destination(Class::DeIdentified), destination(agreement(None)));
    let log = Log::of(updates(1));
    let standing = |of: &Destination| open::standing(&log.location.reader().unwrap(), of, today).unwrap();
    assert_eq!(standing(&bare), Some(Closed::NotApproved));
    log.append(vec![release(&bare, ReleaseRole::Administrator, "B. Admin")]);
    assert_eq!(standing(&bare), Some(Closed::NotApproved));
    log.append(vec![release(&bare, ReleaseRole::PrivacyOfficer, "A. Officer")]);
    assert_eq!(standing(&bare), None);
    assert_eq!(standing(&Destination { region: "eu".to_owned(), ..bare.clone() }), Some(Closed::NotApproved));
    assert_eq!(standing(&phi), Some(Closed::NotApproved));
    log.append(vec![release(&phi, ReleaseRole::PrivacyOfficer, "A. Officer")]);
    log.append(vec![release(&phi, ReleaseRole::Administrator, " a. officer")]);
    assert_eq!(standing(&phi), Some(Closed::OneApproval));
    log.append(vec![release(&phi, ReleaseRole::Administrator, "B. Admin")]);
    assert_eq!(standing(&phi), None);
    let later = jiff::civil::date(2028, 1, 1);
    assert_eq!(open::standing(&log.location.reader().unwrap(), &phi, later).unwrap(), Some(Closed::Expired));
    log.append(vec![review(&Review::Withdraw { destination: "dw".to_owned(), by: "A. Officer".to_owned() })]);
    assert_eq!((standing(&bare), standing(&phi)), (Some(Closed::NotApproved), Some(Closed::NotApproved)));
    log.append(vec![release(&bare, ReleaseRole::PrivacyOfficer, "A. Officer")]);
    assert_eq!(standing(&bare), None);
}

#[test]
fn what_is_approved_says_where_rows_go_under_what_and_how_bodies_are_kept() {
    let said = open::described(&destination(agreement(Some([0xab; 32]))));
    for part in ["\"dw\"", "https://bucket.example", "class: phi", "\"BAA 7\"", "2027-12-31", &"ab".repeat(32)] {
        assert!(said.contains(part), "{part} in {said}");
    }
    assert_ne!(open::digest_of(&destination(agreement(None))), open::digest_of(&destination(Class::DeIdentified)));
}
