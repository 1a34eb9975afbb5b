//! One request of each client, and what each makes of the same recorded answer.

use std::time::Duration;

use anteroom::airlock::provider::{Ask, Decoder, Format, Piece, StreamError, key_header, render};
use futures::StreamExt;
use genai::adapter::AdapterKind;
use genai::chat::{ChatOptions, ChatRequest, ChatStreamEvent, StreamEnd};
use genai::resolver::{AuthData, Endpoint};
use genai::{Client, ModelIden, ServiceTarget};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// The key that both clients are given.
pub(crate) const KEY: &str = "key-of-nobody";

/// A request as it came over the wire.
pub(crate) struct Sent {
    pub(crate) path: String,
    /// Names in small letters.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Value,
}

impl Sent {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// What genai made of an answer.
#[derive(Default)]
pub(crate) struct Heard {
    pub(crate) text: String,
    pub(crate) end: Option<StreamEnd>,
    pub(crate) failed: bool,
}

/// The box's request.
pub(crate) fn ours(format: Format, ask: &Ask<'_>) -> Sent {
    let request = render(format, ask);
    let (key, value) = key_header(format, KEY);
    let headers = request.headers.into_iter().chain([(key, value)]);
    Sent {
        path: request.path,
        headers: headers.map(|(name, value)| (name.to_owned(), value)).collect(),
        body: serde_json::from_slice(&request.body).unwrap(),
    }
}

/// What the box makes of an answer.
pub(crate) fn understood(format: Format, stream: &str) -> Result<Vec<Piece>, StreamError> {
    let mut decoder = Decoder::new(format);
    let pieces = decoder.push(stream.as_bytes())?;
    decoder.finish()?;
    Ok(pieces)
}

/// genai's request, and what it makes of `stream` as the answer.
pub(crate) async fn theirs(
    format: Format,
    model: &str,
    request: ChatRequest,
    options: ChatOptions,
    stream: &str,
) -> (Sent, Heard) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (kind, below) = match format {
        Format::Anthropic => (AdapterKind::Anthropic, "v1"),
        Format::OpenAiChat => (AdapterKind::OpenAI, "v1"),
        Format::OpenAiResponses => (AdapterKind::OpenAIResp, "v1"),
        Format::Gemini => (AdapterKind::Gemini, "v1beta"),
    };
    let target = ServiceTarget {
        endpoint: Endpoint::from_owned(format!("http://127.0.0.1:{port}/{below}/")),
        auth: AuthData::from_single(KEY),
        model: ModelIden::new(kind, model),
    };
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let client = Client::builder().with_reqwest(http).build().unwrap();
    let options = options.with_capture_usage(true).with_capture_content(true).with_capture_tool_calls(true);
    let asking = async {
        let mut heard = Heard::default();
        let answer = client.exec_chat_stream(target, request, Some(&options)).await.unwrap();
        let mut events = answer.stream;
        while let Some(event) = events.next().await {
            match event {
                Ok(ChatStreamEvent::Chunk(chunk)) => heard.text.push_str(&chunk.content),
                Ok(ChatStreamEvent::End(end)) => heard.end = Some(end),
                Ok(_) => {}
                Err(_) => heard.failed = true,
            }
        }
        heard
    };
    let both = async { tokio::join!(serve(&listener, stream), asking) };
    tokio::time::timeout(Duration::from_secs(20), both).await.unwrap()
}

/// Takes one request and answers it with the stream.
async fn serve(listener: &TcpListener, stream: &str) -> Sent {
    let (mut socket, _) = listener.accept().await.unwrap();
    let mut bytes = Vec::new();
    let (head, length, start) = loop {
        assert!(socket.read_buf(&mut bytes).await.unwrap() > 0, "the request broke off");
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let length = head.lines().filter_map(|line| line.split_once(": "));
        let length = length.filter(|(name, _)| name.eq_ignore_ascii_case("content-length")).map(|(_, value)| value);
        break (head.clone(), length.last().unwrap().parse::<usize>().unwrap(), end + 4);
    };
    while bytes.len() < start + length {
        assert!(socket.read_buf(&mut bytes).await.unwrap() > 0, "the request broke off");
    }
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{stream}",
        stream.len()
    );
    socket.write_all(answer.as_bytes()).await.unwrap();
    let mut lines = head.lines();
    let path = lines.next().unwrap().strip_prefix("POST ").unwrap().strip_suffix(" HTTP/1.1").unwrap().to_owned();
    let headers = lines.filter_map(|line| line.split_once(": "));
    Sent {
        path,
        headers: headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect(),
        body: serde_json::from_slice(&bytes[start..start + length]).unwrap(),
    }
}
