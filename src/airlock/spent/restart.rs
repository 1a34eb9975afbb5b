//! A purse that was rebuilt from the record is the purse that was there before.

use std::sync::{Arc, Mutex};

use super::*;
use crate::airlock::check::{CloudText, Known, Offered, check};
use crate::airlock::ledger::{Begun, Exchange, lock};
use crate::airlock::prices::Prices;
use crate::airlock::provider::Usage;
use crate::airlock::spend::{Ceiling, Purpose};
use crate::clock::{Clock, SystemClock};
use crate::config::tier::PerTier;
use crate::ids::CallId;
use crate::record::daemon::{RecordConfig, run};
use crate::tasks::{Stop, TaskError, Tasks};
use crate::wire::doors::Role;
use crate::wire::recorder::Recorder;
use crate::wire::users::Uids;

const LONG: Duration = Duration::from_secs(30);
const WIDE: MicroDollars = MicroDollars(1_000_000_000);
const CEILINGS: Ceilings = Ceilings {
    turn: MicroDollars(30_000),
    call: WIDE,
    day: WIDE,
    tier: PerTier { simple: WIDE, reasoning: WIDE, hardest: WIDE },
};

const PRICES: &str = "[[price]]\nprovider = \"p\"\nmodel = \"m\"\nregions = [\"any\"]\nvalid-from = 2026-01-01\n\
    source = \"a page\"\ndate = 2026-01-01\ninput = 1000000\noutput = 5000000\n";

struct Scene {
    _folder: tempfile::TempDir,
    run: std::path::PathBuf,
    tasks: Tasks,
    recorder: Recorder,
    spend: Arc<Mutex<Spend>>,
    today: Date,
}

impl Scene {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path().join("run");
        let users = Uids::all(nix::unistd::getuid().as_raw());
        let config = RecordConfig::new(at.clone(), folder.path().join("data"), users);
        let mut tasks = Tasks::new(Stop::new());
        tasks.start("record", |stop| async { run(config, stop).await.map_err(TaskError::because) });
        let recorder = Recorder::start(&at, Role::Airlockd, &mut tasks, Arc::new(SystemClock));
        recorder.wait_up().await;
        let today = SystemClock.wall().to_zoned(TimeZone::UTC).date();
        Self { _folder: folder, run: at, tasks, recorder, spend: Arc::new(Mutex::new(Spend::new(CEILINGS))), today }
    }

    /// Sets money aside for a request and writes it down.
    async fn begin(&self, call: CallId, tier: Tier, worst: u64) -> Begun {
        let id = call.to_string();
        let purpose = Purpose { call: &id, turn: 1, tier, day: self.today };
        let reservation = lock(&self.spend).reserve(&purpose, Some(MicroDollars(worst))).unwrap();
        let exchange = Exchange {
            call,
            endpoint: "e".to_owned(),
            format: "openai-chat",
            model: "m".to_owned(),
            region: "us".to_owned(),
            tier,
            attempt: 1,
            path: "/".to_owned(),
            headers: Vec::new(),
            body: b"{}".to_vec(),
            catalogue: String::new(),
        };
        let price = Prices::parse(PRICES).unwrap().price("p", "m", "us", self.today).cloned();
        assert!(price.is_some());
        Begun::note(&self.recorder, &self.spend, &text(), &exchange, reservation, price).await.unwrap()
    }

    /// What airlockd would think if it started now.
    async fn rebuilt(&self) -> Spend {
        self.recorder.flush(LONG).await.unwrap();
        ask(&Client::new(&self.run, Role::Airlockd), &CEILINGS, self.today, &TimeZone::UTC).await.unwrap()
    }
}

fn text() -> CloudText {
    let offered = br#"{"turn":1,"synthetic":true,"request":{"v":2,"intent":"unknown","step":"open","messages":[
        {"who":"caller","text":"hello"}]}}"#;
    check(Offered::new(offered.to_vec()), &Known { tools: &[], public: &[], echoed: &|_| false }).unwrap()
}

#[tokio::test]
async fn after_a_restart_the_purse_is_the_one_from_before() {
    let scene = Scene::start().await;
    let (one, two) = (CallId::draw(), CallId::draw());
    let mut whole = scene.begin(one, Tier::Simple, 20_000).await;
    let usage = Usage { input: Some(1_000), output: Some(100), ..Usage::default() };
    whole.done(Some("m-1".to_owned()), usage, 0);
    whole.end("answered");
    // The caller went on talking: what it cost is not known.
    drop(scene.begin(one, Tier::Reasoning, 8_000).await);
    scene.begin(two, Tier::Hardest, 5_000).await.end("first-token-late");
    let before = lock(&scene.spend).totals(scene.today);
    assert!(before.spent > MicroDollars::ZERO && before.unknown == 2, "{before:?}");
    let mut after = scene.rebuilt().await;
    assert_eq!(after.totals(scene.today), before);
    // Each turn's sum is there too: both say no to the same cent.
    let left = CEILINGS.turn.minus(MicroDollars(8_000 + 1_500));
    for spend in [&mut after, &mut *lock(&scene.spend)] {
        let id = one.to_string();
        let purpose = Purpose { call: &id, turn: 1, tier: Tier::Simple, day: scene.today };
        assert_eq!(spend.reserve(&purpose, Some(left.plus(MicroDollars(1)))).unwrap_err(), Ceiling::Turn);
        let fits = spend.reserve(&purpose, Some(left)).unwrap();
        spend.release(fits);
    }
    scene.tasks.stop().ask();
}

#[tokio::test]
async fn a_request_that_was_on_its_way_when_airlockd_died_counts_at_its_worst() {
    let scene = Scene::start().await;
    // As after a kill: nothing says how it ended.
    std::mem::forget(scene.begin(CallId::draw(), Tier::Simple, 20_000).await);
    let totals = scene.rebuilt().await.totals(scene.today);
    assert_eq!((totals.spent, totals.unknown), (MicroDollars(20_000), 1));
    scene.tasks.stop().ask();
}
