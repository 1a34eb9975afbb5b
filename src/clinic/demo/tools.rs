//! What each tool of the catalogue does at the demonstration clinic.

use jiff::civil::DateTime;
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use serde_json::{Value, json};

use super::effects::{Once, once};
use super::input::Input;
use super::store::{Booking, Store, booking, failed, slot};
use super::wanted::Wanted;
use super::{names, spoken};
use crate::clinic::fault::Code;
use crate::wire::tool::Tool;

/// The longest list that a tool returns. Nobody listens to more than a few appointments; a date of birth that twenty
/// patients share would be a mistake.
const MOST_SLOTS: u32 = 6;
const MOST: u32 = 20;

/// Does what `tool` says; `now` is the clinic's time.
pub(super) fn run(store: &mut Store, tool: &Tool, input: &Input, now: DateTime) -> Result<Value, Code> {
    let arguments = input.fingerprint();
    let key = Once { key: input.key(), tool: tool.name, arguments: &arguments };
    match tool.name {
        "list_names" => list_names(store.look(), input),
        "find_patient" => find_patient(store.look(), input),
        "find_slots" => find_slots(store.look(), input, now),
        "find_appointments" => find_appointments(store.look(), input, now),
        "book" => store.change(|change| once(change, key, |change| book(change, input, now))),
        "cancel" => store.change(|change| once(change, key, |change| cancel(change, input, now))),
        "reschedule" => store.change(|change| once(change, key, |change| reschedule(change, input, now))),
        "request_refill" => store.change(|change| once(change, key, |change| request_refill(change, input))),
        "leave_message" => store.change(|change| once(change, key, |change| leave_message(change, input))),
        _ => Err(Code::Internal),
    }
}

fn list_names(db: &Connection, input: &Input) -> Result<Value, Code> {
    let born = born_on(db, input)?;
    Ok(items(born.into_iter().map(|(_, first, last)| json!({"name": named(&first, &last)})).collect()))
}

/// One patient or none: a name that two patients of one birthday bear finds neither.
fn find_patient(db: &Connection, input: &Input) -> Result<Value, Code> {
    let said = input.text("name")?;
    let mut found = born_on(db, input)?;
    found.retain(|(_, first, last)| names::matches(said, first, last));
    let [(id, first, last)] = found.as_slice() else { return Ok(items(Vec::new())) };
    let patient = forms(id, &format!("{first} {last}"));
    Ok(items(vec![json!({"patient": patient, "name": named(first, last)})]))
}

fn find_slots(db: &Connection, input: &Input, now: DateTime) -> Result<Value, Code> {
    let wanted = Wanted::read(input.optional("day"), input.optional("part")).ok_or(Code::InvalidArgument)?;
    let day = wanted.day.map_or_else(|| now.date(), |day| day.max(now.date()));
    let (from, to) = wanted.part.minutes();
    // A time of day is meant for the day that it was said with; on later days any time will do.
    let later_from = if matches!(wanted.part, super::wanted::Part::From(_)) { 0 } else { from };
    let minute_now = i64::from(now.hour()) * 60 + i64::from(now.minute());
    bookings(
        db,
        "SELECT id, provider, day, minute FROM slots
         WHERE patient IS NULL AND (day > ?1 OR minute >= ?2)
           AND ((day = ?3 AND minute >= ?4) OR (day > ?3 AND minute >= ?5)) AND minute < ?6
         ORDER BY day, minute, provider LIMIT ?7",
        params![now.date().to_string(), minute_now, day.to_string(), from, later_from, to, MOST_SLOTS],
    )
}

fn find_appointments(db: &Connection, input: &Input, now: DateTime) -> Result<Value, Code> {
    let patient = known(db, input.text("patient")?)?;
    let minute_now = i64::from(now.hour()) * 60 + i64::from(now.minute());
    bookings(
        db,
        "SELECT id, provider, day, minute FROM slots
         WHERE patient = ?1 AND (day > ?2 OR (day = ?2 AND minute >= ?3)) ORDER BY day, minute LIMIT ?4",
        params![patient, now.date().to_string(), minute_now, MOST],
    )
}

fn book(change: &Transaction<'_>, input: &Input, now: DateTime) -> Result<Value, Code> {
    let patient = known(change, input.text("patient")?)?;
    let (slot, taken_by) = slot(change, input.text("slot")?, now)?.ok_or(Code::NotFound)?;
    if taken_by.is_some() {
        return Err(Code::Conflict);
    }
    give(change, &slot.id, Some(patient))?;
    Ok(items(vec![json!({"slot": held(&slot), "confirmation": said(&confirmation(change)?)})]))
}

fn cancel(change: &Transaction<'_>, input: &Input, now: DateTime) -> Result<Value, Code> {
    let slot = own(change, input, "slot", now)?;
    give(change, &slot.id, None)?;
    Ok(items(vec![json!({"slot": held(&slot)})]))
}

fn reschedule(change: &Transaction<'_>, input: &Input, now: DateTime) -> Result<Value, Code> {
    let old = own(change, input, "from", now)?;
    let booked = book(change, input, now)?;
    give(change, &old.id, None)?;
    Ok(booked)
}

fn request_refill(change: &Transaction<'_>, input: &Input) -> Result<Value, Code> {
    let patient = known(change, input.text("patient")?)?;
    note(change, "refill", Some(patient), input, input.text("request")?)
}

fn leave_message(change: &Transaction<'_>, input: &Input) -> Result<Value, Code> {
    let patient = input.optional("patient").map(|id| known(change, id)).transpose()?;
    note(change, "message", patient, input, input.text("message")?)
}

/// Writes something down for staff.
fn note(
    change: &Transaction<'_>,
    kind: &str,
    patient: Option<&str>,
    input: &Input,
    words: &str,
) -> Result<Value, Code> {
    let confirmation = confirmation(change)?;
    change
        .execute(
            "INSERT INTO notes (kind, patient, name, phone, words, confirmation) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![kind, patient, input.optional("name"), input.optional("phone"), words, confirmation],
        )
        .map_err(failed)?;
    Ok(items(vec![json!({"confirmation": said(&confirmation)})]))
}

/// The patients born on the day that the input names: id, first and last name.
fn born_on(db: &Connection, input: &Input) -> Result<Vec<(String, String, String)>, Code> {
    let dob = input.day("dob")?.to_string();
    let mut query = db
        .prepare_cached("SELECT id, first, last FROM patients WHERE dob = ?1 ORDER BY last, first LIMIT ?2")
        .map_err(failed)?;
    let rows =
        query.query_map(params![dob, MOST], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).map_err(failed)?;
    rows.collect::<Result<_, _>>().map_err(failed)
}

fn bookings(db: &Connection, query: &str, params: impl rusqlite::Params) -> Result<Value, Code> {
    let mut query = db.prepare_cached(query).map_err(failed)?;
    let rows = query.query_map(params, booking).map_err(failed)?;
    let found: Vec<Booking> = rows.collect::<Result<_, _>>().map_err(failed)?;
    Ok(items(found.iter().map(|slot| json!({"slot": held(slot)})).collect()))
}

/// The patient's id back, if there is such a patient.
fn known<'a>(db: &Connection, id: &'a str) -> Result<&'a str, Code> {
    let found = db.query_row("SELECT 1 FROM patients WHERE id = ?1", params![id], |_| Ok(())).optional();
    found.map_err(failed)?.map(|()| id).ok_or(Code::NotFound)
}

/// The patient's own coming appointment that the argument `name` names.
fn own(change: &Transaction<'_>, input: &Input, name: &str, now: DateTime) -> Result<Booking, Code> {
    let patient = known(change, input.text("patient")?)?;
    let (slot, taken_by) = slot(change, input.text(name)?, now)?.ok_or(Code::NotFound)?;
    if taken_by.as_deref() == Some(patient) { Ok(slot) } else { Err(Code::NotFound) }
}

fn give(change: &Transaction<'_>, slot: &str, patient: Option<&str>) -> Result<(), Code> {
    change.execute("UPDATE slots SET patient = ?2 WHERE id = ?1", params![slot, patient]).map(|_| ()).map_err(failed)
}

/// A number that the caller can write down. The multiplier shares no factor with the modulus, so none comes twice.
fn confirmation(change: &Transaction<'_>) -> Result<String, Code> {
    let count: i64 = change
        .query_row(
            "INSERT INTO counters (name, value) VALUES ('confirmation', 1)
             ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value",
            [],
            |row| row.get(0),
        )
        .map_err(failed)?;
    Ok(count.wrapping_mul(7919).rem_euclid(900_000).saturating_add(100_000).to_string())
}

fn named(first: &str, last: &str) -> Value {
    let name = format!("{first} {last}");
    forms(&name, &name)
}

fn held(slot: &Booking) -> Value {
    forms(&slot.id, &slot.spoken)
}

fn said(confirmation: &str) -> Value {
    forms(confirmation, &spoken::digits(confirmation))
}

fn forms(machine: &str, spoken: &str) -> Value {
    json!({"machine": machine, "spoken": spoken})
}

fn items(items: Vec<Value>) -> Value {
    json!({"items": items})
}
