//! A line on a sound card: a line-level interface, a bench handset, or a modem's audio pair.
//!
//! ```text
//!   card -> callback -> ring -> 8 kHz frames -> AudioPort     (sound, card, streams, rate, ring)
//!   card <- callback <- ring <- playout      <- AudioPort
//!   modem or nothing  -> rings, hung up      -> LineEvent     (hook, modem, bell)
//! ```
//! In:  the name of an ALSA device (`alsa:NAME`) and a [`HookControl`], since a sound card knows no ring and no hook.
//! Out: [`LineEvent`]s of one call at a time.
//! `lined` runs it. It has no second wire: the desk cannot be rung over it, and a consultation finds nobody. It never
//! answers a call while the card gives no sound: that call rings on where somebody hears it.

mod bell;
mod card;
mod hook;
mod modem;
mod playout;
mod rate;
mod ring;
mod sound;
mod streams;

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};

pub use card::SoundCounters;
pub use hook::{AlwaysOn, CallerId, HookControl, HookError, HookEvent};
pub use modem::Modem;
pub use streams::SoundError;

use crate::ids::CallId;
use crate::line::port::{self, AudioJack};
use crate::line::{Line, LineCommand, LineEvent};
use crate::tasks::{Stop, TaskError, Tasks};
use crate::wire::line::{DeskAnswer, EndedBy, Pace, Ring};
use hook::{News, Order};
use sound::Sound;

/// How often sound is moved: twice a frame, so that none waits longer than half its length.
const TICK: Duration = Duration::from_millis(10);
/// A call whose card gave no frames for this long is over: nobody talks for long to a line that does not answer.
const LOST_AFTER: Duration = Duration::from_secs(5);
/// Orders and news that may wait between the line and its hook; a call makes two of each.
const WAITING: usize = 16;

/// One line on a sound card.
#[derive(Debug)]
pub struct AlsaLine<H> {
    device: String,
    hook: H,
    synthetic: bool,
    counters: Arc<SoundCounters>,
}

impl<H: HookControl> AlsaLine<H> {
    /// A line on `device`, written `alsa:NAME` with a name that can both capture and play. `synthetic` says that all
    /// its callers are testers, so that what is kept of their calls may be shown.
    ///
    /// # Errors
    /// [`SoundError::Name`]; a device that is not there is waited for.
    pub fn new(device: &str, hook: H, synthetic: bool) -> Result<Self, SoundError> {
        let device = streams::device_name(device)?.to_owned();
        Ok(Self { device, hook, synthetic, counters: Arc::default() })
    }

    /// What happens to the line's sound.
    #[must_use]
    pub fn counters(&self) -> Arc<SoundCounters> {
        Arc::clone(&self.counters)
    }
}

/// How far a call is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// It rings.
    Ringing,
    /// The hook takes it.
    Taking,
    /// Sound flows.
    Up,
}

struct Call {
    id: CallId,
    jack: AudioJack,
    phase: Phase,
    began: Instant,
}

/// The one call of the line, and who is told of it.
struct Desk {
    events: mpsc::Sender<LineEvent>,
    orders: mpsc::Sender<Order>,
    synthetic: bool,
    call: Option<Call>,
    /// Who rings while there is no sound.
    waiting: Option<CallerId>,
}

/// Nobody takes events any more: the process ends.
struct Deaf;

impl Desk {
    async fn tell(&self, event: LineEvent) -> Result<(), Deaf> {
        self.events.send(event).await.map_err(|_| Deaf)
    }

    fn order(&self, order: Order) {
        // A hook that takes no orders has failed, and gives the line back by itself when it works again.
        if self.orders.try_send(order).is_err() {
            tracing::warn!(?order, "the line's hook takes no orders");
        }
    }

    /// Tells of a call that rings, once there is sound for it.
    async fn let_in(&mut self, healthy: bool, now: Instant) -> Result<(), Deaf> {
        if !healthy || self.call.is_some() {
            return Ok(());
        }
        let Some(caller) = self.waiting.take() else { return Ok(()) };
        let (audio, jack) = port::pair();
        let id = CallId::draw();
        let ring = Ring { number: caller.number, synthetic: self.synthetic, pace: Pace::Real, resumed: false };
        self.call = Some(Call { id, jack, phase: Phase::Ringing, began: now });
        self.tell(LineEvent::Incoming { call: id, ring, audio }).await
    }

    async fn end(&mut self, by: EndedBy) -> Result<(), Deaf> {
        self.waiting = None;
        let Some(call) = self.call.take() else { return Ok(()) };
        self.order(Order::OnHook);
        self.tell(LineEvent::Ended { call: call.id, by }).await
    }

    async fn hear(&mut self, news: News, sound: &mut Sound, now: Instant) -> Result<(), Deaf> {
        match news {
            News::Event(HookEvent::Rings(caller)) => {
                if !sound.is_healthy(now) {
                    tracing::warn!("a call rings and there is no sound: it is not answered until there is");
                }
                self.waiting = Some(caller);
                Ok(())
            }
            News::Event(HookEvent::StoppedRinging | HookEvent::HungUp) => self.end(EndedBy::Caller).await,
            News::Failed => self.end(EndedBy::Line).await,
            News::OffHook => {
                if let Some(call) = self.call.as_mut().filter(|call| call.phase == Phase::Taking) {
                    call.phase = Phase::Up;
                    sound.turn_over();
                }
                Ok(())
            }
        }
    }

    async fn obey(&mut self, command: LineCommand) -> Result<(), Deaf> {
        // Commands of a call that is over come late, and mean nothing.
        let Some(call) = self.call.as_mut().filter(|call| call.id == command.call()) else { return Ok(()) };
        match command {
            LineCommand::Answer(_) => {
                if call.phase == Phase::Ringing {
                    call.phase = Phase::Taking;
                    self.order(Order::OffHook);
                }
                Ok(())
            }
            LineCommand::Hangup(_) => self.end(EndedBy::Anteroom).await,
            // There is no second wire to ring the desk on.
            LineCommand::Consult(call, ..) => self.tell(LineEvent::Desk { call, answer: DeskAnswer::None }).await,
            LineCommand::Bridge(_) => {
                tracing::warn!("a sound card has no second wire to connect");
                Ok(())
            }
        }
    }

    async fn tick(&mut self, sound: &mut Sound, now: Instant) -> Result<(), Deaf> {
        let up = self.call.as_mut().filter(|call| call.phase == Phase::Up).map(|call| &mut call.jack);
        sound.tick(now, up);
        while let Some(key) = sound.key() {
            if let Some(call) = self.call.as_ref().map(|call| call.id) {
                self.tell(LineEvent::Dtmf { call, key }).await?;
            }
        }
        let since = |call: &Call| sound.good_at().map_or(call.began, |good| good.max(call.began));
        if self.call.as_ref().is_some_and(|call| now.saturating_duration_since(since(call)) >= LOST_AFTER) {
            tracing::warn!("a call is over because the sound card gives no sound");
            self.end(EndedBy::Line).await?;
            sound.turn_over();
        }
        self.let_in(sound.is_healthy(now), now).await
    }
}

/// The monotonic clock that the line's timers go by.
fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

impl<H: HookControl> Line for AlsaLine<H> {
    async fn run(
        self,
        events: mpsc::Sender<LineEvent>,
        mut commands: mpsc::Receiver<LineCommand>,
        stop: Stop,
    ) -> Result<(), TaskError> {
        let (orders, ordered) = mpsc::channel(WAITING);
        let (tell, mut news) = mpsc::channel(WAITING);
        let mut hook = Tasks::below(&stop);
        hook.start("hook", move |stop| hook::keep(self.hook, ordered, tell, stop, hook::FIRST_RETRY));
        let mut sound = Sound::new(&self.device, self.counters, now());
        let mut desk = Desk { events, orders, synthetic: self.synthetic, call: None, waiting: None };
        let mut ticks = interval(TICK);
        // After a stall one tick moves all that has come.
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let ended = loop {
            let done = tokio::select! {
                () = stop.asked() => break Ok(()),
                _ = ticks.tick() => desk.tick(&mut sound, now()).await,
                Some(command) = commands.recv() => desk.obey(command).await,
                heard = news.recv() => match heard {
                    Some(news) => desk.hear(news, &mut sound, now()).await,
                    None if stop.is_asked() => break Ok(()),
                    None => break Err(TaskError::Unasked),
                },
            };
            if done.is_err() {
                break Ok(());
            }
        };
        // Where nobody takes it, nobody needs to know.
        let _ = desk.end(EndedBy::Line).await;
        hook.stop().ask();
        // It gives the line back; where that fails it has said so.
        let _ = hook.wait().await;
        ended
    }
}

#[cfg(test)]
mod tests;
