//! What clinicd remembers of a call while it lasts: whom it found, and how often it asked.
//!
//! The brain never learns a patient's id. It gets a handle, drawn at random for this call, and only such a handle opens
//! the tools that concern a patient: a caller who was not found cannot be served, whatever the brain believes.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use uuid::Uuid;

use crate::ids::CallId;
use crate::secret::Secret;
use crate::wire::frame::Refusal;

/// A call is forgotten this long after its last request, should its end never be told. No call lasts an hour.
const KEPT: Duration = Duration::from_secs(3600);

/// More calls at once than any line has; the one that was silent longest makes room.
const MOST_CALLS: usize = 64;

/// The calls that go on.
#[derive(Debug)]
pub(super) struct Calls {
    calls: HashMap<CallId, Call>,
    max_lookups: u32,
}

#[derive(Debug)]
struct Call {
    found: Vec<Found>,
    /// By tool: a question for names and the search for one of them are one attempt.
    lookups: HashMap<&'static str, u32>,
    last: Instant,
}

#[derive(Debug)]
struct Found {
    handle: Secret,
    patient: Secret,
}

impl Calls {
    /// No call yet; each may ask each tool that looks for patients `max_lookups` times.
    pub(super) fn new(max_lookups: u32) -> Self {
        Self { calls: HashMap::new(), max_lookups }
    }

    /// Counts a question about who a patient is, asked by `tool`.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] once the call has asked this tool as often as it may: whoever guesses at dates of birth
    /// stops here.
    pub(super) fn count_lookup(&mut self, id: CallId, tool: &'static str, now: Instant) -> Result<(), Refusal> {
        let max = self.max_lookups;
        let asked = self.begin(id, now).lookups.entry(tool).or_default();
        if *asked >= max {
            return Err(Refusal::Forbidden);
        }
        *asked = asked.saturating_add(1);
        Ok(())
    }

    /// The handle of a patient whom this call has found; `None` if the call has ended meanwhile.
    pub(super) fn admit(&mut self, id: CallId, patient: Secret) -> Option<Secret> {
        let call = self.calls.get_mut(&id)?;
        if let Some(known) = call.found.iter().find(|found| found.patient == patient) {
            return Some(known.handle.clone());
        }
        let handle = Secret::new(format!("patient-{}", Uuid::new_v4()));
        call.found.push(Found { handle: handle.clone(), patient });
        Some(handle)
    }

    /// The patient behind a handle of this call.
    pub(super) fn patient(&self, id: CallId, handle: &Secret) -> Option<Secret> {
        let found = &self.calls.get(&id)?.found;
        found.iter().find(|found| found.handle == *handle).map(|found| found.patient.clone())
    }

    /// Notes that the call goes on.
    pub(super) fn touch(&mut self, id: CallId, now: Instant) {
        if let Some(call) = self.calls.get_mut(&id) {
            call.last = now;
        }
    }

    /// Forgets the call.
    pub(super) fn end(&mut self, id: CallId) {
        self.calls.remove(&id);
    }

    /// Forgets calls that have been silent for an hour.
    pub(super) fn forget_old(&mut self, now: Instant) {
        self.calls.retain(|_, call| now.saturating_duration_since(call.last) < KEPT);
    }

    fn begin(&mut self, id: CallId, now: Instant) -> &mut Call {
        if !self.calls.contains_key(&id) && self.calls.len() >= MOST_CALLS {
            let oldest = self.calls.iter().min_by_key(|(_, call)| call.last).map(|(id, _)| *id);
            oldest.map(|id| self.calls.remove(&id));
        }
        let call =
            self.calls.entry(id).or_insert_with(|| Call { found: Vec::new(), lookups: HashMap::new(), last: now });
        call.last = now;
        call
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{Clock, SystemClock};

    const FIND: &str = "find_patient";

    fn now() -> Instant {
        SystemClock.now()
    }

    #[test]
    fn a_handle_is_good_in_its_own_call_only_and_until_it_ends() {
        let (mut calls, here, there) = (Calls::new(5), CallId::draw(), CallId::draw());
        for call in [here, there] {
            calls.count_lookup(call, FIND, now()).unwrap();
        }
        let handle = calls.admit(here, Secret::new("p-0001")).unwrap();
        assert_eq!(calls.patient(here, &handle), Some(Secret::new("p-0001")));
        assert_eq!(calls.admit(here, Secret::new("p-0001")), Some(handle.clone()));
        assert_eq!(calls.patient(there, &handle), None);
        assert_eq!(calls.patient(here, &Secret::new("p-0001")), None);
        calls.end(here);
        assert_eq!(calls.patient(here, &handle), None);
        assert_eq!(calls.admit(here, Secret::new("p-0001")), None);
    }

    #[test]
    fn a_call_that_keeps_guessing_is_stopped() {
        let (mut calls, call) = (Calls::new(2), CallId::draw());
        assert_eq!(calls.count_lookup(call, FIND, now()), Ok(()));
        assert_eq!(calls.count_lookup(call, FIND, now()), Ok(()));
        assert_eq!(calls.count_lookup(call, FIND, now()), Err(Refusal::Forbidden));
        assert_eq!(calls.count_lookup(call, "list_names", now()), Ok(()));
        assert_eq!(calls.count_lookup(CallId::draw(), FIND, now()), Ok(()));
    }

    #[test]
    fn a_call_that_nobody_ended_is_forgotten_after_an_hour() {
        let (mut calls, call, start) = (Calls::new(2), CallId::draw(), now());
        calls.count_lookup(call, FIND, start).unwrap();
        let handle = calls.admit(call, Secret::new("p-0001")).unwrap();
        calls.forget_old(start + Duration::from_secs(3599));
        assert!(calls.patient(call, &handle).is_some());
        calls.forget_old(start + KEPT);
        assert!(calls.patient(call, &handle).is_none());
    }

    #[test]
    fn no_flood_of_calls_fills_the_memory() {
        let mut calls = Calls::new(2);
        for _ in 0..1000 {
            calls.count_lookup(CallId::draw(), FIND, now()).unwrap();
        }
        assert_eq!(calls.calls.len(), MOST_CALLS);
    }
}
