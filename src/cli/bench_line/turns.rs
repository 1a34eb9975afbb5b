//! Who spoke when, in one call, and how long the caller waited for each answer: from packets alone.
//!
//! In:  the packets of both directions. Out: a [`Turn`] for each time the caller spoke. Pure.
//! A packet is sent when its 20 ms have passed: the last loud packet of the caller is the end of their word, and the first
//! loud one of the answer is the moment at which it begins to be heard.

use std::time::Duration;

use super::streams::Heard;

/// Two words that lie closer than this belong to one turn.
const JOINS: Duration = Duration::from_millis(1_500);
/// Where the other side speaks this shortly before a turn begins, its last word was not over.
const CLOSE: Duration = Duration::from_millis(300);

/// A stretch of voice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spoken {
    /// Its first loud packet.
    pub(super) from: Duration,
    /// Its last.
    pub(super) to: Duration,
}

/// What came of one turn of the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// The first sound came after this long.
    After(Duration),
    /// None came before the caller spoke again or hung up.
    None,
    /// The box was still speaking when the caller began, or spoke before they had ended: no wait can be told.
    Across,
}

/// A turn of the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Turn {
    /// When the caller spoke.
    pub(super) spoken: Spoken,
    /// What came of it.
    pub(super) answer: Answer,
}

/// Stretches of voice, quiet of 1.5 s between them.
pub(super) fn spoken(stream: &[Heard]) -> Vec<Spoken> {
    let mut all: Vec<Spoken> = Vec::new();
    for heard in stream.iter().filter(|heard| heard.loud) {
        match all.last_mut() {
            Some(last) if heard.at.saturating_sub(last.to) < JOINS => last.to = last.to.max(heard.at),
            Some(_) | None => all.push(Spoken { from: heard.at, to: heard.at }),
        }
    }
    all
}

/// The caller's turns and what came of them.
pub(super) fn turns(caller: &[Heard], of_box: &[Heard]) -> Vec<Turn> {
    let said = spoken(caller);
    let loud: Vec<Duration> = of_box.iter().filter(|heard| heard.loud).map(|heard| heard.at).collect();
    let mut turns = Vec::new();
    for (place, spoken) in said.iter().enumerate() {
        let next = said.get(place + 1).map_or(Duration::MAX, |next| next.from);
        let across = loud.iter().any(|at| *at + CLOSE > spoken.from && *at <= spoken.to);
        let first = loud.iter().find(|at| **at > spoken.to && **at < next);
        let answer = match (across, first) {
            (true, _) => Answer::Across,
            (false, Some(at)) => Answer::After(at.saturating_sub(spoken.to)),
            (false, None) => Answer::None,
        };
        turns.push(Turn { spoken: *spoken, answer });
    }
    turns
}

/// When the box's first speech is over: quiet follows it. Nothing where it says nothing.
pub(super) fn greeted(of_box: &[Heard]) -> Option<Duration> {
    let first = of_box.first()?.at;
    spoken(of_box).first().map(|spoken| spoken.to.saturating_sub(first))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Packets each 20 ms from `from_ms` to `to_ms`, loud within the stretches.
    fn stream(loud: &[(u64, u64)]) -> Vec<Heard> {
        let packet = |n: u16| {
            let ms = u64::from(n) * 20;
            let loud = loud.iter().any(|(from, to)| (*from..=*to).contains(&ms));
            Heard { at: Duration::from_millis(ms), sequence: n, timestamp: u32::from(n) * 160, loud }
        };
        (0..1_000).map(packet).collect()
    }

    #[test]
    fn the_wait_is_from_the_last_loud_packet_to_the_first_of_the_answer() {
        // A pause inside the first turn does not end it.
        let caller = stream(&[(4_000, 4_400), (5_000, 5_600), (12_000, 12_400)]);
        let of_box = stream(&[(0, 3_000), (6_300, 9_000), (13_400, 15_000)]);
        let answers: Vec<_> = turns(&caller, &of_box).iter().map(|turn| turn.answer).collect();
        let after = |ms| Answer::After(Duration::from_millis(ms));
        assert_eq!(answers, [after(700), after(1_000)]);
        assert_eq!(greeted(&of_box), Some(Duration::from_millis(3_000)));
    }

    #[test]
    fn a_turn_that_nobody_answers_or_that_runs_into_the_box_has_no_wait() {
        let caller = stream(&[(2_000, 2_400), (8_000, 8_400), (14_000, 14_400)]);
        let of_box = stream(&[(7_800, 8_100), (14_200, 15_000)]);
        let answers: Vec<_> = turns(&caller, &of_box).iter().map(|turn| turn.answer).collect();
        // What the box says just before the second turn is an answer to the first, if a late one.
        assert_eq!(answers, [Answer::After(Duration::from_millis(5_400)), Answer::Across, Answer::Across]);
        assert_eq!(turns(&caller, &stream(&[]))[2].answer, Answer::None);
        assert_eq!(greeted(&stream(&[])), None);
    }
}
