//! `[airlock]`: which cloud models may be asked, through which doors, for what, and at what price.
//!
//! In:  the section and its own sections. Out: an [`Airlock`] in which every name leads somewhere. Whether a door may be used
//! today is not decided here but by the agreements and approvals on file (`registry`).

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::reader::Section;
use super::tier::{PerTier, Tier};

/// What a caller may want, as far as the choice of a model goes.
pub const INTENTS: [&str; 7] = ["unknown", "book", "cancel", "move", "refill", "message", "question"];
/// What a model may be asked for: an answer to the caller's words, to a tool's result, to a yes or no.
pub const STEPS: [&str; 3] = ["open", "tool", "confirm"];
/// The wire formats that are spoken.
pub const FORMATS: [&str; 4] = ["anthropic", "openai-chat", "openai-responses", "gemini"];

/// `[airlock]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Airlock {
    /// What becomes of a request that passed the check.
    pub mode: AirlockMode,
    /// The agreements and approvals on file.
    pub registry: PathBuf,
    /// Prices of the clinic's own, instead of those that come with the box.
    pub prices: Option<PathBuf>,
    /// Where a cloud model must run: "us", "eu".
    pub residency: String,
    /// Whether a provider must keep nothing of what it was sent.
    pub zero_retention: bool,
    /// How long a provider may take to the first useful piece of its answer before the next one is asked.
    pub first_token: Duration,
    /// How long a whole answer may take, all providers together.
    pub answer: Duration,
    /// Tokens that an answer may have.
    pub max_output_tokens: u32,
    /// The doors, by name.
    pub endpoints: Vec<Endpoint>,
    /// Which models each tier asks, in order.
    pub tiers: PerTier<Vec<ModelName>>,
    /// Which tier is asked for which intent and step. The first that fits.
    pub routes: Vec<Route>,
    /// A model that is tried on some of the calls.
    pub canary: Option<Canary>,
    /// What may be spent, micro-dollars.
    pub ceilings: Ceilings,
}

/// What becomes of a request that passed the airlock's check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AirlockMode {
    /// It is recorded and kept in the box: what a new box does.
    Rehearsal,
    /// It goes to a model whose door is open.
    Open,
}

/// `[airlock.endpoints.NAME]`: one door.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Its name in this file, in the registry and in events.
    pub name: String,
    /// One of [`FORMATS`].
    pub format: &'static str,
    /// `https://host`, perhaps with a path that every request begins with.
    pub url: String,
    /// Whether it is a machine of the clinic's own network.
    pub lan: bool,
    /// Whose prices it has.
    pub provider: String,
    /// Where it runs.
    pub region: String,
    /// The version of the interface that its format asks for.
    pub api_version: String,
    /// Whether its models reason, and are asked for their reasoning in encrypted form (openai-responses).
    pub reasoning: bool,
    /// Whether its models can keep their prompt cache in memory only, and are told to (both OpenAI formats).
    pub memory_cache: bool,
    /// The file with the key; none for a server that asks for none.
    pub key_file: Option<PathBuf>,
    /// The certificate authority of a server in the clinic's network, PEM.
    pub ca_file: Option<PathBuf>,
}

/// `endpoint/model`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelName {
    /// The name of an endpoint.
    pub endpoint: String,
    /// The provider's id of the model.
    pub model: String,
}

/// One line of `[airlock.routes]`: `"book.open" = "reasoning"`; `*` stands for any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The intent; none for any.
    pub intent: Option<&'static str>,
    /// The step; none for any.
    pub step: Option<&'static str>,
    /// The tier.
    pub tier: Tier,
}

/// `[airlock.canary]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Canary {
    /// In which tier.
    pub tier: Tier,
    /// Which model comes first there.
    pub model: ModelName,
    /// In how many of a hundred calls.
    pub percent: u8,
}

/// `[airlock.ceilings]`, micro-dollars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ceilings {
    /// For one turn of a caller.
    pub turn: u64,
    /// For one call.
    pub call: u64,
    /// For one day.
    pub day: u64,
    /// For one day in each tier.
    pub tier: PerTier<u64>,
}

impl Airlock {
    /// The tier for an intent and a step.
    #[must_use]
    pub fn tier(&self, intent: &str, step: &str) -> Tier {
        let fits = |pattern: Option<&'static str>, word: &str| pattern.is_none_or(|pattern| pattern == word);
        let route = self.routes.iter().find(|route| fits(route.intent, intent) && fits(route.step, step));
        route.map_or(Tier::Simple, |route| route.tier)
    }

    /// The endpoint of that name.
    #[must_use]
    pub fn endpoint(&self, name: &str) -> Option<&Endpoint> {
        self.endpoints.iter().find(|endpoint| endpoint.name == name)
    }

    pub(super) fn read(section: &mut Section, base: &Path) -> Self {
        let registry = Path::new("/var/lib/anteroom/airlock/agreements.toml");
        let mut airlock = Self {
            mode: section.choice("mode", &[("rehearsal", AirlockMode::Rehearsal), ("open", AirlockMode::Open)]),
            registry: section.path("registry", base, registry),
            prices: section.optional_path("prices", base),
            residency: section.text("residency", "us"),
            zero_retention: section.flag("zero-retention", true),
            first_token: section.milliseconds("first-token-ms", 1_500, 100..=10_000),
            answer: section.milliseconds("answer-ms", 6_000, 500..=60_000),
            max_output_tokens: u32::try_from(section.count("max-output-tokens", 300, 16..=4_096)).unwrap_or(300),
            endpoints: section.named_sections("endpoints", |name, s| Endpoint::read(name, s, base)),
            tiers: section.section("tiers", |s| PerTier {
                simple: models(s, "simple"),
                reasoning: models(s, "reasoning"),
                hardest: models(s, "hardest"),
            }),
            routes: section.section("routes", routes),
            canary: section.optional_section("canary", canary),
            ceilings: section.section("ceilings", Ceilings::read),
        };
        airlock.check_names(section);
        // What names more comes first: "book.open" before "book.*" before "*.*".
        airlock.routes.sort_by_key(|route| (route.intent.is_none(), route.step.is_none()));
        airlock
    }

    /// Every model must be at an endpoint that is there.
    fn check_names(&self, section: &mut Section) {
        let known = |model: &ModelName| self.endpoint(&model.endpoint).is_some();
        for tier in Tier::ALL {
            if !self.tiers.get(tier).iter().all(known) {
                let what = "names an endpoint that is not in [airlock.endpoints]: write \"endpoint/model\"";
                section.problem(&format!("tiers.{tier}"), what.to_owned());
            }
        }
        if self.canary.as_ref().is_some_and(|canary| !known(&canary.model)) {
            section.problem("canary.model", "names an endpoint that is not in [airlock.endpoints]".to_owned());
        }
    }
}

impl Endpoint {
    fn read(name: &str, section: &mut Section, base: &Path) -> Self {
        let formats: Vec<_> = FORMATS.iter().map(|format| (*format, *format)).collect();
        let format = section.required_choice("format", &formats).unwrap_or("openai-chat");
        let version = match format {
            "anthropic" => "2023-06-01",
            "gemini" => "v1beta",
            _ => "v1",
        };
        Self {
            name: name.to_owned(),
            format,
            url: section.required_text("url"),
            lan: section.flag("lan", false),
            provider: section.text("provider", name),
            region: section.required_text("region"),
            api_version: section.text("api-version", version),
            reasoning: section.flag("reasoning", false),
            memory_cache: section.flag("memory-cache", false),
            key_file: section.optional_path("key-file", base),
            ca_file: section.optional_path("ca-file", base),
        }
    }
}

impl Ceilings {
    fn read(section: &mut Section) -> Self {
        let mut dollars =
            |key, default: usize| u64::try_from(section.count(key, default, 0..=1_000_000_000)).unwrap_or(u64::MAX);
        Self {
            turn: dollars("turn-microdollars", 50_000),
            call: dollars("call-microdollars", 500_000),
            day: dollars("day-microdollars", 20_000_000),
            tier: PerTier {
                simple: dollars("simple-day-microdollars", 10_000_000),
                reasoning: dollars("reasoning-day-microdollars", 10_000_000),
                hardest: dollars("hardest-day-microdollars", 5_000_000),
            },
        }
    }
}

fn models(section: &mut Section, key: &str) -> Vec<ModelName> {
    let names = section.words(key);
    let models: Vec<_> = names.iter().filter_map(|name| model(name)).collect();
    if models.len() != names.len() {
        section.problem(key, "should be a list such as [\"endpoint/model\"]".to_owned());
    }
    models
}

fn model(text: &str) -> Option<ModelName> {
    let (endpoint, model) = text.split_once('/')?;
    let named = !endpoint.is_empty() && !model.is_empty();
    named.then(|| ModelName { endpoint: endpoint.to_owned(), model: model.to_owned() })
}

fn routes(section: &mut Section) -> Vec<Route> {
    let any = |word: &str, known: &[&'static str]| match word {
        "*" => Some(None),
        word => known.iter().find(|known| **known == word).map(|known| Some(*known)),
    };
    let tiers = Tier::ALL.map(|tier| (tier.as_str(), tier));
    let mut routes = Vec::new();
    for key in section.keys() {
        let Some(tier) = section.required_choice(&key, &tiers) else { continue };
        let parts = key.split_once('.').and_then(|(intent, step)| Some((any(intent, &INTENTS)?, any(step, &STEPS)?)));
        match parts {
            Some((intent, step)) => routes.push(Route { intent, step, tier }),
            None => section.problem(
                &key,
                format!("should be \"INTENT.STEP\" with {} or *, and {} or *", INTENTS.join(", "), STEPS.join(", ")),
            ),
        }
    }
    routes
}

fn canary(section: &mut Section) -> Canary {
    let tiers = Tier::ALL.map(|tier| (tier.as_str(), tier));
    let tier = section.required_choice("tier", &tiers).unwrap_or(Tier::Simple);
    let text = section.required_text("model");
    let model = model(&text).unwrap_or_else(|| {
        section.problem("model", "should be \"endpoint/model\"".to_owned());
        ModelName { endpoint: String::new(), model: String::new() }
    });
    Canary { tier, model, percent: u8::try_from(section.count("percent", 5, 0..=100)).unwrap_or(0) }
}

#[cfg(test)]
mod tests {
    use super::super::Config;
    use super::*;

    const CLINIC: &str = "[clinic]\nname = \"n\"\naddress = \"a\"\nhours = \"h\"\ntime-zone = \"UTC\"\n";

    fn read(airlock: &str) -> Result<Airlock, Vec<String>> {
        match Config::parse(&format!("{CLINIC}{airlock}"), Path::new("/etc/anteroom")) {
            Ok(config) => Ok(config.airlock),
            Err(problems) => Err(problems.into_iter().map(|problem| problem.key).collect()),
        }
    }

    const TWO: &str = "[airlock]\nmode = \"open\"\n[airlock.endpoints.lan]\nformat = \"openai-chat\"\nurl = \"http://10.0.0.2\"\n\
        lan = true\nregion = \"here\"\n[airlock.endpoints.a]\nformat = \"anthropic\"\nurl = \"https://a.example\"\nregion = \"us\"\n\
        key-file = \"a.key\"\n";

    #[test]
    fn a_new_box_rehearses_and_asks_nobody() {
        let airlock = read("").unwrap();
        assert_eq!((airlock.mode, airlock.endpoints.len()), (AirlockMode::Rehearsal, 0));
        assert_eq!(airlock.tier("book", "open"), Tier::Simple);
    }

    #[test]
    fn doors_tiers_routes_and_a_canary_are_read() {
        let text = format!(
            "{TWO}[airlock.tiers]\nsimple = [\"lan/small\", \"a/haiku\"]\nreasoning = [\"a/sonnet\"]\n\
             [airlock.routes]\n\"*.*\" = \"simple\"\n\"book.*\" = \"hardest\"\n\"book.open\" = \"reasoning\"\n\
             [airlock.canary]\ntier = \"simple\"\nmodel = \"a/new\"\npercent = 10\n"
        );
        let airlock = read(&text).unwrap();
        let door = airlock.endpoint("a").unwrap();
        assert_eq!((door.format, door.api_version.as_str(), door.lan), ("anthropic", "2023-06-01", false));
        assert_eq!(door.key_file.as_deref(), Some(Path::new("/etc/anteroom/a.key")));
        assert_eq!(airlock.tiers.simple[1], ModelName { endpoint: "a".to_owned(), model: "haiku".to_owned() });
        let tiers = [("book", "open"), ("book", "tool"), ("question", "open")].map(|(i, s)| airlock.tier(i, s));
        assert_eq!(tiers, [Tier::Reasoning, Tier::Hardest, Tier::Simple]);
        assert_eq!(airlock.canary.unwrap().percent, 10);
    }

    #[test]
    fn every_mistake_is_named_by_its_key() {
        let text = format!(
            "{TWO}format = \"telepathy\"\n[airlock.tiers]\nsimple = [\"nowhere/x\"]\nreasoning = [\"plain\"]\n\
             [airlock.routes]\n\"sing.open\" = \"simple\"\n\"book.open\" = \"huge\"\n[airlock.canary]\nmodel = \"a/x\"\ntier = \"simple\"\npercent = 101\n"
        );
        // The second format of one door is a mistake of the file itself.
        assert_eq!(read(&text).unwrap_err(), [""]);
        let text = text.replace("format = \"telepathy\"\n", "voice = 1\n");
        let keys = [
            "airlock.endpoints.a.voice",
            "airlock.tiers.reasoning",
            "airlock.routes.book.open",
            "airlock.routes.sing.open",
            "airlock.canary.percent",
            "airlock.tiers.simple",
        ];
        assert_eq!(read(&text).unwrap_err(), keys);
    }
}
