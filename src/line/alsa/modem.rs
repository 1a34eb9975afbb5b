//! A serial modem as the hook of an analog line: it sees the ring, reads who calls, takes the line and gives it back.
//!
//! In:  lines such as `RING` and `NMBR = 5125550143` of a modem in command mode (ITU-T V.250), which may be any bytes.
//! Out: [`HookEvent`]s; `ATZ`, `AT+VCID=1`, `ATH1` and `ATH0` to the modem.
//! The caller's number and name are kept as secrets, and the modem's lines are never logged. Reading and deciding are
//! pure ([`Lines`], [`Bell`]); [`Modem`] is the part with the device.

use std::collections::VecDeque;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::time::Duration;

use nix::fcntl::OFlag;
use nix::sys::termios::{BaudRate, ControlFlags, SetArg, cfmakeraw, cfsetspeed, tcgetattr, tcsetattr};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::unix::pipe;
use tokio::time::{Instant, timeout};
use zeroize::Zeroizing;

use super::bell::{Bell, Lines, Said};
use super::hook::{HookControl, HookError, HookEvent};

/// How long a modem may take to answer a command. A reset takes about a second.
const ANSWERS_WITHIN: Duration = Duration::from_secs(3);
/// Bytes read at once.
const BLOCK: usize = 256;

/// An analog line behind a serial modem.
#[derive(Debug)]
pub struct Modem {
    tty: PathBuf,
    port: Option<Port>,
    bell: Bell,
    events: VecDeque<HookEvent>,
    patience: Duration,
}

/// The modem's device and what it has said.
#[derive(Debug)]
struct Port {
    // A terminal is no pipe, but it is waited for, read and written in the same way.
    from: pipe::Receiver,
    to: pipe::Sender,
    lines: Lines,
    said: VecDeque<Said>,
}

impl Port {
    /// Opens the tty: 115200 baud, eight bits, no parity, one stop bit, raw.
    fn open(tty: &PathBuf) -> Result<Self, HookError> {
        // Without NOCTTY the modem's carrier loss would hang up this process; NONBLOCK also opens without a carrier.
        let flags = OFlag::O_NOCTTY | OFlag::O_NONBLOCK;
        let file = std::fs::OpenOptions::new().read(true).write(true).custom_flags(flags.bits()).open(tty)?;
        let mut settings = tcgetattr(&file).map_err(std::io::Error::from)?;
        cfmakeraw(&mut settings);
        cfsetspeed(&mut settings, BaudRate::B115200).map_err(std::io::Error::from)?;
        settings.control_flags.remove(ControlFlags::CSTOPB | ControlFlags::PARENB | ControlFlags::CRTSCTS);
        settings.control_flags.insert(ControlFlags::CLOCAL | ControlFlags::CREAD);
        tcsetattr(&file, SetArg::TCSANOW, &settings).map_err(std::io::Error::from)?;
        let to = pipe::Sender::from_file_unchecked(file.try_clone()?)?;
        let from = pipe::Receiver::from_file_unchecked(file)?;
        Ok(Self { from, to, lines: Lines::default(), said: VecDeque::new() })
    }

    /// What the modem says next. May be dropped at its await: bytes are kept as soon as they are read.
    async fn next(&mut self) -> Result<Said, HookError> {
        loop {
            if let Some(said) = self.said.pop_front() {
                return Ok(said);
            }
            let mut block = Zeroizing::new([0_u8; BLOCK]);
            let count = self.from.read(block.as_mut_slice()).await?;
            if count == 0 {
                return Err(HookError::Io(std::io::ErrorKind::UnexpectedEof.into()));
            }
            self.said.extend(self.lines.feed(block.get(..count).unwrap_or_default()));
        }
    }
}

impl Modem {
    /// A modem at that tty, for example `/dev/serial/by-id/...`; it is opened when it is first used.
    #[must_use]
    pub fn new(tty: PathBuf) -> Self {
        Self { tty, port: None, bell: Bell::default(), events: VecDeque::new(), patience: ANSWERS_WITHIN }
    }

    /// The device, opened and set up where it was not.
    async fn ready(&mut self) -> Result<(), HookError> {
        if self.port.is_some() {
            return Ok(());
        }
        self.port = Some(Port::open(&self.tty)?);
        self.bell = Bell::default();
        self.events.clear();
        // A reset takes back what the last process set; then the caller's number is asked for.
        for command in ["ATZ\r", "AT+VCID=1\r"] {
            self.ask(command).await?;
        }
        Ok(())
    }

    /// Sends a command and waits for its answer; what else the modem says meanwhile is kept.
    async fn ask(&mut self, command: &str) -> Result<(), HookError> {
        let answered = timeout(self.patience, async {
            let Some(port) = self.port.as_mut() else { return Err(HookError::Silent) };
            port.to.write_all(command.as_bytes()).await?;
            loop {
                let said = port.next().await?;
                if said == Said::Ok {
                    return Ok(());
                }
                if said == Said::Error {
                    return Err(HookError::Refused);
                }
                self.events.extend(self.bell.said(said, Instant::now().into_std()));
            }
        });
        let answer = answered.await.unwrap_or(Err(HookError::Silent));
        if answer.is_err() {
            // Whatever state it is in: the next use opens it afresh.
            self.port = None;
        }
        answer
    }

    async fn listen(&mut self) -> Result<HookEvent, HookError> {
        loop {
            if let Some(event) = self.events.pop_front() {
                return Ok(event);
            }
            let due = self.bell.due();
            let Some(port) = self.port.as_mut() else { return Err(HookError::Silent) };
            let lapse = async {
                match due {
                    Some(due) => tokio::time::sleep_until(due.into()).await,
                    None => std::future::pending().await,
                }
            };
            let event = tokio::select! {
                said = port.next() => self.bell.said(said?, Instant::now().into_std()),
                () = lapse => self.bell.lapsed(Instant::now().into_std()),
            };
            self.events.extend(event);
        }
    }
}

impl HookControl for Modem {
    async fn next(&mut self) -> Result<HookEvent, HookError> {
        if self.port.is_none() {
            return Err(HookError::Silent);
        }
        let event = self.listen().await;
        if event.is_err() {
            self.port = None;
        }
        event
    }

    async fn off_hook(&mut self) -> Result<(), HookError> {
        // A modem that was lost since the ring has lost the call too: it is not set up here.
        self.bell.take();
        self.ask("ATH1\r").await
    }

    async fn on_hook(&mut self) -> Result<(), HookError> {
        self.ready().await?;
        self.bell.give_back();
        self.ask("ATH0\r").await
    }
}

#[cfg(test)]
mod tests {
    use nix::pty::openpty;

    use super::*;
    use crate::line::alsa::hook::CallerId;
    use crate::secret::Secret;

    /// The other side of a pseudo-terminal: what a modem is to this code.
    struct Peer {
        from: pipe::Receiver,
        to: pipe::Sender,
        // Kept open, so that the terminal does not hang up while nobody has it open.
        _slave: std::os::fd::OwnedFd,
        tty: PathBuf,
    }

    impl Peer {
        fn start() -> Self {
            let pty = openpty(None, None).unwrap();
            let tty = nix::unistd::ttyname(&pty.slave).unwrap();
            let master = std::fs::File::from(pty.master);
            nix::fcntl::fcntl(&master, nix::fcntl::FcntlArg::F_SETFL(OFlag::O_NONBLOCK)).unwrap();
            let to = pipe::Sender::from_file_unchecked(master.try_clone().unwrap()).unwrap();
            let from = pipe::Receiver::from_file_unchecked(master).unwrap();
            Self { from, to, _slave: pty.slave, tty }
        }

        async fn say(&mut self, text: &str) {
            self.to.write_all(text.as_bytes()).await.unwrap();
        }

        /// Reads one command and answers it.
        async fn answer(&mut self, command: &str, reply: &str) {
            let mut got = Vec::new();
            while got.last() != Some(&b'\r') {
                got.push(self.from.read_u8().await.unwrap());
            }
            assert_eq!(String::from_utf8(got).unwrap().trim(), command);
            self.say(reply).await;
        }

        async fn set_up(&mut self, modem: &mut Modem) {
            let answers = async {
                // Echoed, as modems do before they are told otherwise.
                self.answer("ATZ", "ATZ\r\r\nOK\r\n").await;
                self.answer("AT+VCID=1", "\r\nOK\r\n").await;
                self.answer("ATH0", "\r\nOK\r\n").await;
            };
            let (ready, ()) = tokio::join!(modem.on_hook(), answers);
            ready.unwrap();
        }
    }

    #[tokio::test]
    async fn a_call_rings_with_its_number_is_taken_and_given_back() {
        let mut peer = Peer::start();
        let mut modem = Modem::new(peer.tty.clone());
        peer.set_up(&mut modem).await;
        let told =
            "\r\nRING\r\n\r\nDATE = 0412\r\nTIME = 0930\r\nNMBR = 5125550143\r\nNAME = LOPEZ MARY\r\n\r\nRING\r\n";
        let (event, ()) = tokio::join!(modem.next(), peer.say(told));
        let who = CallerId { number: Secret::new("5125550143"), name: Secret::new("LOPEZ MARY") };
        assert_eq!(event.unwrap(), HookEvent::Rings(who));
        let (taken, ()) = tokio::join!(modem.off_hook(), peer.answer("ATH1", "\r\nOK\r\n"));
        taken.unwrap();
        let (event, ()) = tokio::join!(modem.next(), peer.say("\r\nNO CARRIER\r\n"));
        assert_eq!(event.unwrap(), HookEvent::HungUp);
        let (given, ()) = tokio::join!(modem.on_hook(), peer.answer("ATH0", "\r\nOK\r\n"));
        given.unwrap();
    }

    #[tokio::test]
    async fn a_ring_while_a_command_is_answered_is_not_lost() {
        let mut peer = Peer::start();
        let mut modem = Modem::new(peer.tty.clone());
        peer.set_up(&mut modem).await;
        let replies = async {
            peer.answer("ATH0", "\r\nRING\r\nNMBR=P\r\nRING\r\nOK\r\n").await;
        };
        let (given, ()) = tokio::join!(modem.on_hook(), replies);
        given.unwrap();
        assert_eq!(modem.next().await.unwrap(), HookEvent::Rings(CallerId::default()));
    }

    #[tokio::test]
    async fn a_modem_that_refuses_is_opened_afresh_the_next_time() {
        let mut peer = Peer::start();
        let mut modem = Modem::new(peer.tty.clone());
        let (refused, ()) = tokio::join!(modem.on_hook(), peer.answer("ATZ", "\r\nERROR\r\n"));
        assert!(matches!(refused, Err(HookError::Refused)));
        assert!(matches!(modem.next().await, Err(HookError::Silent)));
        peer.set_up(&mut modem).await;
    }

    #[tokio::test]
    async fn a_modem_that_says_nothing_is_given_up_in_time() {
        let peer = Peer::start();
        let mut modem = Modem::new(peer.tty.clone());
        modem.patience = Duration::from_millis(1);
        assert!(matches!(modem.on_hook().await, Err(HookError::Silent)));
    }

    #[tokio::test]
    async fn a_modem_that_is_pulled_out_is_an_error_and_no_endless_loop() {
        let Peer { from, to, _slave, tty } = Peer::start();
        let mut modem = Modem::new(tty.clone());
        modem.port = Some(Port::open(&tty).unwrap());
        drop((from, to, _slave));
        assert!(matches!(modem.next().await, Err(HookError::Io(_))));
        assert!(matches!(modem.on_hook().await, Err(HookError::Io(_))));
    }

    #[tokio::test]
    async fn a_tty_that_is_not_there_is_an_error() {
        let mut modem = Modem::new("/dev/no-such-modem".into());
        assert!(matches!(modem.on_hook().await, Err(HookError::Io(_))));
    }
}
