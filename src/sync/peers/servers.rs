//! Starts the peers in temporary folders, on ports of loopback that are free, and ends them.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::Duration;

use tempfile::TempDir;

use crate::config::warehouse as config;

const BINARIES: &str = "/usr/lib/postgresql/15/bin";
const PASSWORD: &str = "a password's word";

/// Says why a test is passed over.
fn skip(reason: &str) {
    writeln!(std::io::stderr(), "skipped: {reason}").unwrap();
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn succeeds(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// Waits until `there` says so.
fn wait_until(what: &str, mut there: impl FnMut() -> bool) {
    for _ in 0..600 {
        if there() {
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("{what} did not come up");
}

/// A server's process, ended with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // SIGINT: PostgreSQL's fast shutdown, with its children.
        let id = nix::unistd::Pid::from_raw(i32::try_from(self.0.id()).unwrap());
        let _ = nix::sys::signal::kill(id, nix::sys::signal::Signal::SIGINT);
        let _ = self.0.wait();
    }
}

/// PostgreSQL 15 with TLS.
pub(in crate::sync) struct Server {
    running: Mutex<Option<Running>>,
    folder: TempDir,
    port: u16,
}

impl Server {
    /// Starts it; `None` where it is not installed.
    pub(in crate::sync) fn start() -> Option<Self> {
        if !Path::new(BINARIES).join("initdb").exists() {
            skip("PostgreSQL 15 is not installed (Debian: postgresql-15)");
            return None;
        }
        let folder = TempDir::new().unwrap();
        fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o777)).unwrap();
        let at = |name: &str| folder.path().join(name);
        certificates(folder.path());
        fs::write(at("password"), format!("{PASSWORD}\n")).unwrap();
        let data = at("data");
        succeeds(
            as_nobody("initdb")
                .arg("-D")
                .arg(&data)
                .args([
                    "-U",
                    "postgres",
                    "--auth=scram-sha-256",
                    "-E",
                    "UTF8",
                    "--locale=C.UTF-8",
                    "--no-sync",
                    "--pwfile",
                ])
                .arg(at("password")),
        );
        let port = free_port();
        let running = Mutex::new(Some(launched(folder.path(), port)));
        Some(Self { running, folder, port })
    }

    /// Stops it, as an administrator does, and starts it again on the same data. Blocks until it answers.
    pub(in crate::sync) fn restart(&self) {
        let mut running = self.running.lock().unwrap();
        drop(running.take());
        *running = Some(launched(self.folder.path(), self.port));
    }

    /// Runs a file of SQL with `schema` set.
    pub(in crate::sync) fn psql_file(&self, schema: &str, file: &Path) -> String {
        succeeds(self.client().args(["-v", &format!("schema={schema}")]).arg("-f").arg(file))
    }

    pub(in crate::sync) fn config(&self) -> config::Postgres {
        config::Postgres {
            url: format!("https://127.0.0.1:{}", self.port),
            lan: true,
            database: "postgres".to_owned(),
            schema: "anteroom".to_owned(),
            user: "postgres".to_owned(),
            password_file: Some(self.folder.path().join("password")),
            ca_file: Some(self.folder.path().join("ca.pem")),
        }
    }

    pub(in crate::sync) fn other_authority(&self) -> PathBuf {
        self.folder.path().join("other.pem")
    }

    pub(in crate::sync) fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, text).unwrap();
        path
    }

    /// What the server's own client answers.
    pub(in crate::sync) fn psql(&self, query: &str) -> String {
        succeeds(self.client().args(["-c", query]))
    }

    fn client(&self) -> Command {
        let mut psql = Command::new(Path::new(BINARIES).join("psql"));
        psql.args(["-At", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", &self.port.to_string(), "-U", "postgres"]);
        psql.env("PGPASSWORD", PASSWORD);
        psql
    }
}

/// A server on the data in `folder`, once it answers.
fn launched(folder: &Path, port: u16) -> Running {
    let (at, port) = (|name: &str| folder.join(name), port.to_string());
    let mut server = as_nobody("postgres");
    server.arg("-D").arg(at("data")).args(["-p", &port, "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]);
    server.arg("-c").arg(format!("unix_socket_directories={}", folder.display())).args(["-c", "ssl=on"]);
    for (key, file) in [("ssl_cert_file", "server.pem"), ("ssl_key_file", "server.key")] {
        server.arg("-c").arg(format!("{key}={}", at(file).display()));
    }
    let running = Running(server.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
    wait_until("PostgreSQL", || {
        let mut ready = Command::new(Path::new(BINARIES).join("pg_isready"));
        ready.args(["-q", "-h", "127.0.0.1", "-p", &port]).status().unwrap().success()
    });
    running
}

/// PostgreSQL refuses to be root.
fn as_nobody(program: &str) -> Command {
    let program = Path::new(BINARIES).join(program);
    if !nix::unistd::geteuid().is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command
        .args(["--reuid=nobody", "--regid=nogroup", "--clear-groups"])
        .arg(program)
        .env("HOME", "/")
        .current_dir("/");
    command
}

/// Two authorities, and a certificate of the first for 127.0.0.1 alone.
fn certificates(folder: &Path) {
    let openssl = |arguments: &[&str]| succeeds(Command::new("openssl").args(arguments).current_dir(folder));
    for name in ["ca", "other"] {
        let (key, pem, subject) = (format!("{name}.key"), format!("{name}.pem"), format!("/CN={name}"));
        openssl(&[
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-days",
            "2",
            "-subj",
            &subject,
            "-keyout",
            &key,
            "-out",
            &pem,
        ]);
    }
    openssl(&[
        "req",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-subj",
        "/CN=server",
        "-keyout",
        "server.key",
        "-out",
        "server.csr",
    ]);
    fs::write(folder.join("names"), "subjectAltName=IP:127.0.0.1\nbasicConstraints=CA:FALSE\n").unwrap();
    openssl(&[
        "x509",
        "-req",
        "-in",
        "server.csr",
        "-CA",
        "ca.pem",
        "-CAkey",
        "ca.key",
        "-CAcreateserial",
        "-days",
        "2",
        "-extfile",
        "names",
        "-out",
        "server.pem",
    ]);
    fs::set_permissions(folder.join("server.key"), PermissionsExt::from_mode(0o600)).unwrap();
    if nix::unistd::geteuid().is_root() {
        let nobody = nix::unistd::User::from_name("nobody").unwrap().unwrap();
        nix::unistd::chown(&folder.join("server.key"), Some(nobody.uid), None).unwrap();
    }
}

/// moto's S3 server.
pub(in crate::sync) struct Moto {
    _running: Running,
    folder: TempDir,
    port: u16,
}

impl Moto {
    /// Starts it; `None` where it is not there.
    pub(in crate::sync) fn start() -> Option<Self> {
        let program = python().with_file_name("moto_server");
        if !program.exists() {
            skip("moto is not there: make warehouse-peers");
            return None;
        }
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("key"), "id\nsecret\n").unwrap();
        let port = free_port();
        let mut server = Command::new(program);
        server.args(["-H", "127.0.0.1", "-p", &port.to_string()]).stdout(Stdio::null()).stderr(Stdio::null());
        let running = Running(server.spawn().unwrap());
        wait_until("moto", || std::net::TcpListener::bind(("127.0.0.1", port)).is_err());
        Some(Self { _running: running, folder, port })
    }

    /// A bucket, which is made.
    pub(in crate::sync) fn config(&self, bucket: &str) -> config::Bucket {
        self.python(&["make"], bucket);
        config::Bucket { bucket: bucket.to_owned(), ..self.config_of_nothing() }
    }

    /// A bucket that there is not.
    pub(in crate::sync) fn config_of_nothing(&self) -> config::Bucket {
        config::Bucket {
            url: format!("http://127.0.0.1:{}", self.port),
            lan: true,
            bucket: "nothing".to_owned(),
            signing_region: "us-east-1".to_owned(),
            prefix: "anteroom/".to_owned(),
            path_style: true,
            key_file: self.folder.path().join("key"),
            ca_file: None,
        }
    }

    /// Runs `read_back.py`.
    pub(in crate::sync) fn python(&self, arguments: &[&str], bucket: &str) -> String {
        let mut command = Command::new(python());
        command.arg("-c").arg(include_str!("read_back.py")).args(arguments);
        command.arg(format!("http://127.0.0.1:{}", self.port)).arg(bucket).arg(self.folder.path());
        succeeds(&mut command)
    }
}

fn python() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/moto/bin/python")
}
