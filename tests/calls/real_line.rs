//! A box without production weights is a demonstration: no real caller is served by it.

use std::time::Duration;

use anteroom::pcm::Frame;
use anteroom::secret::Secret;
use anteroom::wire::doors::{Line, Role, endpoint};
use anteroom::wire::frame;
use anteroom::wire::line::{FromCaller, Pace, Ring, ToCaller};
use tokio::net::UnixStream;

use crate::boxed::Boxed;

/// Rings and sends silence until the desk rings or the time is over; true if the desk rang.
async fn rings_through_to_the_desk(boxed: &Boxed, synthetic: bool) -> bool {
    let path = endpoint::<Line>(Role::Caller).unwrap().path(boxed.run());
    let (mut reader, mut writer) = UnixStream::connect(path).await.unwrap().into_split();
    let ring = Ring { number: Secret::new("5125550143"), synthetic, pace: Pace::Real, resumed: false };
    frame::write(&mut writer, &FromCaller::Ring(ring).to_message()).await.unwrap();
    let silence = async {
        let mut tick = tokio::time::interval(Duration::from_millis(20));
        loop {
            tick.tick().await;
            let message = FromCaller::Frame(Box::new(Frame::SILENCE)).to_message();
            if frame::write(&mut writer, &message).await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    };
    let desk = async {
        while let Ok(Some(message)) = frame::read(&mut reader).await {
            if matches!(ToCaller::parse(&message), Ok(ToCaller::DeskRings(_))) {
                return true;
            }
        }
        false
    };
    tokio::select! {
        () = silence => false,
        rang = desk => rang,
        () = tokio::time::sleep(Duration::from_secs(15)) => false,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_demonstration_box_leaves_a_real_caller_to_the_desk() {
    let boxed = Boxed::start().await;
    let (real, synthetic) =
        tokio::join!(rings_through_to_the_desk(&boxed, false), rings_through_to_the_desk(&boxed, true));
    let log = boxed.log();
    boxed.stop().await;
    assert!(real, "the desk did not ring for a real caller\n{log}");
    assert!(!synthetic, "a synthetic caller was not served\n{log}");
    assert!(log.contains("demonstration"), "{log}");
}
