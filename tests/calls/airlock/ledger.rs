//! The ledger and the wire: as many requests at the peer as events in the record, byte for byte the same, and each of them
//! passes the second check again from the record alone.

use anteroom::airlock::catalogue::Catalogue;
use anteroom::airlock::check::{Known, recheck};
use anteroom::wire::offered::OFFERED;

use super::canaries::Caller;
use super::{Open, share};
use crate::boxed::scenario;
use crate::typed::TYPED;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "make test-airlock"]
async fn the_ledger_holds_every_byte_that_left_and_passes_the_check_again() {
    let tools: Vec<&str> = OFFERED.iter().map(|tool| tool.name).collect();
    let (mut requests, mut turns, mut withheld) = (0, 0_u64, 0_u64);
    for format in anteroom::config::airlock::FORMATS {
        let mut open = Open::start(&[&format!("{format}/receptionist-1")], "").await;
        let catalogue = Catalogue::new(&open.boxed.home.config.clinic);
        let scenarios = TYPED.iter().map(|name| scenario(name));
        let others = (0..20).map(|seed| Caller::new(seed).scenario);
        for scenario in scenarios.chain(others) {
            open.boxed.typed(&scenario).await.unwrap();
            let events = open.boxed.events_of_the_last().await;
            let of = |kind: &'static str| events.iter().filter(move |event| event["kind"] == kind);
            let sent: Vec<&str> = of("wire.request").map(|event| event["body"]["body"].as_str().unwrap()).collect();
            let arrived = open.arrived_since();
            assert_eq!(arrived.len(), sent.len(), "{format}");
            for (arrived, sent) in arrived.iter().zip(&sent) {
                assert_eq!(arrived.as_slice(), sent.as_bytes(), "{format}");
            }
            assert_eq!(of("wire.reply").count(), sent.len(), "a request without its reply");
            let said: Vec<String> = events
                .iter()
                .filter(|event| event["kind"] == "spoken")
                .filter_map(|event| event["body"]["template"].as_str().map(str::to_owned))
                .collect();
            for event in of("wire.request") {
                let (request, vocabulary) = (&event["body"]["request"], &event["body"]["vocabulary"]);
                let echoed = |text: &str| said.iter().any(|said| said == text);
                let known = Known { tools: &tools, public: catalogue.public(), echoed: &echoed };
                let again = recheck(request.as_str().unwrap().as_bytes(), vocabulary.as_str().unwrap(), &known);
                assert!(again.is_ok(), "{format}: {:?}", again.err());
                assert_eq!(event["body"]["catalogue"], catalogue.sha256());
            }
            requests += sent.len();
            turns += u64::try_from(of("heard").count()).unwrap();
            let local = |event: &&serde_json::Value| event["body"]["what"] == "too-much-withheld";
            withheld += u64::try_from(of("verdict").filter(local).count()).unwrap();
        }
        let (whole, report) = open.boxed.verified().await;
        open.stop().await;
        assert!(whole, "{report}");
        println!("{format:<17} the ledger and the wire agree");
    }
    let rate = share(withheld, turns);
    println!("{requests} requests, each on the disk before it left; {withheld} of {turns} turns ({rate:.3}) not sent");
}
