//! What the box says: sentences to the voice, what was played back to the conversation, and what is due when it falls
//! silent.

use std::time::Duration;

use crate::call::speaking::{After, Said};
use crate::call::tools::Shown;
use crate::converse::{Event, Outcome, SayId};
use crate::placeholder;
use crate::redact::restore;
use crate::speak::{SpeakError, SpokenText};
use crate::wire::Parcel;
use crate::wire::event::Kind;
use crate::wire::line::{FromBrain, Pace, Urgency};
use crate::wire::tool::IdentityLevel;

use super::{Driver, Happened};

/// Sentences whose synthesis may fail before the call is left to the line, which apologises and rings the desk.
const VOICE_FAILURES: u32 = 2;

impl Driver {
    /// Says a sentence, if this caller may hear its values.
    pub(super) fn say(&mut self, id: SayId, template: String, mandatory: bool) {
        // The conversation has put it before [`guard::evaluate`]; what is left to ask is who may hear the values.
        let text = match restore::restore(&template, &self.vault, self.identity) {
            // A template without placeholders holds the program's and the clinic's own words only.
            Ok(text) if placeholder::find_all(&template).next().is_none() => text.to_spoken().public(),
            Ok(text) => text.to_spoken(),
            Err(error) => {
                tracing::error!(call = %self.call, %error, "a sentence could not be said");
                self.note(Kind::Verdict, Parcel::new().with("by", &"restore").with("what", &"sentence-not-said"));
                SpokenText::new("One moment please.")
            }
        };
        self.asked.clone_from(&template);
        if placeholder::find_all(&template).any(|(_, placeholder)| self.cards.contains(&placeholder)) {
            self.recording.reads_back(id);
        }
        let shown = Shown(template.clone());
        self.show("spoken", Parcel::new().with("text", &text).with("template", &shown));
        self.speaking.say(id, text.clone(), template, mandatory);
        if self.pace == Pace::Typed {
            // It has been shown, and is read at once.
            return self.speaking.synthesised(id, Vec::new());
        }
        let post = self.post.clone();
        self.in_flight += 1;
        let started = self.shared.voices.say(text, move |result| {
            let _ = post.send(Happened::Spoken(id, result));
        });
        if started.is_err() {
            self.in_flight -= 1;
            self.synthesised(id, Err(SpeakError::Failed { voice: "all voices are busy".to_owned(), source: None }));
        }
    }

    pub(super) fn synthesised(&mut self, id: SayId, result: Result<Vec<i16>, SpeakError>) {
        match result {
            Ok(samples) => {
                self.voice_failures = 0;
                self.speaking.synthesised(id, samples);
            }
            Err(error) => {
                tracing::error!(call = %self.call, %error, "a sentence has no voice");
                self.voice_failures += 1;
                self.speaking.unvoiced(id);
                // A box that cannot speak leaves the caller to the line: it stops answering frames, and after a second
                // lined apologises with its own recorded words and rings the desk.
                if self.voice_failures >= VOICE_FAILURES {
                    self.over = true;
                }
            }
        }
    }

    pub(super) fn played(&mut self, said: Said) {
        let (id, whole) = (said.id, said.whole);
        self.note_played(said);
        self.feed(Event::Played { id, whole });
    }

    /// What the caller has heard of a sentence goes into the record.
    pub(super) fn note_played(&mut self, said: Said) {
        let Said { id, text, template, played, total, repeated, lasted, whole } = said;
        let template = Shown(template);
        let body = Parcel::new()
            .with("text", &text)
            .with("template", &template)
            .with("samples_played", &played)
            .with("samples", &total)
            .with("samples_repeated", &repeated)
            .with("whole", &whole)
            .with("line_frames_played", &self.line_played);
        self.note(Kind::Spoken, body);
        self.recording.said(id, whole, lasted);
    }

    /// The first sample of an answer: now the turn's times are known.
    pub(super) fn first_audio(&mut self) {
        let Some(timing) = self.timing.take() else { return };
        let first_audio = self.shared.clock.now().saturating_duration_since(timing.ended_at);
        let ms = |time: Duration| u32::try_from(time.as_millis()).unwrap_or(u32::MAX);
        let us = u32::try_from(timing.redaction.as_micros()).unwrap_or(u32::MAX);
        let parcel = Parcel::new()
            .with("turn", &timing.turn)
            .with("expecting", &timing.expecting)
            .with("end_of_turn_ms", &ms(timing.end.silence))
            .with("recognition_ms", &ms(timing.recognition))
            .with("redaction_us", &us)
            .with("first_audio_ms", &ms(first_audio));
        self.show("timing", parcel);
    }

    pub(super) fn do_what_is_due(&mut self) {
        if self.pace == Pace::Typed {
            for said in self.speaking.finished() {
                self.played(said);
            }
        }
        while let Some(after) = self.speaking.due() {
            match after {
                After::Listen(expecting) => {
                    self.wait_for_the_caller();
                    self.show("listening", Parcel::new().with("expecting", &expecting));
                }
                After::Consult(brief, urgency) => self.send(FromBrain::Consult(brief, urgency)),
                After::HangUp(outcome) => self.hang_up(outcome),
            }
        }
    }

    pub(super) fn wait_for_the_caller(&mut self) {
        self.waiting_since = Some(self.now);
    }

    pub(super) fn hang_up(&mut self, outcome: Outcome) {
        tracing::info!(call = %self.call, outcome = outcome.as_str(), "the box hangs up");
        self.send(FromBrain::Hangup);
    }

    pub(super) fn hand_off(&mut self, reason: &'static str, brief: &str, urgency: Urgency) {
        let dossier = self.conversation.dossier();
        self.note(Kind::HandoffOffer, Parcel::new().with("reason", &reason).with("dossier", &dossier));
        // Staff may hear every value of the call.
        let text = restore::restore(brief, &self.vault, IdentityLevel::Vouched)
            .map_or_else(|_| SpokenText::new("A caller needs a person."), |text| text.to_spoken());
        self.show("desk", Parcel::new().with("reason", &reason).with("brief", &text));
        if self.pace == Pace::Typed {
            return self.speaking.then(After::Consult(Vec::new(), urgency));
        }
        let post = self.post.clone();
        self.in_flight += 1;
        let started = self.shared.voices.say(text, move |result| {
            let _ = post.send(Happened::Brief(result, urgency));
        });
        if started.is_err() {
            self.in_flight -= 1;
            self.speaking.then(After::Consult(Vec::new(), urgency));
        }
    }
}
