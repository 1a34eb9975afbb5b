//! When the box answers: the clinic's hours, and what staff have dialled.
//!
//! In:  a call that rings, and the wall clock. Out: [`What`] becomes of it. Holds what staff have dialled until it ends; a
//! restart forgets it, and the configuration holds again.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::tz::TimeZone;

use crate::clock::Clock;
use crate::config;
use crate::line::hours::{Mode, Override, Schedule, StarCodes, Treatment, what_now};

/// One ring of a North American telephone, ring and pause.
const RING: Duration = Duration::from_secs(6);

/// What becomes of a call that rings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// The box answers, after staff have had this long.
    Answer(Duration),
    /// The box leaves it to staff.
    LeaveToStaff,
    /// Staff have changed when the box answers: they hear that it was understood.
    Understood,
}

/// The hours.
pub struct When {
    mode: Mode,
    schedule: Schedule,
    codes: StarCodes,
    by_staff: Mutex<Option<Override>>,
    zone: TimeZone,
    clock: Arc<dyn Clock>,
}

impl When {
    /// The hours of the configuration, in the clinic's time zone. `desks` may dial star codes.
    #[must_use]
    pub fn new(hours: &config::hours::Hours, desks: &[String], zone: TimeZone, clock: Arc<dyn Clock>) -> Self {
        Self {
            mode: Mode::of(hours.answer, hours.overflow_rings),
            schedule: Schedule::new(hours, zone.clone()),
            codes: StarCodes::new(hours, desks),
            by_staff: Mutex::new(None),
            zone,
            clock,
        }
    }

    /// Every call, always.
    #[must_use]
    pub fn always(clock: Arc<dyn Clock>) -> Self {
        Self::new(&config::hours::Hours::default(), &[], TimeZone::UTC, clock)
    }

    /// What becomes of a call from the header `from` to the address `dialled`. Ask for trusted peers only.
    pub(super) fn look(&self, from: &str, dialled: &str) -> What {
        let now = self.clock.wall().to_zoned(self.zone.clone());
        let Ok(mut by_staff) = self.by_staff.lock() else { return What::Answer(Duration::ZERO) };
        if let Some(command) = self.codes.dialled(address(from), dialled) {
            *by_staff = self.codes.apply(command, &self.schedule, &now);
            tracing::info!("staff changed when the box answers");
            return What::Understood;
        }
        match what_now(self.mode, &self.schedule, by_staff.as_ref(), &now) {
            Treatment::Answer => What::Answer(Duration::ZERO),
            Treatment::RingFirst { rings } => What::Answer(RING * rings.into()),
            Treatment::LeaveToStaff => What::LeaveToStaff,
        }
    }
}

/// The address in a header such as `"Front Desk" <sip:201@pbx>;tag=1`.
fn address(header: &str) -> &str {
    let in_brackets = header.rsplit_once('<').and_then(|(_, rest)| rest.split_once('>'));
    in_brackets.map_or_else(|| header.split(';').next().unwrap_or_default().trim(), |(address, _)| address)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemClock;
    use crate::config::hours::{Answer, Hours, Star};

    fn hours(answer: Answer) -> Hours {
        let stars = vec![Star { code: "*72".to_owned(), answer: Some(Answer::Always) }];
        Hours { answer, overflow_rings: 4, stars, ..Hours::default() }
    }

    fn when(answer: Answer) -> When {
        When::new(&hours(answer), &["201".to_owned()], TimeZone::UTC, Arc::new(SystemClock))
    }

    const OUTSIDE: (&str, &str) = ("<sip:6175550100@127.0.0.1>", "sip:box@127.0.0.1");

    #[test]
    fn the_mode_of_the_configuration_holds_until_a_desk_dials_another() {
        // Never open: in "lunch" the box never answers, in "overflow" always at once.
        let when = when(Answer::Lunch);
        assert_eq!(when.look(OUTSIDE.0, OUTSIDE.1), What::LeaveToStaff);
        assert_eq!(when.look("<sip:6175550100@127.0.0.1>", "sip:*72@127.0.0.1"), What::LeaveToStaff, "not a desk");
        assert_eq!(when.look("\"Desk <1>\" <sip:201@127.0.0.1>;tag=a", "sip:*72@127.0.0.1"), What::Understood);
        assert_eq!(when.look(OUTSIDE.0, OUTSIDE.1), What::Answer(Duration::ZERO));
    }

    #[test]
    fn without_hours_every_call_is_answered() {
        assert_eq!(When::always(Arc::new(SystemClock)).look(OUTSIDE.0, OUTSIDE.1), What::Answer(Duration::ZERO));
    }
}
