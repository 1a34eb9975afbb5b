//! Who rings, and how the line is taken and given back: what a sound card has no wire for.
//!
//! In:  orders of the line ([`Order`]).
//! Out: what happens on the wire ([`HookEvent`]).
//! [`HookControl`] is what a device must do; [`AlwaysOn`] is none at all (a bench handset), and
//! [`super::modem::Modem`] a serial modem. A task of its own runs it ([`keep`]), so that a slow modem never holds up the sound.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use crate::secret::Secret;
use crate::tasks::{Stop, TaskError};

/// The first pause after a device failed; each further failure doubles it.
pub(super) const FIRST_RETRY: Duration = Duration::from_millis(500);
/// The longest pause: a modem that was plugged in again is used within this.
const LAST_RETRY: Duration = Duration::from_secs(10);

/// Who calls, as the exchange says. Both are identifiers, and empty when withheld or not sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallerId {
    /// The caller's number.
    pub number: Secret,
    /// The name that the exchange keeps for it.
    pub name: Secret,
}

/// What happens on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HookEvent {
    /// A call rings; said once for each call.
    Rings(CallerId),
    /// It stopped ringing before it was taken.
    StoppedRinging,
    /// The other side hung up.
    HungUp,
}

/// Why a hook device failed.
#[derive(Debug, thiserror::Error)]
pub enum HookError {
    /// The device cannot be opened, read or written.
    #[error("the hook device failed: see that the modem is plugged in and its name is right, it is tried again")]
    Io(#[from] std::io::Error),
    /// It did not answer in time.
    #[error("the modem did not answer in time: unplug it and plug it in, it is tried again")]
    Silent,
    /// It answered that it cannot.
    #[error("the modem refused a command: it must know ATZ, AT+VCID=1, ATH1 and ATH0")]
    Refused,
}

/// A way to see calls ring and to take them.
pub trait HookControl: Send + 'static {
    /// The next event. May be dropped at any await without losing one.
    ///
    /// # Errors
    /// [`HookError`]; the next call starts afresh.
    fn next(&mut self) -> impl Future<Output = Result<HookEvent, HookError>> + Send;

    /// Takes the call.
    ///
    /// # Errors
    /// [`HookError`]: then the call was not taken.
    fn off_hook(&mut self) -> impl Future<Output = Result<(), HookError>> + Send;

    /// Gives the line back; also said of a call that rings and will not be taken, and at the start.
    ///
    /// # Errors
    /// [`HookError`]: the line may still be taken.
    fn on_hook(&mut self) -> impl Future<Output = Result<(), HookError>> + Send;
}

/// No hook at all: the line is always there, and rings again some time after the last call.
#[derive(Debug)]
pub struct AlwaysOn {
    pause: Duration,
    rings_at: Option<Instant>,
}

impl AlwaysOn {
    /// Rings `pause` after the last call has ended.
    #[must_use]
    pub fn new(pause: Duration) -> Self {
        Self { pause, rings_at: None }
    }
}

impl HookControl for AlwaysOn {
    async fn next(&mut self) -> Result<HookEvent, HookError> {
        let Some(at) = self.rings_at else { return std::future::pending().await };
        sleep_until(at).await;
        self.rings_at = None;
        Ok(HookEvent::Rings(CallerId::default()))
    }

    async fn off_hook(&mut self) -> Result<(), HookError> {
        Ok(())
    }

    async fn on_hook(&mut self) -> Result<(), HookError> {
        self.rings_at = Some(Instant::now() + self.pause);
        Ok(())
    }
}

/// What the line asks of its hook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// Take the call.
    OffHook,
    /// Give the line back.
    OnHook,
}

/// What the line learns from its hook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum News {
    /// Something happened on the wire.
    Event(HookEvent),
    /// The call was taken.
    OffHook,
    /// The device failed: a call that is up or rings is lost to us.
    Failed,
}

/// Runs a hook until `stop`, and gives the line back at the end. `first` is the first pause after a failure.
///
/// # Errors
/// None; a device that fails is tried again and again.
pub(super) async fn keep<H: HookControl>(
    mut hook: H,
    mut orders: mpsc::Receiver<Order>,
    news: mpsc::Sender<News>,
    stop: Stop,
    first: Duration,
) -> Result<(), TaskError> {
    let mut retry = first;
    // A line that a dead process before us left taken is given back first.
    let mut next = Some(Order::OnHook);
    while !stop.is_asked() {
        let done = match next.take() {
            Some(Order::OffHook) => hook.off_hook().await.map(|()| Some(News::OffHook)),
            Some(Order::OnHook) => hook.on_hook().await.map(|()| None),
            None => tokio::select! {
                () = stop.asked() => break,
                order = orders.recv() => match order {
                    Some(order) => {
                        next = Some(order);
                        continue;
                    }
                    None => break,
                },
                event = hook.next() => event.map(|event| Some(News::Event(event))),
            },
        };
        let (told, pause) = match done {
            Ok(told) => {
                retry = first;
                (told, None)
            }
            Err(error) => {
                tracing::warn!(%error, "the telephone line's hook failed");
                next = Some(Order::OnHook);
                let pause = retry;
                retry = retry.saturating_mul(2).min(LAST_RETRY);
                (Some(News::Failed), Some(pause))
            }
        };
        if let Some(told) = told
            && news.send(told).await.is_err()
        {
            break;
        }
        if let Some(pause) = pause {
            tokio::select! {
                () = stop.asked() => {}
                () = tokio::time::sleep(pause) => {}
            }
            // What was ordered of the call that failed no longer holds.
            while orders.try_recv().is_ok() {}
        }
    }
    if let Err(error) = hook.on_hook().await {
        tracing::warn!(%error, "the telephone line may still be taken");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::sync::{Arc, Mutex};

    use super::*;

    /// Whether the hook says something at once.
    async fn says(hook: &mut AlwaysOn) -> bool {
        tokio::select! {
            biased;
            event = hook.next() => matches!(event, Ok(HookEvent::Rings(_))),
            () = std::future::ready(()) => false,
        }
    }

    #[tokio::test]
    async fn an_endless_call_rings_again_after_its_pause() {
        let mut hook = AlwaysOn::new(Duration::from_secs(60));
        assert!(!says(&mut hook).await);
        hook.on_hook().await.unwrap();
        // It was waited for in vain, and is not lost.
        assert!(!says(&mut hook).await);
        let at = hook.rings_at.unwrap();
        assert!(at > Instant::now() + Duration::from_secs(30) && at <= Instant::now() + Duration::from_secs(60));
        hook.rings_at = Some(Instant::now());
        assert_eq!(hook.next().await.unwrap(), HookEvent::Rings(CallerId::default()));
        hook.off_hook().await.unwrap();
        assert!(!says(&mut hook).await);
        hook.pause = Duration::ZERO;
        hook.on_hook().await.unwrap();
        assert!(hook.next().await.is_ok());
    }

    /// Does what its script says, and notes what it was asked.
    struct Scripted {
        next: VecDeque<Result<HookEvent, HookError>>,
        asked: Arc<Mutex<Vec<&'static str>>>,
    }

    impl HookControl for Scripted {
        async fn next(&mut self) -> Result<HookEvent, HookError> {
            match self.next.pop_front() {
                Some(step) => step,
                None => std::future::pending().await,
            }
        }
        async fn off_hook(&mut self) -> Result<(), HookError> {
            self.asked.lock().unwrap().push("off");
            Ok(())
        }
        async fn on_hook(&mut self) -> Result<(), HookError> {
            self.asked.lock().unwrap().push("on");
            Ok(())
        }
    }

    #[tokio::test]
    async fn a_device_that_fails_is_told_of_and_tried_again_later_from_the_start() {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let next = [Err(HookError::Silent), Err(HookError::Refused), Ok(HookEvent::HungUp)].into();
        let hook = Scripted { next, asked: Arc::clone(&asked) };
        let (order, orders) = mpsc::channel(4);
        let (news, mut told) = mpsc::channel(4);
        let stop = Stop::new();
        let run = keep(hook, orders, news, stop.clone(), Duration::ZERO);
        let look = async {
            assert_eq!(told.recv().await, Some(News::Failed));
            assert_eq!(told.recv().await, Some(News::Failed));
            assert_eq!(told.recv().await, Some(News::Event(HookEvent::HungUp)));
            order.send(Order::OffHook).await.unwrap();
            assert_eq!(told.recv().await, Some(News::OffHook));
            stop.ask();
        };
        let (ended, ()) = tokio::join!(run, look);
        ended.unwrap();
        assert_eq!(*asked.lock().unwrap(), ["on", "on", "on", "off", "on"]);
    }
}
