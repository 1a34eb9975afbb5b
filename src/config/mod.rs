//! The box's configuration: one TOML file, a section per process, parsed whole and strictly by each of them.
//!
//! In:  the file's text.
//! Out: a [`Config`] that cannot be wrong, or every [`Problem`] of the file at once, each with its key and what to do.
//! `anteroom check-config FILE` prints the same list. Exit code 78 says "bad configuration".

pub mod airlock;
pub mod hours;
pub mod levels;
mod reader;
pub mod record;
pub mod state;
pub mod telephone;
pub mod tier;
pub mod users;
pub mod warehouse;

use std::path::{Path, PathBuf};
use std::time::Duration;

pub use airlock::{Airlock, AirlockMode};
pub use levels::Redaction;
pub use reader::Problem;
use reader::Section;
pub use record::{Backup, Record};
use sha2::{Digest as _, Sha256};
pub use state::State;
pub use users::Users;
pub use warehouse::Destination;

/// The whole configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// Where things are kept.
    pub paths: Paths,
    /// Which user each process is.
    pub users: Users,
    /// What callers are told about the clinic.
    pub clinic: Clinic,
    /// `lined`.
    pub line: Line,
    /// `anteroomd`.
    pub brain: Brain,
    /// How much of a call's words each destination is shown.
    pub redaction: Redaction,
    /// `airlockd`.
    pub airlock: Airlock,
    /// `clinicd`.
    pub systems: Systems,
    /// `recordd`.
    pub record: Record,
    /// Where the record is copied to, for the day that the box is gone.
    pub backup: Backup,
    /// Where the record's rows go.
    pub warehouse: Vec<Destination>,
    /// SHA-256 of the file's text, hex: the record says when it changed.
    pub digest: String,
}

/// `[paths]`: folders. Relative ones are below the folder of the configuration file.
#[derive(Clone, Debug, PartialEq)]
pub struct Paths {
    /// The folders of the sockets, one for each door; on a tmpfs.
    pub run: PathBuf,
    /// The record: recordd's alone.
    pub data: PathBuf,
    /// The demonstration clinic's database: clinicd's alone.
    pub clinic: PathBuf,
    /// Voice activity and recognition models.
    pub models: PathBuf,
    /// Sounds that lined plays by itself, and the clinic's own recordings.
    pub prompts: PathBuf,
}

/// `[clinic]`: public facts, as they are to be spoken.
#[derive(Clone, Debug, PartialEq)]
pub struct Clinic {
    /// "Riverside Family Clinic".
    pub name: String,
    /// "twelve Mill Road, next to the library".
    pub address: String,
    /// "Monday to Friday, nine to five".
    pub hours: String,
    /// In which "tomorrow" is meant.
    pub time_zone: jiff::tz::TimeZone,
    /// Where the clinic is; without it the strictest state's law on recording is held to.
    pub state: Option<State>,
}

/// `[line]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// How callers reach the box.
    pub kind: LineKind,
    /// How long the brain may be silent before lined serves the caller itself.
    pub brain_silence: Duration,
    /// How long the desk may ring.
    pub desk_ring: Duration,
    /// Calls at once; one more is turned away before it is answered.
    pub max_calls: usize,
    /// `[line.sip]`, where the kind is that.
    pub sip: Option<telephone::Sip>,
    /// `[line.alsa]`, where the kind is that.
    pub alsa: Option<Alsa>,
    /// `[line.hours]`.
    pub hours: hours::Hours,
    /// `[[line.rota]]`.
    pub rota: Vec<hours::Clinician>,
}

/// `[line.alsa]`: one call at a time through a sound card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alsa {
    /// `alsa:NAME`, a device that captures and plays.
    pub device: String,
    /// The serial device of a modem that sees calls ring and takes them; without it one call follows the other.
    pub modem: Option<PathBuf>,
    /// Without a modem: how long after a call the next one rings.
    pub pause: Duration,
}

impl Line {
    fn read(section: &mut Section, base: &Path) -> Self {
        let kind =
            section.choice("kind", &[("socket", LineKind::Socket), ("sip", LineKind::Sip), ("alsa", LineKind::Alsa)]);
        let line = Self {
            kind,
            brain_silence: section.milliseconds("brain-silence-ms", 1_000, 500..=5_000),
            desk_ring: section.milliseconds("desk-ring-ms", 20_000, 1_000..=120_000),
            max_calls: section.count("max-calls", 4, 1..=64),
            sip: section.optional_section("sip", |s| telephone::Sip::read(s, base)),
            alsa: section.optional_section("alsa", |s| Alsa {
                device: s.required_text("device"),
                modem: s.optional_path("modem", base),
                pause: s.milliseconds("pause-ms", 2_000, 100..=60_000),
            }),
            hours: section.section("hours", hours::Hours::read),
            rota: hours::Clinician::read_all(section),
        };
        match (kind, &line.sip) {
            (LineKind::Sip, None) => {
                let what = "is \"sip\" and needs [line.sip]: the clinic's telephone system, and who the box is there";
                section.problem("kind", what.to_owned());
            }
            (LineKind::Sip, Some(sip)) if sip.calls_with_ports(line.rota.len()) < line.max_calls => {
                let what = "are too few for line.max-calls: a call takes two for the caller, two for the desk, and two more \
                            for each of line.rota after the first";
                section.problem("sip.public-ports", what.to_owned());
            }
            (LineKind::Alsa, _) if line.alsa.is_none() => {
                section.problem("kind", "is \"alsa\" and needs [line.alsa]: the sound card's device".to_owned());
            }
            (LineKind::Sip | LineKind::Socket | LineKind::Alsa, _) => {}
        }
        line
    }
}

/// How callers reach the box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineKind {
    /// A unix socket for simulated and recorded callers.
    Socket,
    /// The clinic's telephone system: `[line.sip]`.
    Sip,
    /// A sound card: `[line.alsa]`.
    Alsa,
}

/// `[brain]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Brain {
    /// The box's voice: `flite:slt`, `espeak-ng:en-us`, `piper:COMMAND`.
    pub voice: String,
    /// Which recogniser.
    pub recogniser: RecogniserKind,
    /// The whisper model's name in the model registry, where whisper is chosen.
    pub whisper_model: String,
    /// How long a cloud model may take to its first sentence, and from one to the next, before the box answers itself.
    pub answer_deadline: Duration,
    /// How long nobody may speak before the box asks again.
    pub silence: Duration,
    /// The longest call.
    pub max_call: Duration,
    /// Whether calls of synthetic callers may be watched live.
    pub watch: bool,
}

/// Which recogniser hears the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecogniserKind {
    /// Whisper: production.
    Whisper,
    /// PocketSphinx: demonstration.
    PocketSphinx,
}

/// `[systems]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Systems {
    /// The command line of the clinic's MCP server; empty for the demonstration clinic of this very program.
    pub server: Vec<String>,
    /// How long a tool may take.
    pub tool_timeout: Duration,
    /// How often a caller may try to identify.
    pub max_lookups: u32,
}

/// The configuration could not be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file could not be read.
    #[error("cannot read the configuration {path}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// It was read and has mistakes.
    #[error("the configuration {path} has {} mistake{}:{}", problems.len(), if problems.len() == 1 { "" } else { "s" }, list(problems))]
    Mistakes {
        /// The file.
        path: PathBuf,
        /// Every mistake.
        problems: Vec<Problem>,
    },
}

fn list(problems: &[Problem]) -> String {
    problems.iter().map(|problem| format!("\n  {problem}")).collect()
}

impl Config {
    /// Reads the file at `path`.
    ///
    /// # Errors
    /// [`ConfigError`]: the file is not there, or its mistakes.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })?;
        let base = path.parent().unwrap_or(Path::new("."));
        Self::parse(&text, base).map_err(|problems| ConfigError::Mistakes { path: path.to_owned(), problems })
    }

    /// Parses the text of a file that lies in `base`.
    ///
    /// # Errors
    /// Every problem, in the order of the file's sections.
    pub fn parse(text: &str, base: &Path) -> Result<Self, Vec<Problem>> {
        let mut root = Section::parse(text)?;
        let paths = root.section("paths", |s| Paths {
            run: s.path("run", base, Path::new("/run/anteroom")),
            data: s.path("data", base, Path::new("/var/lib/anteroom/record")),
            clinic: s.path("clinic", base, Path::new("/var/lib/anteroom/clinic")),
            models: s.path("models", base, Path::new("/usr/share/anteroom/models")),
            prompts: s.path("prompts", base, Path::new("/var/lib/anteroom/prompts")),
        });
        let users = root.section("users", Users::read);
        let clinic = root.section("clinic", |s| Clinic {
            name: s.required_text("name"),
            address: s.required_text("address"),
            hours: s.required_text("hours"),
            time_zone: s.time_zone("time-zone"),
            state: State::read(s),
        });
        let line = root.section("line", |s| Line::read(s, base));
        let brain = root.section("brain", |s| Brain {
            voice: s.text("voice", "flite:slt"),
            recogniser: s.choice(
                "recogniser",
                &[("whisper", RecogniserKind::Whisper), ("pocketsphinx", RecogniserKind::PocketSphinx)],
            ),
            whisper_model: s.text("whisper-model", "base.en-q5_1"),
            answer_deadline: s.milliseconds("answer-deadline-ms", 4_000, 500..=20_000),
            silence: s.milliseconds("silence-ms", 7_000, 2_000..=60_000),
            max_call: s.milliseconds("max-call-ms", 900_000, 60_000..=3_600_000),
            watch: s.flag("watch", false),
        });
        let redaction = root.section("redaction", Redaction::read);
        let airlock = root.section("airlock", |s| Airlock::read(s, base));
        let systems = root.section("systems", |s| Systems {
            server: s.words("server"),
            tool_timeout: s.milliseconds("tool-timeout-ms", 4_000, 200..=30_000),
            max_lookups: u32::try_from(s.count("max-lookups", 4, 1..=20)).unwrap_or(4),
        });
        let record = root.section("record", Record::read);
        let backup = root.section("backup", |s| Backup::read(s, base));
        let warehouse = root.named_sections("warehouse", |name, s| {
            let destination = Destination::read(name, s, base);
            if !destination.region.is_empty() && destination.region != airlock.residency {
                let what = format!("should be \"{}\", as airlock.residency says", airlock.residency);
                s.problem("region", what);
            }
            destination
        });
        root.finish()?;
        let digest = Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { paths, users, clinic, line, brain, redaction, airlock, systems, record, backup, warehouse, digest })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SHIPPED: &str = include_str!("../../docs/anteroom.toml");

    #[test]
    fn the_shipped_example_parses() {
        let config = Config::parse(SHIPPED, Path::new("/etc/anteroom")).unwrap();
        assert_eq!(config.clinic.name, "Riverside Family Clinic");
        assert_eq!(config.line.brain_silence, Duration::from_secs(1));
    }

    #[test]
    fn five_mistakes_are_reported_at_once_each_with_its_key() {
        let text = "[clinic]\nname = 7\naddress = \"a\"\nhours = \"h\"\ntime-zone = \"Mars/Olympus\"\n\
                    [line]\nkind = \"smoke\"\nmax-calls = 0\n[brain]\nvoise = \"flite:slt\"\n";
        let problems = Config::parse(text, Path::new(".")).unwrap_err();
        let keys: Vec<_> = problems.iter().map(|p| p.key.as_str()).collect();
        assert_eq!(keys, ["clinic.name", "clinic.time-zone", "line.kind", "line.max-calls", "brain.voise"]);
    }

    #[test]
    fn relative_folders_are_below_the_files_own() {
        let text = SHIPPED.replace("/usr/share/anteroom/models", "m");
        let config = Config::parse(&text, Path::new("/etc/anteroom")).unwrap();
        assert_eq!(config.paths.models, Path::new("/etc/anteroom/m"));
    }

    proptest! {
        #[test]
        fn any_text_parses_or_lists_problems(text in "(?s).{0,400}") {
            if let Err(problems) = Config::parse(&text, Path::new(".")) {
                prop_assert!(!problems.is_empty());
            }
        }
    }
}
