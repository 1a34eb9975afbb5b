//! A real telephone: baresip 1.0, told what to do over its control socket.
//!
//! In:  a user of the switchboard, a sound to play, whether to answer; then commands such as dial, hold, keys.
//! Out: events (`CALL_ESTABLISHED`, `CALL_CLOSED`, ...), and what it heard and said as samples.
//! One telephone is one process in a folder of its own; it registers with the switchboard at its start.
//! Facts of baresip 1.0: it refuses the interface `lo` by name, it takes its SIP port and the next one, its sound
//! file has to have the rate of the codec and is played once, it cannot do Replaces (RFC 3891).

use std::fmt::Write as _;
use std::fs;
use std::io::{Read, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Program, START, free_ports, here, installed, sounds, until};

/// How long a command's answer may take.
const ANSWER: Duration = Duration::from_secs(5);
/// Seconds after which a forgotten telephone ends by itself.
const LIFE_S: u32 = 900;

/// What it does when it is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Answers at once.
    Auto,
    /// Answers early (183 with sound), then waits for [`Baresip::accept`].
    Early,
    /// Rings until [`Baresip::accept`]; one that is never told rings for ever.
    Manual,
}

/// How it talks to the switchboard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    /// UDP.
    Udp,
    /// TCP.
    Tcp,
    /// TLS, with the certificate (PEM) that it may trust. `registrar` is then the TLS port.
    Tls(PathBuf),
}

/// How a telephone is set up.
#[derive(Clone, Debug)]
pub(crate) struct Options<'a> {
    /// Its user name.
    pub(crate) user: &'a str,
    /// Its password.
    pub(crate) password: &'a str,
    /// The switchboard's port on 127.0.0.1.
    pub(crate) registrar: u16,
    /// Whether it registers; one that does not can still dial.
    pub(crate) registers: bool,
    /// Its SIP port; it takes the next one as well.
    pub(crate) port: u16,
    /// What it says (8 kHz, mono, 16 bit), played once from the moment of the answer; silence where there is nothing.
    pub(crate) says: Vec<i16>,
    /// What it does when it is called.
    pub(crate) answer: Answer,
    /// Whether it demands SRTP (SDES, RFC 4568).
    pub(crate) srtp: bool,
    /// How it talks to the switchboard.
    pub(crate) transport: Transport,
    /// Its codecs, in order: `PCMU/8000/1,PCMA/8000/1`.
    pub(crate) codecs: &'a str,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self {
            user: "phone",
            password: "",
            registrar: 5_060,
            registers: true,
            port: free_ports(2),
            says: Vec::new(),
            answer: Answer::Manual,
            srtp: false,
            transport: Transport::Udp,
            codecs: "PCMU/8000/1",
        }
    }
}

/// A running telephone.
#[derive(Debug)]
pub(crate) struct Baresip {
    program: Program,
    control: TcpStream,
    said: Arc<Mutex<Vec<Value>>>,
    /// How many events [`Baresip::wait_for`] has gone past.
    seen: usize,
    commands: u32,
    folder: TempDir,
}

impl Baresip {
    /// Whether it can be started; says why not.
    pub(crate) fn available() -> bool {
        let modules = ["g711", "aufile", "aubridge", "sndfile", "account", "menu", "ctrl_tcp", "srtp"];
        let missing =
            modules.iter().find(|name| modules_folder().is_none_or(|at| !at.join(format!("{name}.so")).is_file()));
        if let Some(name) = missing {
            println!("SKIPPED: baresip's module {name} is not installed; apt-get install baresip");
        }
        installed(&["baresip", "kill"]) && missing.is_none()
    }

    /// Starts one and waits until its control socket is open. It registers on its own: see
    /// `Kamailio::wait_registered`. What happens before the socket is open gives no event, only a line of its log.
    pub(crate) fn start(options: &Options) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        let control = free_ports(1);
        // Its sound is played once: a long silence after it keeps packets coming.
        let sound: Vec<_> = options.says.iter().copied().chain(sounds::silence(120_000)).collect();
        sounds::write_wav(&at.join("says.wav"), &sound);
        fs::write(at.join("config"), config(options, &at.display().to_string(), control)).unwrap();
        fs::write(at.join("accounts"), account(options)).unwrap();
        fs::write(at.join("contacts"), "").unwrap();
        let args = ["-4", "-s", "-t", &LIFE_S.to_string(), "-f", &at.display().to_string()].map(str::to_owned);
        let program = Program::start("baresip", at, &args, false);
        let open = until(START, || TcpStream::connect(here(control)).ok());
        let control = open.unwrap_or_else(|| panic!("baresip opened no control socket:\n{}", program.log()));
        let said = Arc::new(Mutex::new(Vec::new()));
        listen(control.try_clone().unwrap(), Arc::clone(&said));
        Self { program, control, said, seen: 0, commands: 0, folder }
    }

    /// The process, for signals: a telephone that is killed or stopped in a call.
    pub(crate) fn program(&mut self) -> &mut Program {
        &mut self.program
    }

    /// Everything it said on its output, with each SIP message that it sent or got.
    pub(crate) fn log(&self) -> String {
        self.program.log()
    }

    /// Calls an address.
    pub(crate) fn dial(&mut self, uri: &str) {
        self.command("dial", uri);
    }

    /// Takes the call that rings.
    pub(crate) fn accept(&mut self) {
        self.command("accept", "");
    }

    /// Ends the call, or declines the one that rings.
    pub(crate) fn hang_up(&mut self) {
        self.command("hangup", "");
    }

    /// Puts the call on hold (a=sendonly).
    pub(crate) fn hold(&mut self) {
        self.command("hold", "");
    }

    /// Takes the call back from hold.
    pub(crate) fn resume(&mut self) {
        self.command("resume", "");
    }

    /// Sends the other side elsewhere (REFER, RFC 3515).
    pub(crate) fn transfer(&mut self, uri: &str) {
        self.command("transfer", uri);
    }

    /// Presses keys (RFC 4733), each long enough to be one.
    pub(crate) fn keys(&mut self, keys: &str) {
        for key in keys.chars() {
            self.command("sndcode", &key.to_string());
            thread::sleep(Duration::from_millis(250));
        }
    }

    /// Gives a command and returns what it answered.
    ///
    /// # Panics
    /// When there is no answer, or when it refuses.
    pub(crate) fn command(&mut self, command: &str, params: &str) -> String {
        self.commands += 1;
        let token = self.commands.to_string();
        let text = json!({ "command": command, "params": params, "token": token }).to_string();
        self.control.write_all(format!("{}:{text},", text.len()).as_bytes()).unwrap();
        let answer = until(ANSWER, || {
            let said = self.said.lock().unwrap();
            said.iter().find(|value| value["response"] == true && value["token"] == token.as_str()).cloned()
        });
        let answer = answer.unwrap_or_else(|| panic!("baresip did not answer {command}:\n{}", self.log()));
        assert_eq!(answer["ok"], true, "baresip refused {command} {params}: {}", answer["data"]);
        answer["data"].as_str().unwrap_or_default().to_owned()
    }

    /// Waits for an event by its type, and goes past it: the next wait looks only at what came after.
    pub(crate) fn wait_for(&mut self, event: &str, limit: Duration) -> Option<Value> {
        let found = until(limit, || {
            let said = self.said.lock().unwrap();
            let (at, value) = said.iter().enumerate().skip(self.seen).find(|(_, value)| value["type"] == event)?;
            Some((at, value.clone()))
        });
        found.map(|(at, value)| {
            self.seen = at + 1;
            value
        })
    }

    /// The types of all events so far, in order.
    pub(crate) fn events(&self) -> Vec<String> {
        let said = self.said.lock().unwrap();
        said.iter().filter_map(|value| value["type"].as_str()).map(str::to_owned).collect()
    }

    /// The keys that the other side pressed so far.
    pub(crate) fn keys_heard(&self) -> String {
        let said = self.said.lock().unwrap();
        let keys = said.iter().filter(|value| value["type"] == "CALL_DTMF_START");
        keys.filter_map(|value| value["param"].as_str()).collect()
    }

    /// What it heard in each call so far, decoded. Complete once the call is over.
    pub(crate) fn heard(&self) -> Vec<Vec<i16>> {
        self.dumps("-dec.wav")
    }

    /// What it said in each call so far, before encoding.
    pub(crate) fn spoke(&self) -> Vec<Vec<i16>> {
        self.dumps("-enc.wav")
    }

    /// The files of its `sndfile` module, which carry the second in their names: calls that begin in one second share
    /// one.
    fn dumps(&self, ending: &str) -> Vec<Vec<i16>> {
        let files = fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().path());
        let is_dump = |file: &PathBuf| {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with("dump-") && name.ends_with(ending)
        };
        let mut files: Vec<_> = files.filter(is_dump).collect();
        files.sort();
        files.iter().map(|file| sounds::read_wav(file)).collect()
    }
}

/// Where Debian has the modules.
fn modules_folder() -> Option<PathBuf> {
    ["/usr/lib/baresip/modules", "/usr/local/lib/baresip/modules"].map(PathBuf::from).into_iter().find(|at| at.is_dir())
}

/// Collects the netstrings (`length:json,`) of the control socket until it closes.
fn listen(mut control: TcpStream, said: Arc<Mutex<Vec<Value>>>) {
    thread::spawn(move || {
        let (mut buffer, mut piece) = (Vec::new(), [0; 4_096]);
        while let Ok(length @ 1..) = control.read(&mut piece) {
            buffer.extend_from_slice(&piece[..length]);
            while let Some((value, used)) = netstring(&buffer) {
                buffer.drain(..used);
                said.lock().unwrap().push(value);
            }
        }
    });
}

/// The first complete netstring, and how many bytes it took.
fn netstring(bytes: &[u8]) -> Option<(Value, usize)> {
    let colon = bytes.iter().position(|byte| *byte == b':')?;
    let length: usize = std::str::from_utf8(&bytes[..colon]).ok()?.parse().ok()?;
    let body = bytes.get(colon + 1..colon + 1 + length)?;
    (bytes.get(colon + 1 + length) == Some(&b',')).then_some(())?;
    Some((serde_json::from_slice(body).unwrap_or(Value::Null), colon + length + 2))
}

/// The telephone's `config`.
fn config(options: &Options, folder: &str, control: u16) -> String {
    let modules = modules_folder().unwrap_or_default();
    // Sound ports: RTP and RTCP of a call and of a second one.
    let sound = free_ports(16);
    let mut text = format!(
        "poll_method epoll\nsip_listen 127.0.0.1:{}\nnet_interface 127.0.0.1\n\
         call_local_timeout 120\ncall_max_calls 4\n\
         audio_source aufile,{folder}/says.wav\naudio_player aubridge,heard\naudio_alert aubridge,alert\n\
         ausrc_srate 8000\nauplay_srate 8000\nausrc_channels 1\nauplay_channels 1\n\
         ausrc_format s16\nauplay_format s16\n\
         rtp_ports {sound}-{}\njitter_buffer_delay 2-10\nsnd_path {folder}\nctrl_tcp_listen 127.0.0.1:{control}\n\
         module_path {}\n",
        options.port,
        sound + 15,
        modules.display(),
    );
    if let Transport::Tls(trusted) = &options.transport {
        let _ = writeln!(text, "sip_cafile {}", trusted.display());
    }
    for name in ["g711", "aufile", "aubridge", "sndfile", "srtp"] {
        let _ = writeln!(text, "module {name}.so");
    }
    text + "module_tmp account.so\nmodule_app menu.so\nmodule_app ctrl_tcp.so\n"
}

/// The telephone's line in `accounts`.
fn account(options: &Options) -> String {
    let transport = match &options.transport {
        Transport::Udp => "",
        Transport::Tcp => ";transport=tcp",
        Transport::Tls(_) => ";transport=tls",
    };
    let answer = match options.answer {
        Answer::Auto => "auto",
        Answer::Early => "early",
        Answer::Manual => "manual",
    };
    format!(
        "<sip:{0}@127.0.0.1:{1}{transport}>;auth_user={0};auth_pass={2};regint={3};\
         answermode={answer};audio_codecs={4}{5}\n",
        options.user,
        options.registrar,
        options.password,
        if options.registers { 60 } else { 0 },
        options.codecs,
        if options.srtp { ";mediaenc=srtp-mand" } else { "" },
    )
}
