//! The sound of all calls: one thread of its own, one loop on a deadline of 20 ms.
//!
//! ```text
//!   every 20 ms, for each leg:   datagrams -> receiver -> a frame -+- the switchboard's port (a caller's leg)
//!                                                                  +- the other leg (caller and desk, bridged)
//!                                port, brief or other leg -> sender -> one datagram
//! ```
//! In:  orders from the calls' tasks. Out: datagrams, frames at the ports, and what was heard: keys, the brief's end.
//! A tick that comes late is not made up for by a burst: its frames are skipped and the timestamps go on. Nothing here waits
//! for anything but its deadline; what a slow consumer does not take is dropped and counted where it waits.

mod leg;

use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

pub use leg::{Flow, Heard, NewLeg, Side};
use leg::{Leg, Shared};

use crate::clock::FRAME;
use crate::line::rtp::receiver::Agreed;
use crate::line::rtp::srtp::Crypto;
use crate::line::watchdog::Beat;
use crate::pcm::Frame;

/// Ticks that are made up for after a stall, one second; what is older would only be heard too late.
const MADE_UP: u32 = 50;

/// The thread, as calls see it.
#[derive(Clone, Debug)]
pub struct Media {
    orders: mpsc::Sender<Order>,
    pulse: Arc<Pulse>,
}

/// How the thread does.
#[derive(Debug, Default)]
struct Pulse {
    ticks: AtomicU64,
    skipped: AtomicU64,
    next_leg: AtomicU64,
}

/// One leg; dropped, its ports are free.
#[derive(Debug)]
pub struct LegHandle {
    id: u64,
    orders: mpsc::Sender<Order>,
    shared: Arc<Shared>,
}

/// What a re-INVITE, an answer or a hold changes.
#[derive(Debug)]
pub struct Change {
    /// What was agreed on.
    pub agreed: Agreed,
    /// Where reports go; nowhere where there is no such port.
    pub reports_to: Option<std::net::SocketAddr>,
    /// The peer's key for SRTP, where sound is encrypted.
    pub key: Option<Crypto>,
    /// Whether the peer wants to hear us.
    pub sends: bool,
    /// Whether the peer sends. While it does not, the call's time stands still: no frames, and no silence to be answered.
    pub hears: bool,
}

enum Order {
    Add(u64, Box<Leg>),
    Change(u64, Box<Change>),
    /// What a desk hears before it takes the call.
    Play(u64, Vec<i16>),
    Press(u64, char),
    /// Caller and desk.
    Bridge(u64, u64),
    Part(u64),
    Remove(u64),
}

impl Media {
    /// Starts the thread, which beats with each tick. It ends when the last of its handles is dropped.
    ///
    /// # Errors
    /// Where no thread can be had.
    #[expect(clippy::disallowed_methods, reason = "this thread is the clock of all sound")]
    pub fn start(beat: Beat) -> io::Result<Self> {
        let (orders, taken) = mpsc::channel();
        let pulse = Arc::new(Pulse::default());
        let (pulse_of_run, legs, start) = (Arc::clone(&pulse), BTreeMap::new(), Instant::now());
        let run = Run { orders: taken, pulse: pulse_of_run, beat, legs, start };
        std::thread::Builder::new().name("media".into()).spawn(move || run.run())?;
        Ok(Self { orders, pulse })
    }

    /// Adds a leg.
    #[must_use]
    pub fn add(&self, new: NewLeg) -> LegHandle {
        let id = self.pulse.next_leg.fetch_add(1, Ordering::Relaxed);
        let (leg, shared) = Leg::new(new);
        self.order(Order::Add(id, Box::new(leg)));
        LegHandle { id, orders: self.orders.clone(), shared }
    }

    /// How many ticks there have been: one that does not grow has stopped.
    #[must_use]
    pub fn ticks(&self) -> u64 {
        self.pulse.ticks.load(Ordering::Relaxed)
    }

    /// How many ticks were skipped, since they came too late.
    #[must_use]
    pub fn skipped(&self) -> u64 {
        self.pulse.skipped.load(Ordering::Relaxed)
    }

    fn order(&self, order: Order) {
        // The thread ends only with its last handle.
        let _ = self.orders.send(order);
    }
}

impl LegHandle {
    /// Changes the leg.
    pub fn change(&self, change: Change) {
        self.order(Order::Change(self.id, Box::new(change)));
    }

    /// Plays a brief to a desk, 8 kHz; its end is [`Heard::BriefOver`]. Another takes its place, an empty one ends it.
    pub fn play(&self, brief: Vec<i16>) {
        self.order(Order::Play(self.id, brief));
    }

    /// Presses a key.
    pub fn press(&self, key: char) {
        self.order(Order::Press(self.id, key));
    }

    /// Connects this caller with a desk.
    pub fn bridge(&self, desk: &Self) {
        self.order(Order::Bridge(self.id, desk.id));
    }

    /// Takes this caller from its desk.
    pub fn part(&self) {
        self.order(Order::Part(self.id));
    }

    /// What has come, and how.
    #[must_use]
    pub fn flow(&self) -> Flow {
        self.shared.flow()
    }

    fn order(&self, order: Order) {
        let _ = self.orders.send(order);
    }
}

impl Drop for LegHandle {
    fn drop(&mut self) {
        self.order(Order::Remove(self.id));
    }
}

/// The thread's own.
struct Run {
    orders: mpsc::Receiver<Order>,
    pulse: Arc<Pulse>,
    beat: Beat,
    legs: BTreeMap<u64, Leg>,
    start: Instant,
}

impl Run {
    #[expect(clippy::disallowed_methods, reason = "this thread is the clock of all sound")]
    fn run(mut self) {
        let mut due = self.start;
        loop {
            due += FRAME;
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            if !self.take_orders() {
                return;
            }
            let now = self.start.elapsed();
            let late = Instant::now().saturating_duration_since(due);
            let skipped = u32::try_from(late.as_millis() / FRAME.as_millis()).unwrap_or(u32::MAX);
            due += FRAME * skipped;
            self.pulse.ticks.fetch_add(1, Ordering::Relaxed);
            self.beat.beat();
            self.pulse.skipped.fetch_add(skipped.into(), Ordering::Relaxed);
            self.tick(now, skipped);
        }
    }

    /// False where nobody is left who could give one.
    fn take_orders(&mut self) -> bool {
        loop {
            match self.orders.try_recv() {
                Ok(order) => self.obey(order),
                Err(mpsc::TryRecvError::Empty) => return true,
                Err(mpsc::TryRecvError::Disconnected) => return false,
            }
        }
    }

    fn obey(&mut self, order: Order) {
        match order {
            Order::Add(id, leg) => {
                self.legs.insert(id, *leg);
            }
            Order::Change(id, change) => self.with(id, |leg| leg.change(*change)),
            Order::Play(id, brief) => self.with(id, |leg| leg.play(brief)),
            Order::Press(id, key) => self.with(id, |leg| leg.press(key)),
            Order::Bridge(caller, desk) => {
                self.with(caller, |leg| leg.other = Some(desk));
                self.with(desk, |leg| leg.other = Some(caller));
            }
            Order::Part(id) => self.part(id),
            Order::Remove(id) => {
                self.part(id);
                if let Some(mut leg) = self.legs.remove(&id) {
                    leg.say_goodbye();
                }
            }
        }
    }

    fn with(&mut self, id: u64, act: impl FnOnce(&mut Leg)) {
        // A leg that is gone meanwhile obeys nobody.
        if let Some(leg) = self.legs.get_mut(&id) {
            act(leg);
        }
    }

    fn part(&mut self, id: u64) {
        let other = self.legs.get_mut(&id).and_then(|leg| leg.other.take());
        if let Some(other) = other.and_then(|other| self.legs.get_mut(&other)) {
            other.other = None;
        }
    }

    /// 20 ms of every leg, and as many more as were slept through.
    fn tick(&mut self, now: Duration, skipped: u32) {
        for leg in self.legs.values_mut() {
            leg.read(now);
            leg.skip(skipped.saturating_sub(MADE_UP.min(skipped)));
        }
        for missed in (0..=skipped.min(MADE_UP)).rev() {
            let heard: BTreeMap<u64, Frame> =
                self.legs.iter_mut().filter_map(|(id, leg)| Some((*id, leg.hear(now)?))).collect();
            for (id, leg) in &mut self.legs {
                let other = leg.other.and_then(|other| heard.get(&other));
                leg.speak(heard.get(id), other, missed == 0);
            }
        }
        for leg in self.legs.values_mut() {
            leg.report(now);
        }
    }
}

#[cfg(test)]
mod tests;
