//! From the caller's sound to a turn's words, and from these to what is done about them: the way that everything said in a
//! call takes. Read [`Driver::heard_turn`].

use std::sync::Arc;
use std::time::Duration;

use crate::call::doors::Pieces;
use crate::call::listening::TurnEnd;
use crate::call::tools::Shown;
use crate::converse::{Event, Heard, Thought};
use crate::expect::Expecting;
use crate::guard;
use crate::ids::Turn;
use crate::listen::RawTranscript;
use crate::listen::asr::{RecogniseError, Task};
use crate::listen::back_channel::is_back_channel;
use crate::listen::ears::{EarEvent, TurnSound};
use crate::placeholder::{self, Label};
use crate::redact::{self, Card, Context, Lately, Outcome};
use crate::wire::Parcel;
use crate::wire::event::Kind;

use super::{Driver, Happened, Timing};

impl Driver {
    pub(super) fn ear(&mut self, event: EarEvent) {
        match event {
            EarEvent::SpeechBegan => {
                self.waiting_since = None;
                self.recording.speech_began();
            }
            // Nothing is dropped before it is known what was said: see `interruption`.
            EarEvent::Hush => self.speaking.hold(),
            EarEvent::GoOn => self.speaking.go_on(),
            EarEvent::BargeIn => {
                self.waiting_since = None;
                self.recording.speech_began();
                self.speaking.hold();
            }
            EarEvent::Speculate { generation, samples } => self.recognise(generation, samples),
            EarEvent::Resumed { .. } => self.listening.drop_current(),
            EarEvent::TurnEnded { generation, samples, speech_ms, silence_ms, .. } => {
                self.recording.turn_ended(samples.len(), silence_ms);
                let ms = |ms: u32| Duration::from_millis(ms.into());
                self.listening.turn_ended(generation, TurnEnd { silence: ms(silence_ms), speech: ms(speech_ms) });
                if !self.listening.has(generation) {
                    self.recognise(generation, samples);
                }
                self.turn_if_recognised();
            }
            EarEvent::FalseAlarm => {
                self.recording.false_alarm();
                self.speaking.go_on();
                if !self.speaking.is_speaking() {
                    self.wait_for_the_caller();
                }
            }
            EarEvent::Degraded => {
                tracing::error!(call = %self.call, "voice activity detection failed; loudness stands in for it");
                self.note(Kind::Alert, Parcel::new().with("what", &"vad-degraded"));
            }
        }
    }

    pub(super) fn recognise(&mut self, generation: u32, samples: TurnSound) {
        let call_off = self.listening.begin(generation);
        let task = Task { expecting: self.expecting, names: self.names.clone() };
        let (post, clock) = (self.post.clone(), Arc::clone(&self.shared.clock));
        let began = clock.now();
        self.in_flight += 1;
        let started = self.shared.recognisers.recognise(samples, task, call_off, move |result| {
            let took = clock.now().saturating_duration_since(began);
            // The call may be over: then nobody reads its inbox.
            let _ = post.send(Happened::Recognised(generation, result, took));
        });
        if started.is_err() {
            self.in_flight -= 1;
            tracing::warn!(call = %self.call, "all recognisers are busy; a turn was not understood");
            self.recognised(generation, Ok(RawTranscript::nothing()), Duration::ZERO);
        }
    }

    pub(super) fn recognised(
        &mut self,
        generation: u32,
        result: Result<RawTranscript, RecogniseError>,
        took: Duration,
    ) {
        let heard = match result {
            Ok(heard) => Some(heard),
            Err(RecogniseError::CalledOff) => return,
            Err(error) => {
                tracing::error!(call = %self.call, %error, "recognition failed");
                None
            }
        };
        let complete = heard.as_ref().is_some_and(|heard| self.sounds_complete(heard));
        if self.listening.done(generation, heard, took) {
            self.ears.text_is(generation, complete);
            self.turn_if_recognised();
        }
    }

    /// Whether the words answer what was asked, so that the box need not wait much longer for more.
    pub(super) fn sounds_complete(&self, heard: &RawTranscript) -> bool {
        // On a copy: a speculation must leave nothing in the vault.
        let outcome = redact::redact(heard, &self.context(&self.asked), &mut self.vault.clone());
        match self.expecting {
            Expecting::Anything | Expecting::YesNo => !crate::converse::words::trails_off(&outcome.text),
            Expecting::Date
            | Expecting::Dob
            | Expecting::Name { .. }
            | Expecting::Phone
            | Expecting::MemberId
            | Expecting::Card => outcome.captured.is_some_and(|captured| captured.complete),
        }
    }

    /// What redaction may know of this turn: what the box expects, and what it had `asked` in words.
    pub(super) fn context<'a>(&self, asked: &'a str) -> Context<'a> {
        let today = self.shared.clock.wall().to_zoned(self.shared.time_zone.clone()).date();
        Context { expecting: self.expecting, asked, lately: self.lately, today, level: self.shared.level }
    }

    pub(super) fn turn_if_recognised(&mut self) {
        let Some(recognised) = self.listening.take() else { return };
        let ended_at = self.shared.clock.now();
        // The answer to this turn may ask for something else.
        let expecting = self.expecting;
        let heard = recognised.heard.unwrap_or_else(RawTranscript::nothing);
        if self.interruption(&heard, recognised.end.speech) {
            return;
        }
        if let Some(redaction) = self.take_turn(&heard) {
            let (turn, end, recognition) = (self.turn, recognised.end, recognised.took);
            self.timing = Some(Timing { turn, expecting, end, recognition, redaction, ended_at });
        }
    }

    /// A turn that began over the box's voice: true where it was a cough or a sign of listening, and the box goes on with
    /// what it was saying. Else what it was saying is dropped, and the words are to be heard.
    fn interruption(&mut self, heard: &RawTranscript, speech: Duration) -> bool {
        if !self.speaking.is_held() {
            return false;
        }
        let goes_on = self.speaking.is_speaking() && is_back_channel(heard, speech, self.expecting);
        let what = if goes_on { "back-channel" } else { "interrupted" };
        self.note(Kind::Verdict, Parcel::new().with("by", &"ears").with("what", &what));
        if goes_on {
            // What nobody understood might be anything.
            self.recording.words(heard.is_empty());
            self.speaking.go_on();
        } else {
            self.speaking.forget_listening();
            self.cut_in();
        }
        goes_on
    }

    /// The caller has cut in: what the box was saying is dropped, and the conversation knows it before it hears the words.
    pub(super) fn cut_in(&mut self) {
        self.speaking.cut();
        for said in self.speaking.finished() {
            self.played(said);
        }
        self.do_what_is_due();
    }

    /// A turn whose words are there. Returns how long redaction took; `None` where there was nothing to redact.
    pub(super) fn take_turn(&mut self, heard: &RawTranscript) -> Option<Duration> {
        if heard.is_empty() {
            // What was said is not known, and might be anything.
            self.recording.words(true);
            self.feed(Event::NotUnderstood);
            return None;
        }
        self.turn = self.turn.next();
        Some(self.heard_turn(heard))
    }

    /// A turn, from its words to what is done about it. Returns how long redaction took.
    pub(super) fn heard_turn(&mut self, heard: &RawTranscript) -> Duration {
        self.waiting_since = None;
        tracing::debug!(call = %self.call, turn = %self.turn, words = heard.words().len(), "a turn was heard");
        self.note(Kind::Heard, Parcel::new().with("said", heard).with("expecting", &self.expecting));
        let engine = heard.engine();
        self.show(
            "heard",
            Parcel::new()
                .with("turn", &self.turn)
                .with("text", heard)
                .with("engine", &engine)
                .with("confidence", &heard.confidence()),
        );

        let began = self.shared.clock.now();
        let known = self.vault.entries().len();
        let asked = std::mem::take(&mut self.asked);
        let outcome = redact::redact(heard, &self.context(&asked), &mut self.vault);
        self.mind_cards(redact::card(heard, &self.context(&asked), &outcome), &outcome);
        self.lately = Lately::after(self.expecting, self.lately);
        let took = self.shared.clock.now().saturating_duration_since(began);
        self.note_vault(known);
        let rules: Vec<&'static str> = outcome.spans.iter().map(|span| span.rule).collect();
        self.note(Kind::Redacted, Parcel::new().with("text", &outcome.text).with("rules", &rules));

        let verdict = guard::before(heard);
        let objects = guard::recording::objects_to_recording(heard);
        self.note(Kind::Verdict, Parcel::new().with("by", &"guard").with("what", &verdict.as_str()));
        let actions = self.conversation.on(Event::Heard(Heard {
            turn: self.turn,
            text: outcome.text,
            captured: outcome.captured,
            verdict,
            confidence: heard.confidence(),
            objects,
        }));
        self.offer();
        self.perform(actions);
        took
    }

    /// What may be a card is neither kept as sound nor read back into what is.
    fn mind_cards(&mut self, card: Card, outcome: &Outcome) {
        let held = match card {
            Card::Perhaps => true,
            Card::GoesOn => self.card_before,
            Card::No => false,
        };
        self.card_before = held;
        self.recording.words(held);
        if held {
            let found = placeholder::find_all(outcome.text.as_str()).map(|(_, placeholder)| placeholder);
            // A name said in the same breath is none.
            self.cards.extend(found.filter(|placeholder| placeholder.label != Label::Name));
            self.note(Kind::Verdict, Parcel::new().with("by", &"recording").with("what", &"card-silenced"));
        }
    }

    /// Without a cloud model as the thinker: builds the exact request that one would get for this turn, and lets the airlock
    /// check and keep it.
    pub(super) fn offer(&mut self) {
        if self.shared.cloud {
            return;
        }
        let Some(bytes) = self.request() else { return };
        let (turn, length, post) = (self.turn, bytes.len(), self.post.clone());
        self.in_flight += 1;
        let pieces = Pieces::to(move |thought| {
            let _ = post.send(Happened::Offered(turn, length, thought));
        });
        self.shared.doors.offer(self.call, bytes, pieces);
    }

    pub(super) fn offered(&mut self, turn: Turn, bytes: usize, thought: &Thought) {
        let answer = match thought {
            Thought::Failed(why) => *why,
            Thought::Said(_) | Thought::Use(_) | Thought::Whole => "sent",
        };
        // What leaves may go anywhere; it is shown to the watcher beside what the room heard.
        let text = Shown(self.conversation.last_words_leaving());
        self.show(
            "would-leave",
            Parcel::new().with("turn", &turn).with("text", &text).with("answer", &answer).with("bytes", &bytes),
        );
    }
}
