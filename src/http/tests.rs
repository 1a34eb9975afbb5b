//! The client against real sockets on loopback. Server and client run in one task, side by side: nothing is spawned.

use std::io::ErrorKind;
use std::path::Path;
use std::process::Command;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::idle::{IDLE_TIME, MAX_IDLE};
use super::resolve::Names;
use super::*;

/// Long enough for a busy machine; no test waits for it to pass.
const PATIENCE: Duration = Duration::from_secs(20);
const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// A DNS server that gives every name these addresses.
struct Says(Vec<IpAddr>);

impl Names for Says {
    fn look_up<'a>(&'a self, _: &'a str) -> resolve::Found<'a> {
        Box::pin(async { Ok(self.0.clone()) })
    }
}

/// A DNS server that knows nothing, or never answers.
enum Deaf {
    Failing,
    Silent,
}

impl Names for Deaf {
    fn look_up<'a>(&'a self, _: &'a str) -> resolve::Found<'a> {
        Box::pin(async {
            match self {
                Self::Failing => Err(ErrorKind::NotFound.into()),
                Self::Silent => std::future::pending().await,
            }
        })
    }
}

async fn listener() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

/// A listener that can be asked whether anybody came.
fn trap() -> (std::net::TcpListener, u16) {
    let trap = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    trap.set_nonblocking(true).unwrap();
    let port = trap.local_addr().unwrap().port();
    (trap, port)
}

/// On loopback a connection is in the listener's queue before the connecting side learns of it.
fn nobody_came(trap: &std::net::TcpListener) -> bool {
    trap.accept().is_err_and(|e| e.kind() == ErrorKind::WouldBlock)
}

fn lan(url: &str) -> Http {
    let mut http = Http::new(Endpoint::parse(url, true).unwrap(), None, PATIENCE).unwrap();
    http.way.names = Box::new(Says(vec!["127.0.0.1".parse().unwrap()]));
    http
}

fn cloud(url: &str, addresses: &[&str]) -> Http {
    let mut http = Http::new(Endpoint::parse(url, false).unwrap(), None, PATIENCE).unwrap();
    http.way.names = Box::new(Says(addresses.iter().map(|a| a.parse().unwrap()).collect()));
    http
}

async fn ask(http: &Http) -> Result<Answer, HttpError> {
    http.post("/chat", &[], None, b"{}".to_vec()).await
}

async fn whole(answer: &mut Answer) -> Result<Vec<u8>, HttpError> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Asks and reads to the end.
async fn ask_whole(http: &Http) -> Result<Vec<u8>, HttpError> {
    whole(&mut ask(http).await?).await
}

/// Reads one request, with its body, as text.
async fn request(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut read = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&read).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap_or("0");
            if body.len() >= length.parse().unwrap() {
                return text;
            }
        }
        let mut more = [0; 1024];
        let length = stream.read(&mut more).await.unwrap();
        assert_ne!(length, 0, "the client closed within its request");
        read.extend_from_slice(&more[..length]);
    }
}

/// Reads one request and answers it.
async fn reply(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), response: &str) -> String {
    let request = request(stream).await;
    stream.write_all(response.as_bytes()).await.unwrap();
    request
}

/// Accepts one connection, answers one request and closes.
async fn serve(listener: &TcpListener, response: &str) -> String {
    let (mut stream, _) = listener.accept().await.unwrap();
    reply(&mut stream, response).await
}

/// Waits until the other side is gone. A close with unread bytes arrives as a reset.
async fn gone(stream: &mut (impl AsyncRead + Unpin)) {
    let mut more = [0; 64];
    let seen = tokio::time::timeout(PATIENCE, stream.read(&mut more)).await.expect("the connection is still open");
    assert!(matches!(seen, Ok(0)) || seen.is_err_and(|e| e.kind() == ErrorKind::ConnectionReset));
}

/// What becomes of one response.
async fn outcome(response: &str) -> Result<Vec<u8>, HttpError> {
    let (listener, port) = listener().await;
    let http = lan(&format!("http://model.lan:{port}"));
    tokio::join!(ask_whole(&http), serve(&listener, response)).0
}

#[tokio::test]
async fn a_request_says_what_it_must_and_nothing_about_the_box() {
    let (listener, port) = listener().await;
    let http = lan(&format!("http://model.lan:{port}/v1"));
    let headers = [("content-type", "application/json"), ("x-version", "1")];
    let key = Some(("authorization", "Bearer k"));
    let (answer, sent) = tokio::join!(
        http.post("/chat?alt=sse", &headers, key, b"{\"a\":1}".to_vec()),
        serve(
            &listener,
            "HTTP/1.1 429 Slow\r\ncontent-type: text/plain\r\nretry-after: 7\r\ncontent-length: 0\r\n\r\n"
        )
    );
    let mut lines: Vec<_> = sent.split("\r\n").collect();
    lines.sort_unstable();
    let host = format!("host: model.lan:{port}");
    let expected = [
        "",
        "POST /v1/chat?alt=sse HTTP/1.1",
        "authorization: Bearer k",
        "content-length: 7",
        "content-type: application/json",
        host.as_str(),
        "x-version: 1",
        "{\"a\":1}",
    ];
    assert_eq!(lines, expected);
    let answer = answer.unwrap();
    assert_eq!((answer.status, answer.content_type()), (429, Some("text/plain")));
    assert_eq!(answer.retry_after(), Some(Duration::from_secs(7)));
    assert_eq!(answer.remote(), IpAddr::from([127, 0, 0, 1]));
}

#[tokio::test]
async fn bodies_of_known_and_of_unknown_length_come_piece_by_piece() {
    let (listener, port) = listener().await;
    let http = lan(&format!("http://model.lan:{port}"));
    let server = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        reply(&mut stream, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n").await;
        stream
    };
    let (answer, mut stream) = tokio::join!(ask(&http), server);
    let mut answer = answer.unwrap();
    // The second piece is sent only after the first was read: nothing waits for the whole.
    assert_eq!(answer.chunk().await.unwrap().unwrap(), "one");
    stream.write_all(b"3\r\ntwo\r\n0\r\ntrailer: x\r\n\r\n").await.unwrap();
    assert_eq!(whole(&mut answer).await.unwrap(), b"two");
    assert_eq!(answer.received(), 6);

    let (answer, _) = tokio::join!(ask(&http), reply(&mut stream, "HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\none"));
    let mut answer = answer.unwrap();
    assert_eq!(answer.chunk().await.unwrap().unwrap(), "one");
    stream.write_all(b"two").await.unwrap();
    assert_eq!(whole(&mut answer).await.unwrap(), b"two");
}

#[tokio::test]
async fn a_second_request_goes_over_the_same_connection() {
    let (listener, port) = listener().await;
    let http = lan(&format!("http://model.lan:{port}"));
    let client = async { (ask_whole(&http).await, ask_whole(&http).await) };
    let server = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        reply(&mut stream, OK).await;
        reply(&mut stream, OK).await;
        stream
    };
    let ((first, second), mut stream) = tokio::join!(client, server);
    assert_eq!((first.unwrap(), second.unwrap()), (b"ok".to_vec(), b"ok".to_vec()));
    drop(http);
    gone(&mut stream).await;
}

#[tokio::test]
async fn an_idle_connection_is_closed_when_its_time_is_over() {
    let (listener, port) = listener().await;
    let http = lan(&format!("http://model.lan:{port}"));
    let server = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        reply(&mut stream, OK).await;
        stream
    };
    let (_, mut stream) = tokio::join!(ask_whole(&http), server);
    http.idle.sweep(Instant::now());
    assert_eq!(http.idle.0.lock().unwrap().len(), 1);
    http.idle.sweep(Instant::now() + IDLE_TIME);
    gone(&mut stream).await;
}

#[tokio::test]
async fn no_more_than_two_connections_wait() {
    let (listener, port) = listener().await;
    let http = lan(&format!("http://model.lan:{port}"));
    let server = async {
        let (mut a, _) = listener.accept().await.unwrap();
        let (mut b, _) = listener.accept().await.unwrap();
        let (mut c, _) = listener.accept().await.unwrap();
        tokio::join!(reply(&mut a, OK), reply(&mut b, OK), reply(&mut c, OK));
        [a, b, c]
    };
    let client = async { tokio::join!(ask_whole(&http), ask_whole(&http), ask_whole(&http)) };
    let (_, _streams) = tokio::join!(client, server);
    assert_eq!(http.idle.0.lock().unwrap().len(), MAX_IDLE);
}

#[tokio::test]
async fn an_idle_connection_that_the_server_closed_is_not_written_to() {
    let (listener, port) = listener().await;
    let http = lan(&format!("http://model.lan:{port}"));
    let (first, _) = tokio::join!(ask_whole(&http), serve(&listener, OK));
    first.unwrap();
    let (second, sent) = tokio::join!(ask_whole(&http), serve(&listener, OK));
    assert_eq!(second.unwrap(), b"ok");
    assert!(sent.ends_with("{}"));
}

#[tokio::test]
async fn a_request_that_never_left_a_dead_connection_is_given_back_whole() {
    let (listener, port) = listener().await;
    let http = lan(&format!("http://model.lan:{port}"));
    let (link, accepted) = tokio::join!(http.connect(), listener.accept());
    let mut link = link.ok().unwrap();
    drop(accepted);
    while link.is_free() {
        tokio::task::yield_now().await;
    }
    let request = http.request(Method::POST, "/chat", &[], None, b"{}".to_vec()).unwrap();
    let refused = link.ask(request).await.err().unwrap();
    assert_eq!(refused.error, HttpError::Connect);
    assert_eq!(refused.unsent.unwrap().uri(), "/chat");
}

#[tokio::test]
async fn a_request_that_was_sent_is_never_sent_again() {
    let (trap, port) = trap();
    let listener = TcpListener::from_std(trap.try_clone().unwrap()).unwrap();
    let http = lan(&format!("http://model.lan:{port}"));
    let client = async { (ask_whole(&http).await, ask_whole(&http).await) };
    let server = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        reply(&mut stream, OK).await;
        request(&mut stream).await;
    };
    let ((first, second), ()) = tokio::join!(client, server);
    first.unwrap();
    assert_eq!(second, Err(HttpError::Broken));
    assert!(nobody_came(&trap));
}

#[tokio::test]
async fn dropping_a_request_that_waits_closes_its_connection() {
    let (listener, port) = listener().await;
    let http = lan(&format!("http://model.lan:{port}"));
    let mut asking = Box::pin(ask(&http));
    let mut stream = tokio::select! {
        _ = &mut asking => panic!("answered by nobody"),
        stream = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            request(&mut stream).await;
            stream
        } => stream,
    };
    drop(asking);
    gone(&mut stream).await;
}

#[tokio::test]
async fn dropping_an_answer_before_its_end_closes_its_connection() {
    let (listener, port) = listener().await;
    let http = lan(&format!("http://model.lan:{port}"));
    let server = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        reply(&mut stream, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n").await;
        stream
    };
    let (answer, mut stream) = tokio::join!(ask(&http), server);
    let mut answer = answer.unwrap();
    answer.chunk().await.unwrap();
    drop(answer);
    gone(&mut stream).await;
    assert!(http.idle.0.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_redirect_is_an_error_and_the_other_place_hears_nothing() {
    let (trap, other) = trap();
    for status in [300, 301, 302, 303, 304, 307, 308] {
        let response =
            format!("HTTP/1.1 {status} X\r\nlocation: http://127.0.0.1:{other}/\r\ncontent-length: 0\r\n\r\n");
        assert_eq!(outcome(&response).await, Err(HttpError::Redirect { status }));
    }
    assert!(nobody_came(&trap));
}

/// Runs a test of this file again, in a process whose environment names a proxy for everything.
#[test]
fn a_proxy_in_the_environment_is_ignored() {
    let (trap, port) = trap();
    let module = module_path!().split_once("::").unwrap().1;
    let test = format!("{module}::a_second_request_goes_over_the_same_connection");
    let mut again = Command::new(std::env::current_exe().unwrap());
    again.args(["--exact", &test]);
    for name in ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
        again.env(name, format!("http://127.0.0.1:{port}"));
    }
    let output = again.env_remove("no_proxy").env_remove("NO_PROXY").output().unwrap();
    assert!(output.status.success());
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"), "{test} was not found");
    assert!(nobody_came(&trap));
}

#[tokio::test]
async fn what_is_not_http_or_breaks_off_is_broken() {
    for response in [
        "",
        "SSH-2.0-OpenSSH_9.2\r\n",
        "\0\0\0\0\0\0\0\0",
        "HTTP/2 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-le",
        "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nab",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nabc",
        "HTTP/1.1 101 Upgrade\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n",
        "HTTP/1.1 999 Other\r\ncontent-length: 0\r\n\r\n",
    ] {
        assert_eq!(outcome(response).await, Err(HttpError::Broken), "{response:?}");
    }
}

#[tokio::test]
async fn a_body_that_broke_off_never_looks_like_one_that_ended() {
    let (listener, port) = listener().await;
    let http = lan(&format!("http://model.lan:{port}"));
    let response = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nab";
    let (answer, _) = tokio::join!(ask(&http), serve(&listener, response));
    let mut answer = answer.unwrap();
    assert_eq!(answer.chunk().await.unwrap().unwrap(), "ab");
    assert_eq!(answer.chunk().await, Err(HttpError::Broken));
    assert_eq!(answer.chunk().await, Err(HttpError::Broken));
}

#[tokio::test]
async fn a_head_without_bounds_is_refused() {
    let many: String = (0..200).map(|n| format!("x-{n}: 1\r\n")).collect();
    let long = "a".repeat(64 << 10);
    for headers in [many, format!("x: {long}\r\n")] {
        let response = format!("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n{headers}\r\n");
        let (listener, port) = listener().await;
        let http = lan(&format!("http://model.lan:{port}"));
        let server = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            request(&mut stream).await;
            // Fails where the client has closed by then.
            let _ = stream.write_all(response.as_bytes()).await;
        };
        assert_eq!(tokio::join!(ask_whole(&http), server).0, Err(HttpError::Broken));
    }
}

#[tokio::test]
async fn a_body_without_end_is_refused() {
    let (listener, port) = listener().await;
    let http = lan(&format!("http://model.lan:{port}"));
    let server = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        reply(&mut stream, "HTTP/1.1 200 OK\r\n\r\n").await;
        while stream.write_all(&[b'a'; 4096]).await.is_ok() {}
    };
    assert_eq!(tokio::join!(ask_whole(&http), server).0, Err(HttpError::TooLarge));
}

#[tokio::test]
async fn a_compressed_answer_is_refused() {
    let response = "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 0\r\n\r\n";
    assert_eq!(outcome(response).await, Err(HttpError::Compressed));
    assert_eq!(outcome("HTTP/1.1 200 OK\r\ncontent-encoding: identity\r\n\r\n").await, Ok(vec![]));
}

#[tokio::test]
async fn a_request_that_http_cannot_carry_is_refused_before_anything_is_sent() {
    let (trap, port) = trap();
    let http = lan(&format!("http://model.lan:{port}"));
    let refused = Some(HttpError::Request);
    for (path, header, key) in [
        ("chat", ("a", "b"), None),
        ("/../chat", ("a", "b"), None),
        ("/chat", ("a", "b\r\nc: d"), None),
        ("/chat", ("a b", "c"), None),
        ("/chat", ("Host", "other.example"), None),
        ("/chat", ("accept-encoding", "gzip"), None),
        ("/chat", ("transfer-encoding", "chunked"), None),
        ("/chat", ("a", "b"), Some(("authorization", "Bearer k\n"))),
        ("/chat", ("a", "b"), Some(("cookie", "k"))),
    ] {
        assert_eq!(http.post(path, &[header], key, Vec::new()).await.err(), refused, "{path} {header:?}");
    }
    assert!(nobody_came(&trap));
}

#[tokio::test]
async fn a_name_that_leads_inside_is_refused_and_nothing_is_connected_to() {
    let (trap, port) = trap();
    let url = format!("https://api.example.com:{port}");
    for addresses in [
        &["127.0.0.1"][..],
        &["169.254.169.254"],
        &["::ffff:127.0.0.1"],
        // One among public ones is enough, wherever it stands.
        &["8.8.8.8", "127.0.0.1"],
        &["127.0.0.1", "8.8.8.8"],
    ] {
        assert_eq!(ask(&cloud(&url, addresses)).await.err(), Some(HttpError::PrivateAddress));
    }
    assert_eq!(ask(&cloud(&url, &[])).await.err(), Some(HttpError::NoAddress));
    assert!(nobody_came(&trap));
}

#[tokio::test]
async fn a_lan_name_that_leads_outside_is_refused() {
    for address in ["8.8.8.8", "169.254.169.254", "100.64.0.1"] {
        let mut http = lan("http://model.lan");
        http.way.names = Box::new(Says(vec!["127.0.0.1".parse().unwrap(), address.parse().unwrap()]));
        assert_eq!(ask(&http).await.err(), Some(HttpError::PublicAddress));
    }
}

#[tokio::test]
async fn a_name_that_cannot_be_looked_up_is_told_from_one_that_takes_too_long() {
    let mut http = lan("http://model.lan");
    http.way.names = Box::new(Deaf::Failing);
    assert_eq!(ask(&http).await.err(), Some(HttpError::Resolve));
    http.way.names = Box::new(Deaf::Silent);
    http.way.deadline = Duration::from_millis(20);
    assert_eq!(ask(&http).await.err(), Some(HttpError::Late));
}

#[tokio::test]
async fn the_next_address_is_tried_where_one_refuses() {
    let (listener, port) = listener().await;
    let mut http = lan(&format!("http://model.lan:{port}"));
    // Nothing listens at the second loopback address.
    http.way.names = Box::new(Says(vec!["127.0.0.2".parse().unwrap(), "127.0.0.1".parse().unwrap()]));
    assert_eq!(tokio::join!(ask_whole(&http), serve(&listener, OK)).0.unwrap(), b"ok");
    http.way.names = Box::new(Says(vec!["127.0.0.2".parse().unwrap()]));
    assert_eq!(ask(&http).await.err(), Some(HttpError::Connect));
}

/// An authority and a certificate for `model.lan`, made by the `openssl` program.
struct Papers(tempfile::TempDir);

impl Papers {
    fn new() -> Self {
        let papers = Self(tempfile::tempdir().unwrap());
        let folder = papers.0.path();
        let config = "[req]\ndistinguished_name=dn\nx509_extensions=ca\n[dn]\n\
                      [ca]\nbasicConstraints=critical,CA:TRUE\n[leaf]\nsubjectAltName=DNS:model.lan,IP:127.0.0.1\n";
        std::fs::write(folder.join("config"), config).unwrap();
        let new = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
        openssl(folder, &format!("req -config config -x509 {new} -keyout ca.key -out ca.pem -subj /CN=ca -days 2"));
        openssl(folder, &format!("req -config config -new {new} -keyout key -out csr -subj /CN=model"));
        let sign = "x509 -req -in csr -CA ca.pem -CAkey ca.key -CAcreateserial -out pem -days 2";
        openssl(folder, &format!("{sign} -extfile config -extensions leaf"));
        papers
    }

    fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.0.path().join(name)).unwrap()
    }

    fn server(&self) -> TlsAcceptor {
        let chain = CertificateDer::pem_slice_iter(&self.read("pem")).collect::<Result<_, _>>().unwrap();
        let key = PrivateKeyDer::from_pem_slice(&self.read("key")).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let versions = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let mut config = versions.with_no_client_auth().with_single_cert(chain, key).unwrap();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        TlsAcceptor::from(Arc::new(config))
    }
}

fn openssl(folder: &Path, arguments: &str) {
    let output = Command::new("openssl").args(arguments.split(' ')).current_dir(folder).output();
    let output = output.expect("these tests make their certificates with the openssl program");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn secure(url: &str, ca: Option<&[u8]>) -> Http {
    let mut http = Http::new(Endpoint::parse(url, true).unwrap(), ca, PATIENCE).unwrap();
    http.way.names = Box::new(Says(vec!["127.0.0.1".parse().unwrap()]));
    http
}

#[tokio::test]
async fn tls_asks_for_the_endpoints_name_and_believes_its_authority() {
    let papers = Papers::new();
    let (listener, port) = listener().await;
    let ca = papers.read("ca.pem");
    let server = async || {
        let (stream, _) = listener.accept().await.unwrap();
        let mut stream = papers.server().accept(stream).await.unwrap();
        reply(&mut stream, OK).await;
        let session = stream.get_ref().1;
        assert_eq!(session.alpn_protocol(), Some(&b"http/1.1"[..]));
        assert_eq!(session.protocol_version(), Some(rustls::ProtocolVersion::TLSv1_3));
        session.server_name().map(str::to_owned)
    };
    let named = secure(&format!("https://model.lan:{port}"), Some(&ca));
    let (body, name) = tokio::join!(ask_whole(&named), server());
    assert_eq!((body.unwrap(), name.as_deref()), (b"ok".to_vec(), Some("model.lan")));
    let numbered = secure(&format!("https://127.0.0.1:{port}"), Some(&ca));
    let (body, name) = tokio::join!(ask_whole(&numbered), server());
    assert_eq!((body.unwrap(), name), (b"ok".to_vec(), None));
}

#[tokio::test]
async fn a_certificate_for_another_name_or_of_an_unknown_authority_is_refused_and_no_request_is_sent() {
    let (papers, strangers) = (Papers::new(), Papers::new());
    let (listener, port) = listener().await;
    let ca = papers.read("ca.pem");
    for (host, ca) in [("other.lan", Some(ca)), ("model.lan", Some(strangers.read("ca.pem"))), ("model.lan", None)] {
        let http = secure(&format!("https://{host}:{port}"), ca.as_deref());
        let server = async {
            let (stream, _) = listener.accept().await.unwrap();
            // The handshake fails, or ends before the client has judged: then its alert comes instead of a request.
            match papers.server().accept(stream).await {
                Ok(mut stream) => stream.read(&mut [0; 64]).await.unwrap_or(0),
                Err(_) => 0,
            }
        };
        let (answer, sent) = tokio::join!(ask(&http), server);
        assert_eq!((answer.err(), sent), (Some(HttpError::Certificate), 0), "{host}");
    }
}

#[tokio::test]
async fn a_tls_stream_that_is_cut_is_not_taken_for_the_end_of_the_body() {
    let papers = Papers::new();
    let (listener, port) = listener().await;
    let http = secure(&format!("https://model.lan:{port}"), Some(&papers.read("ca.pem")));
    let server = async {
        let (stream, _) = listener.accept().await.unwrap();
        let mut stream = papers.server().accept(stream).await.unwrap();
        // No length: the end of the connection is the end of the body, and only TLS can say whether it is genuine.
        reply(&mut stream, "HTTP/1.1 200 OK\r\n\r\nhalf").await;
        stream.flush().await.unwrap();
    };
    assert_eq!(tokio::join!(ask_whole(&http), server).0, Err(HttpError::Broken));
}

#[tokio::test]
async fn an_endpoint_that_does_not_speak_tls_is_told_from_one_that_says_nothing() {
    let (listener, port) = listener().await;
    let mut http = secure(&format!("https://model.lan:{port}"), None);
    let plain = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(OK.as_bytes()).await.unwrap();
        std::future::pending::<()>().await;
    };
    let answer = tokio::select! {
        answer = ask(&http) => answer,
        () = plain => unreachable!(),
    };
    assert_eq!(answer.err(), Some(HttpError::Tls));
    http.way.deadline = Duration::from_millis(50);
    let silent = async {
        let (_stream, _) = listener.accept().await.unwrap();
        std::future::pending::<()>().await;
    };
    let answer = tokio::select! {
        answer = ask(&http) => answer,
        () = silent => unreachable!(),
    };
    assert_eq!(answer.err(), Some(HttpError::Late));
}

#[test]
fn authorities_are_taken_only_where_they_are_of_use() {
    let refused = |url: &str, lan: bool, ca: &[u8]| {
        Http::new(Endpoint::parse(url, lan).unwrap(), Some(ca), PATIENCE).err().unwrap()
    };
    assert_eq!(refused("https://api.example.com", false, b""), CaError::Cloud);
    assert_eq!(refused("http://model.lan", true, b""), CaError::Plain);
    assert_eq!(refused("https://model.lan", true, b""), CaError::NotPem);
    let broken = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    assert_eq!(refused("https://model.lan", true, broken), CaError::NotPem);
    let papers = Papers::new();
    assert_eq!(refused("https://model.lan", true, &papers.read("key")), CaError::NotPem);
}

#[test]
fn crypto_may_be_installed_twice() {
    install_crypto();
    install_crypto();
    assert!(rustls::crypto::CryptoProvider::get_default().is_some());
}

#[test]
fn the_client_and_its_answers_may_move_between_threads() {
    fn movable<T: Send>() {}
    fn shared<T: Send + Sync>() {}
    shared::<Http>();
    movable::<Answer>();
}

#[tokio::test]
async fn an_object_is_put_asked_about_and_read_whole_over_one_connection() {
    let (listener, port) = listener().await;
    let http = lan(&format!("http://bucket.lan:{port}/s3"));
    let server = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let put = reply(&mut stream, "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
        assert!(put.starts_with("PUT /s3/b/box_id%3Da?x=%2F HTTP/1.1\r\n"), "{put}");
        assert!(put.contains("if-none-match: *\r\n") && put.ends_with("\r\n\r\nrows"), "{put}");
        // What a HEAD is answered says how long a body would be, and has none.
        let head = reply(&mut stream, "HTTP/1.1 200 OK\r\ncontent-length: 4\r\nx-amz-meta-sha256: ab\r\n\r\n").await;
        assert!(head.starts_with("HEAD "), "{head}");
        let get = reply(&mut stream, "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nrows").await;
        assert!(get.starts_with("GET "), "{get}");
        reply(&mut stream, "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nrows!").await;
    };
    let client = async {
        let path = "/s3/b/box_id%3Da?x=%2F";
        let put = http.whole(Verb::Put, path, &[("if-none-match", "*")], b"rows".to_vec(), 9).await.unwrap();
        assert_eq!(put.status, 200);
        let head = http.whole(Verb::Head, path, &[], Vec::new(), 0).await.unwrap();
        assert_eq!((head.length(), head.header("x-amz-meta-sha256")), (Some(4), Some("ab")));
        let get = http.whole(Verb::Get, path, &[], Vec::new(), 4).await.unwrap();
        assert_eq!(get.body, b"rows");
        let large = http.whole(Verb::Get, path, &[], Vec::new(), 4).await;
        assert_eq!(large.err(), Some(HttpError::TooLarge));
        let elsewhere = http.whole(Verb::Get, "/other", &[], Vec::new(), 4).await;
        assert_eq!(elsewhere.err(), Some(HttpError::Request));
    };
    tokio::join!(server, client);
}
