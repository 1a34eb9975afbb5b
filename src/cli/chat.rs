//! `anteroom chat`: the same brain by text. You type what a caller would say; the whole box but its line, ears and voice
//! answers, and its record verifies at the end.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::mpsc;

use super::exit::Exit;
use super::own_box::OwnBox;
use super::screen::Screen;
use super::{Failure, record};
use crate::caller::scenario::Scenario;
use crate::caller::typist::{Told, Typist, place_typed_call};
use crate::clock::SystemClock;
use crate::config::RecogniserKind;
use crate::secret::Secret;
use crate::wire::line::DeskAnswer;
use crate::wire::watch::Fact;

/// Lines that may wait: a pipe is read no faster than the box answers.
const WAITING_LINES: usize = 1;

/// Options of `chat`.
#[derive(clap::Args)]
pub struct Chat {
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
    /// A scenario to type instead of your own words.
    #[arg(long)]
    scenario: Option<PathBuf>,
    /// The number that the line would report.
    #[arg(long, default_value = "")]
    number: String,
}

/// What a line of input means.
#[derive(Debug, PartialEq, Eq)]
enum Typed {
    Words(String),
    Key(char),
    HangUp,
}

impl Typed {
    /// `/0` is a key, `/bye` hangs up, everything else is said.
    fn parse(line: &str) -> Self {
        let line = line.trim();
        let mut rest = line.chars();
        match (rest.next(), rest.next(), rest.next()) {
            (Some('/'), Some(key), None) if key.is_ascii_digit() || key == '*' || key == '#' => Self::Key(key),
            _ if line == "/bye" => Self::HangUp,
            _ => Self::Words(line.to_owned()),
        }
    }
}

/// Runs a typed call.
///
/// # Errors
/// [`Failure`], with what to do.
pub async fn run(chat: Chat) -> Result<Exit, Failure> {
    let scenario = match &chat.scenario {
        None => None,
        Some(path) => {
            let text = std::fs::read_to_string(path).map_err(|e| Failure::file(path, e))?;
            Some(Scenario::parse(&text).map_err(Failure::because)?)
        }
    };
    let mut screen = Screen::new(std::io::stdout(), chat.json);
    screen.say("Anteroom: starting recordd, syncd, airlockd, clinicd, lined, anteroomd ...")?;
    let own = OwnBox::start("chat", RecogniserKind::PocketSphinx).await?;
    let called = match &scenario {
        Some(scenario) => played(&own, scenario, &mut screen).await,
        None => typed(&own, chat.number, &mut screen).await,
    };
    let whole = record::verify(&own.record(), chat.json, screen.out()).await;
    own.stop().await;
    let well = called?;
    let whole = whole.map_err(Failure::because)?;
    Ok(if well && whole { Exit::Well } else { Exit::Failed })
}

/// A scenario, typed. True if it went as it asks.
async fn played<W: Write>(own: &OwnBox, scenario: &Scenario, screen: &mut Screen<W>) -> Result<bool, Failure> {
    screen.begin()?;
    let report = place_typed_call(own.run(), scenario, Arc::new(SystemClock)).await.map_err(Failure::because)?;
    for fact in &report.facts {
        screen.show(fact)?;
    }
    let shortfalls = report.shortfalls(&scenario.expect);
    for shortfall in &shortfalls {
        screen.say(shortfall)?;
    }
    Ok(shortfalls.is_empty())
}

/// A person's own call. True if it came to an end.
async fn typed<W: Write>(own: &OwnBox, number: String, screen: &mut Screen<W>) -> Result<bool, Failure> {
    let asked = std::io::stdin().is_terminal();
    if asked {
        screen.say("Type what a caller would say. /0 to /9 press a key, /bye hangs up.")?;
    }
    screen.begin()?;
    let typist = Typist::ring(own.run(), Secret::new(number), Arc::new(SystemClock)).await;
    let typist = &mut typist.map_err(Failure::because)?;
    let mut lines = lines()?;
    // Whose turn it is: the box's until it listens, or until the desk rings.
    let mut turn = Turn::Box;
    loop {
        let told = tokio::select! {
            told = typist.next() => told.map_err(Failure::because)?,
            line = lines.recv(), if turn != Turn::Box => {
                let line = line.map_or(Typed::HangUp, |line| Typed::parse(&line));
                take(typist, line, &mut turn).await?;
                continue;
            }
        };
        match told {
            Told::Fact(fact) => {
                screen.show(&fact)?;
                if matches!(fact, Fact::Listening { .. }) {
                    turn = Turn::Caller;
                    prompt(screen, asked, "you> ")?;
                }
            }
            Told::DeskRings => {
                turn = Turn::Desk;
                prompt(screen, asked, "the desk rings: take the call? [y/n] ")?;
            }
            Told::Bridged => screen.say("  . caller and desk are connected")?,
            Told::Ended(_) => return Ok(true),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    Box,
    Caller,
    Desk,
}

/// Does what was typed.
async fn take(typist: &mut Typist, line: Typed, turn: &mut Turn) -> Result<(), Failure> {
    let sent = match (std::mem::replace(turn, Turn::Box), line) {
        (_, Typed::HangUp) => typist.hang_up().await,
        (Turn::Desk, line) => {
            let yes = matches!(&line, Typed::Words(words) if words.starts_with('y'));
            typist.answer_for_the_desk(if yes { DeskAnswer::Accept } else { DeskAnswer::Decline }).await
        }
        (Turn::Caller | Turn::Box, Typed::Key(key)) => {
            // A key that means nothing here is answered by nothing: it is still the caller's turn.
            *turn = Turn::Caller;
            typist.press(key).await
        }
        (Turn::Caller | Turn::Box, Typed::Words(words)) => typist.say(Secret::new(words)).await,
    };
    sent.map_err(Failure::because)
}

fn prompt<W: Write>(screen: &mut Screen<W>, asked: bool, text: &str) -> Result<(), Failure> {
    if asked {
        write!(screen.out(), "{text}")?;
        screen.out().flush()?;
    }
    Ok(())
}

/// Standard input, line by line. A thread of its own: reading it cannot be called off.
fn lines() -> Result<mpsc::Receiver<String>, Failure> {
    let (sender, lines) = mpsc::channel(WAITING_LINES);
    let read = move || {
        for line in std::io::stdin().lines().map_while(Result::ok) {
            if sender.blocking_send(line).is_err() {
                return;
            }
        }
    };
    std::thread::Builder::new().name("stdin".to_owned()).spawn(read).map(|_| lines).map_err(Failure::Output)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slash_and_one_key_is_a_key_and_all_else_is_said() {
        assert_eq!(Typed::parse("/0\n"), Typed::Key('0'));
        assert_eq!(Typed::parse(" /bye "), Typed::HangUp);
        assert_eq!(Typed::parse("/09"), Typed::Words("/09".to_owned()));
        assert_eq!(Typed::parse("a person please"), Typed::Words("a person please".to_owned()));
    }
}
