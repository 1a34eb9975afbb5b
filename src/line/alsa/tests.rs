//! The line's one call, without a card.

use tokio::sync::mpsc::{Receiver, channel};

use super::*;
use crate::clock::{Clock, SystemClock};
use crate::secret::Secret;
use crate::wire::line::Urgency;

struct Bench {
    desk: Desk,
    sound: Sound,
    events: Receiver<LineEvent>,
    orders: Receiver<Order>,
    now: Instant,
}

impl Bench {
    fn new() -> Self {
        let (events, told) = channel(16);
        let (orders, ordered) = channel(16);
        let desk = Desk { events, orders, synthetic: true, call: None, waiting: None };
        let now = SystemClock.now();
        // A card that is not tried within the test.
        let sound = Sound::new("none", Arc::default(), now + Duration::from_secs(60));
        Self { desk, sound, events: told, orders: ordered, now }
    }

    async fn hear(&mut self, news: News) {
        assert!(self.desk.hear(news, &mut self.sound, self.now).await.is_ok());
    }

    async fn obey(&mut self, command: LineCommand) {
        assert!(self.desk.obey(command).await.is_ok());
    }

    async fn rings(&mut self) -> (CallId, Ring) {
        let caller = CallerId { number: Secret::new("5125550143"), name: Secret::default() };
        self.hear(News::Event(HookEvent::Rings(caller))).await;
        assert!(self.desk.let_in(true, self.now).await.is_ok());
        match self.events.try_recv() {
            Ok(LineEvent::Incoming { call, ring, .. }) => (call, ring),
            other => panic!("no call: {other:?}"),
        }
    }

    fn ended(&mut self) -> Option<(CallId, EndedBy)> {
        match self.events.try_recv() {
            Ok(LineEvent::Ended { call, by }) => Some((call, by)),
            Ok(other) => panic!("not an end: {other:?}"),
            Err(_) => None,
        }
    }
}

#[tokio::test]
async fn a_call_is_told_of_with_its_number_taken_and_hung_up() {
    let mut bench = Bench::new();
    let (call, ring) = bench.rings().await;
    assert_eq!(ring.number, Secret::new("5125550143"));
    bench.obey(LineCommand::Answer(call)).await;
    bench.obey(LineCommand::Answer(call)).await;
    assert_eq!(bench.orders.try_recv(), Ok(Order::OffHook));
    assert!(bench.orders.try_recv().is_err());
    bench.hear(News::OffHook).await;
    assert_eq!(bench.desk.call.as_ref().map(|call| call.phase), Some(Phase::Up));
    bench.obey(LineCommand::Hangup(call)).await;
    assert_eq!(bench.ended(), Some((call, EndedBy::Anteroom)));
    assert_eq!(bench.orders.try_recv(), Ok(Order::OnHook));
    // What comes late is of a call that is over.
    bench.hear(News::OffHook).await;
    bench.hear(News::Event(HookEvent::HungUp)).await;
    bench.obey(LineCommand::Hangup(call)).await;
    assert_eq!(bench.ended(), None);
    assert!(bench.orders.try_recv().is_err());
}

#[tokio::test]
async fn a_call_that_rings_without_sound_waits_and_is_forgotten_when_it_stops() {
    let mut bench = Bench::new();
    bench.hear(News::Event(HookEvent::Rings(CallerId::default()))).await;
    assert!(bench.desk.let_in(false, bench.now).await.is_ok());
    assert!(bench.events.try_recv().is_err());
    bench.hear(News::Event(HookEvent::StoppedRinging)).await;
    assert!(bench.desk.let_in(true, bench.now).await.is_ok());
    assert!(bench.events.try_recv().is_err());
}

#[tokio::test]
async fn who_ended_a_call_is_told() {
    for (news, by) in [
        (News::Event(HookEvent::StoppedRinging), EndedBy::Caller),
        (News::Event(HookEvent::HungUp), EndedBy::Caller),
        (News::Failed, EndedBy::Line),
    ] {
        let mut bench = Bench::new();
        let (call, _) = bench.rings().await;
        bench.hear(news).await;
        assert_eq!(bench.ended(), Some((call, by)));
    }
}

#[tokio::test]
async fn the_desk_cannot_be_rung_and_the_caller_stays() {
    let mut bench = Bench::new();
    let (call, _) = bench.rings().await;
    bench.obey(LineCommand::Consult(call, vec![0; 160], Urgency::Routine)).await;
    let answered = bench.events.try_recv();
    assert!(matches!(answered, Ok(LineEvent::Desk { call: of, answer: DeskAnswer::None }) if of == call));
    bench.obey(LineCommand::Bridge(call)).await;
    assert!(bench.desk.call.is_some());
}

#[tokio::test]
async fn commands_for_another_call_do_nothing() {
    let mut bench = Bench::new();
    bench.rings().await;
    let other = CallId::draw();
    let consult = LineCommand::Consult(other, Vec::new(), Urgency::Routine);
    for command in [LineCommand::Answer(other), LineCommand::Hangup(other), consult] {
        bench.obey(command).await;
    }
    assert_eq!(bench.ended(), None);
    assert!(bench.orders.try_recv().is_err());
}

#[tokio::test]
async fn a_call_without_sound_is_over_after_five_seconds() {
    let mut bench = Bench::new();
    let (call, _) = bench.rings().await;
    bench.obey(LineCommand::Answer(call)).await;
    bench.hear(News::OffHook).await;
    let lost = bench.now + LOST_AFTER;
    assert!(bench.desk.tick(&mut bench.sound, lost - Duration::from_millis(1)).await.is_ok());
    assert_eq!(bench.ended(), None);
    assert!(bench.desk.tick(&mut bench.sound, lost).await.is_ok());
    assert_eq!(bench.ended(), Some((call, EndedBy::Line)));
}

#[test]
fn a_line_needs_an_alsa_name() {
    let pause = Duration::from_secs(1);
    assert!(AlsaLine::new("alsa:clinic", AlwaysOn::new(pause), true).is_ok());
    assert!(matches!(AlsaLine::new("clinic", AlwaysOn::new(pause), true), Err(SoundError::Name(_))));
}
