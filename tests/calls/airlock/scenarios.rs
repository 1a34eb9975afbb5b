//! The scenario suite with the cloud model as the thinker, in each of the four wire formats.

use super::Open;
use crate::boxed::scenario;
use crate::typed::TYPED;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "make test-airlock"]
async fn every_scenario_ends_well_with_a_model_as_the_thinker_in_every_format() {
    let (mut passed, mut failed) = (0, 0);
    for format in anteroom::config::airlock::FORMATS {
        for name in TYPED {
            let scenario = scenario(name);
            let open = Open::start(&[&format!("{format}/receptionist-1")], "").await;
            let report = open.boxed.typed(&scenario).await;
            let asked = open.arrived().len();
            let shortfalls = match &report {
                Ok(report) => report.shortfalls(&scenario.expect),
                Err(error) => vec![error.to_string()],
            };
            let story = open.boxed.story().await;
            open.stop().await;
            println!(
                "{format:<17} {name:<14} {:>3} requests  {}",
                asked,
                if shortfalls.is_empty() { "ok" } else { "FAILED" }
            );
            if shortfalls.is_empty() {
                passed += 1;
            } else {
                failed += 1;
                println!("{shortfalls:#?}\n{story}");
            }
        }
    }
    println!("scenarios by model: {passed} passed, {failed} failed");
    assert_eq!(failed, 0);
}
