//! A caller who types: the whole brain by text, without line, ears or voice.
//!
//! In:  a person's words one turn at a time ([`Typist`]), or a [`Scenario`] whose `[[say]]` texts are typed
//! ([`place_typed_call`]). Out: the box's facts and what became of the call.
//! Runs in the process of `anteroom chat` or of a test. A turn takes milliseconds, so that thousands of calls can be
//! played where their sound does not matter.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::net::UnixStream;

use crate::caller::report::CallReport;
use crate::caller::ring::CallerError;
use crate::caller::scenario::{Act, Say, Scenario, Speech};
use crate::caller::script::Script;
use crate::caller::socket::{Facts, LineSocket};
use crate::clock::{Clock, LineTime};
use crate::secret::Secret;
use crate::wire::doors::{Role, Watch, endpoint};
use crate::wire::line::{DeskAnswer, EndedBy, Pace, Ring, ToCaller};
use crate::wire::typed::FromTypist;
use crate::wire::watch::Fact;

/// Between two looks for facts: they come over another socket than what is waited at.
const LOOK_AGAIN: Duration = Duration::from_millis(1);
/// A box that says nothing for this long, in real time, while the caller waits for it, is given up.
const BOX_SILENCE: Duration = Duration::from_secs(20);
/// How long after the end of a call the box's last facts are waited for.
const LAST_WORDS: Duration = Duration::from_secs(3);
/// Later than any pause that a scenario asks for: nobody who types waits.
const AT_ONCE: LineTime = LineTime::MAX;

/// What a typist is told.
#[derive(Debug)]
pub enum Told {
    /// A fact about the call.
    Fact(Fact),
    /// The desk rings and waits for an answer.
    DeskRings,
    /// Caller and desk are connected.
    Bridged,
    /// The call is over; no more comes.
    Ended(EndedBy),
}

/// One typed call.
pub struct Typist {
    line: LineSocket,
    facts: Facts,
    clock: Arc<dyn Clock>,
    /// Told, and not yet taken.
    waiting: std::collections::VecDeque<Told>,
    ended: Option<EndedBy>,
}

impl Typist {
    /// Rings the box whose sockets are below `run`. `number` is what a line would report; empty where it is withheld.
    ///
    /// # Errors
    /// [`CallerError::NoLine`]: no box runs there, or it does not allow typed calls.
    pub async fn ring(run: &Path, number: Secret, clock: Arc<dyn Clock>) -> Result<Self, CallerError> {
        let path: PathBuf = endpoint::<Watch>(Role::Caller).map(|e| e.path(run)).unwrap_or_default();
        let stream = UnixStream::connect(&path).await.map_err(|source| CallerError::NoLine { path, source })?;
        let mut facts = Facts::new(run);
        // Before it rings, so that no fact is missed.
        facts.connect(clock.now()).await;
        let waiting = std::collections::VecDeque::new();
        let mut typist = Self { line: LineSocket::new(stream), facts, clock, waiting, ended: None };
        let ring = Ring { number, synthetic: true, pace: Pace::Typed, resumed: false };
        typist.send(&FromTypist::Ring(ring)).await?;
        Ok(typist)
    }

    /// What comes next. Facts of a turn come before what the line says of it. May be dropped while it waits.
    ///
    /// # Errors
    /// [`CallerError`]: the box has died.
    pub async fn next(&mut self) -> Result<Told, CallerError> {
        loop {
            self.waiting.extend(self.facts.of(self.line.call()).into_iter().map(Told::Fact));
            if let Some(told) = self.waiting.pop_front() {
                return Ok(told);
            }
            if let Some(by) = self.ended {
                return Ok(Told::Ended(by));
            }
            tokio::select! {
                said = self.line.next() => {
                    let said = said?.ok_or(CallerError::LineClosed { frames: 0 })?;
                    self.on_line(&said);
                }
                () = tokio::time::sleep(LOOK_AGAIN) => {}
            }
        }
    }

    fn on_line(&mut self, said: &ToCaller) {
        // What the box told before it said this comes first.
        self.waiting.extend(self.facts.of(self.line.call()).into_iter().map(Told::Fact));
        match said {
            ToCaller::DeskRings(_) => self.waiting.push_back(Told::DeskRings),
            ToCaller::Bridged => self.waiting.push_back(Told::Bridged),
            ToCaller::Ended(by) => self.ended = Some(*by),
            ToCaller::Answered | ToCaller::Frame(_) => {}
        }
    }

    /// Types a turn.
    ///
    /// # Errors
    /// [`CallerError`]: the box has died.
    pub async fn say(&mut self, words: Secret) -> Result<(), CallerError> {
        self.send(&FromTypist::Words(words)).await
    }

    /// Presses a key.
    ///
    /// # Errors
    /// [`CallerError`]: the box has died.
    pub async fn press(&mut self, key: char) -> Result<(), CallerError> {
        self.send(&FromTypist::Dtmf(key)).await
    }

    /// Answers for the desk.
    ///
    /// # Errors
    /// [`CallerError`]: the box has died.
    pub async fn answer_for_the_desk(&mut self, answer: DeskAnswer) -> Result<(), CallerError> {
        self.send(&FromTypist::Desk(answer)).await
    }

    /// Hangs up.
    ///
    /// # Errors
    /// [`CallerError`]: the box has died.
    pub async fn hang_up(&mut self) -> Result<(), CallerError> {
        self.send(&FromTypist::Hangup).await
    }

    async fn send(&mut self, what: &FromTypist) -> Result<(), CallerError> {
        Ok(self.line.send(&what.to_message()).await?)
    }

    fn now(&self) -> Instant {
        self.clock.now()
    }
}

/// Plays a scenario by text: its `[[say]]` texts are typed where a caller would have spoken them. Interruptions, silence
/// and recordings have no typed form: the caller hangs up there.
///
/// # Errors
/// [`CallerError`]. A call that ended badly is no error but a report.
pub async fn place_typed_call(
    run: &Path,
    scenario: &Scenario,
    clock: Arc<dyn Clock>,
) -> Result<CallReport, CallerError> {
    let mut typist = Typist::ring(run, scenario.caller.number.clone(), Arc::clone(&clock)).await?;
    let mut script = Script::new(&scenario.say);
    let mut report = CallReport { answered: true, ..CallReport::default() };
    let began = typist.now();
    while report.ended_by.is_none() {
        let told = tokio::time::timeout(BOX_SILENCE, typist.next()).await;
        match told.map_err(|_| CallerError::LineSilent { after: BOX_SILENCE, frames: 0 })?? {
            Told::Fact(fact) => {
                let waits = matches!(fact, Fact::Listening { .. });
                script.on(&fact, LineTime::default(), false);
                report.note(fact);
                if waits {
                    act(&mut typist, script.due(AT_ONCE).and_then(|number| scenario.say.get(number))).await?;
                }
            }
            Told::DeskRings => typist.answer_for_the_desk(scenario.desk).await?,
            Told::Bridged => report.handed_over = true,
            Told::Ended(by) => report.ended_by = Some(by),
        }
    }
    let until = typist.now() + LAST_WORDS;
    while report.outcome.is_none() && typist.now() < until {
        match typist.next().await? {
            Told::Fact(fact) => report.note(fact),
            Told::DeskRings | Told::Bridged | Told::Ended(_) => tokio::time::sleep(LOOK_AGAIN).await,
        }
    }
    report.took = typist.now().saturating_duration_since(began);
    Ok(report)
}

/// Does what the script says; a caller who has nothing more to say hangs up.
async fn act(typist: &mut Typist, say: Option<&Say>) -> Result<(), CallerError> {
    match say.map(|say| &say.act) {
        Some(Act::Speak { speech: Speech::Text(words), hang_up_after_ms: None }) => typist.say(words.clone()).await,
        Some(Act::Press(keys)) => {
            for key in keys {
                typist.press(*key).await?;
            }
            Ok(())
        }
        Some(Act::Speak { .. } | Act::StaySilent | Act::HangUp) | None => typist.hang_up().await,
    }
}
