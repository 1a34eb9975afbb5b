//! What all formats' streams have in common: bytes in, [`Piece`]s out, and the bounds on an answer.
//!
//! In:  a response's body, cut anywhere; [`super::super::sse`] cuts it into events and the format's reader reads those.
//! Out: text at once; uses of tools only with the end of the answer, when it is known to be whole and not refused.

use serde_json::{Map, Value};

use super::super::sse::{self, SseError};
use super::{Format, Opaque, Piece, Stop, StreamError, Usage, anthropic, gemini, openai_chat, openai_responses};

/// The most text of an answer, in bytes: 64 KiB. Spoken, that is more than an hour.
pub const MAX_TEXT: usize = 64 << 10;
/// The most uses of tools in an answer.
pub const MAX_USES: usize = 16;
/// The most that is held of arguments, signatures and reasoning, in bytes: 512 KiB. All of it is made of the tokens of
/// one answer, which are some thousand.
pub const MAX_HELD: usize = 512 << 10;
/// The most bytes of a stream: 8 MiB. A stream of nothing but comments would otherwise never end.
pub const MAX_STREAM: usize = 8 << 20;

/// Reads one answer. Useless after an error, which it then repeats.
///
/// An answer is whole when its format's terminal event has come:
/// - Anthropic: `message_stop`, after a `message_delta` with a stop reason;
/// - OpenAI Chat: a chunk with a finish reason, and then usage or `[DONE]`, whichever comes first. After either nothing
///   of an answer can be missing; LAN servers leave out one or the other. A stream with neither is cut off;
/// - OpenAI Responses: `response.completed` or `response.incomplete`;
/// - Gemini: a chunk with a finish reason, or with the reason for which the prompt was blocked.
///
/// Event types that are not known are skipped and counted; known ones that do not parse are an error.
pub struct Decoder {
    events: sse::Parser,
    reader: Reader,
    answer: Answer,
    bytes: usize,
    failed: Option<StreamError>,
}

enum Reader {
    Anthropic(anthropic::Reader),
    OpenAiChat(openai_chat::Reader),
    OpenAiResponses(openai_responses::Reader),
    Gemini(gemini::Reader),
}

impl Decoder {
    /// A decoder at the start of a response's body.
    #[must_use]
    pub fn new(format: Format) -> Self {
        let reader = match format {
            Format::Anthropic => Reader::Anthropic(anthropic::Reader::default()),
            Format::OpenAiChat => Reader::OpenAiChat(openai_chat::Reader::default()),
            Format::OpenAiResponses => Reader::OpenAiResponses(openai_responses::Reader::default()),
            Format::Gemini => Reader::Gemini(gemini::Reader::default()),
        };
        Self { events: sse::Parser::new(), reader, answer: Answer::default(), bytes: 0, failed: None }
    }

    /// Takes the next bytes and gives the pieces that they complete.
    ///
    /// # Errors
    /// [`StreamError`]; pieces completed by the same bytes are dropped with it.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<Piece>, StreamError> {
        if let Some(failed) = self.failed {
            return Err(failed);
        }
        let read = self.read(bytes);
        self.failed = read.err();
        read.map(|()| std::mem::take(&mut self.answer.pieces))
    }

    fn read(&mut self, bytes: &[u8]) -> Result<(), StreamError> {
        self.bytes = self.bytes.saturating_add(bytes.len());
        if self.bytes > MAX_STREAM {
            return Err(StreamError::TooLarge);
        }
        let events = self.events.push(bytes).map_err(|error| match error {
            SseError::NotUtf8 => StreamError::Malformed("not UTF-8"),
            SseError::TooLarge => StreamError::TooLarge,
            SseError::Unfinished => StreamError::Truncated,
        })?;
        for event in events {
            match &mut self.reader {
                Reader::Anthropic(reader) => reader.read(&event, &mut self.answer)?,
                Reader::OpenAiChat(reader) => reader.read(&event, &mut self.answer)?,
                Reader::OpenAiResponses(reader) => reader.read(&event, &mut self.answer)?,
                Reader::Gemini(reader) => reader.read(&event, &mut self.answer)?,
            }
        }
        Ok(())
    }

    /// Ends the stream. Bytes after the end of the answer that make no event are let pass: they can say nothing.
    ///
    /// # Errors
    /// [`StreamError::Truncated`] where the answer is not whole, or the error that came before.
    pub fn finish(self) -> Result<(), StreamError> {
        match self.failed {
            Some(failed) => Err(failed),
            None if self.answer.is_over() => Ok(()),
            None => Err(StreamError::Truncated),
        }
    }

    /// Whether something of use has come: text, or the beginning of a use of a tool. An empty first chunk is not.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        let Answer { text, held, uses, over, .. } = &self.answer;
        *text > 0 || *held > 0 || !uses.is_empty() || *over
    }

    /// How many events, or parts of events, had a type that is not known here.
    #[must_use]
    pub fn unknown(&self) -> u64 {
        self.answer.unknown
    }
}

/// How a provider says that an answer ended.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    Finished,
    Length,
    Refused,
}

/// The answer so far. Whatever a reader finds goes through here, so the bounds hold for every format.
#[derive(Default)]
pub(super) struct Answer {
    pieces: Vec<Piece>,
    text: usize,
    held: usize,
    uses: Vec<Use>,
    refused: bool,
    over: bool,
    unknown: u64,
}

struct Use {
    name: String,
    /// `None` where they are no object; that is an error only if the answer does not break off in them.
    arguments: Option<Value>,
    opaque: Opaque,
}

impl Answer {
    /// Text was said.
    pub(super) fn say(&mut self, text: String) -> Result<(), StreamError> {
        if text.is_empty() {
            return Ok(());
        }
        self.must_go_on()?;
        self.text = self.text.saturating_add(text.len());
        if self.text > MAX_TEXT {
            return Err(StreamError::TooLarge);
        }
        self.pieces.push(Piece::Text(text));
        Ok(())
    }

    /// `bytes` more of something that no piece was made of yet are kept.
    pub(super) fn hold(&mut self, bytes: usize) -> Result<(), StreamError> {
        self.must_go_on()?;
        self.held = self.held.saturating_add(bytes);
        if self.held > MAX_HELD { Err(StreamError::TooLarge) } else { Ok(()) }
    }

    /// A tool is to be used.
    pub(super) fn use_tool(
        &mut self,
        name: String,
        arguments: Option<Value>,
        opaque: Opaque,
    ) -> Result<(), StreamError> {
        self.must_go_on()?;
        if name.is_empty() {
            return Err(StreamError::Malformed("a tool without a name"));
        }
        if self.uses.len() >= MAX_USES {
            return Err(StreamError::TooLarge);
        }
        self.uses.push(Use { name, arguments, opaque });
        Ok(())
    }

    /// The model refused, whatever reason for stopping follows.
    pub(super) fn refuse(&mut self) {
        self.refused = true;
    }

    /// Something of a type that is not known.
    pub(super) fn skip(&mut self) {
        self.unknown = self.unknown.saturating_add(1);
    }

    /// The answer ended.
    pub(super) fn end(&mut self, model: Option<String>, ending: Ending, usage: Usage) -> Result<(), StreamError> {
        self.must_go_on()?;
        let ending = if self.refused { Ending::Refused } else { ending };
        let uses = std::mem::take(&mut self.uses);
        let stop = match ending {
            Ending::Refused => Stop::Refused,
            Ending::Length => Stop::Length,
            Ending::Finished if uses.is_empty() => Stop::Answered,
            Ending::Finished => {
                for Use { name, arguments, opaque } in uses {
                    let arguments = arguments.ok_or(StreamError::BadArguments)?;
                    self.pieces.push(Piece::Use { name, arguments, opaque: Some(opaque) });
                }
                Stop::Tools
            }
        };
        self.over = true;
        self.pieces.push(Piece::Done { model, stop, usage });
        Ok(())
    }

    /// Whether [`Answer::end`] was reached.
    pub(super) fn is_over(&self) -> bool {
        self.over
    }

    fn must_go_on(&self) -> Result<(), StreamError> {
        if self.over { Err(StreamError::Malformed("a piece after the end")) } else { Ok(()) }
    }
}

/// Arguments that came as text. None at all means that the tool takes none: several servers write it so.
pub(super) fn arguments(text: &str) -> Option<Value> {
    if text.trim().is_empty() {
        return Some(Value::Object(Map::new()));
    }
    serde_json::from_str(text).ok().filter(Value::is_object)
}

/// The data of an event whose type is known.
pub(super) fn parse<'a, T: serde::Deserialize<'a>>(data: &'a str) -> Result<T, StreamError> {
    serde_json::from_str(data).map_err(|_| StreamError::Malformed("an event does not parse"))
}

/// What each format's tests share.
#[cfg(test)]
pub(super) mod check {
    use super::*;

    /// Everything that a stream gives, read in one go.
    pub(crate) fn decode(format: Format, stream: &str) -> Result<Vec<Piece>, StreamError> {
        let mut decoder = Decoder::new(format);
        let pieces = decoder.push(stream.as_bytes())?;
        decoder.finish()?;
        Ok(pieces)
    }

    pub(crate) fn unknown(format: Format, stream: &str) -> u64 {
        let mut decoder = Decoder::new(format);
        decoder.push(stream.as_bytes()).unwrap();
        decoder.unknown()
    }

    pub(crate) fn text(text: &str) -> Piece {
        Piece::Text(text.to_owned())
    }

    pub(crate) fn used(format: Format, name: &str, arguments: Value, opaque: Value) -> Piece {
        Piece::Use { name: name.to_owned(), arguments, opaque: Some(Opaque { format, value: opaque }) }
    }

    pub(crate) fn done(model: &str, stop: Stop, usage: [Option<u64>; 4]) -> Piece {
        let [input, output, cache_read, cache_write] = usage;
        Piece::Done { model: Some(model.to_owned()), stop, usage: Usage { input, output, cache_read, cache_write } }
    }

    /// Cuts a good stream at every byte: what comes is a beginning of what the whole gives, and the end is an error
    /// unless everything was there. Then reads it byte by byte. `trailer` bytes at its end may be missing.
    pub(crate) fn cut_everywhere(format: Format, stream: &str, trailer: usize) {
        let whole = decode(format, stream).unwrap();
        assert!(matches!(whole.last(), Some(Piece::Done { .. })));
        for length in 0..stream.len() {
            let mut decoder = Decoder::new(format);
            let pieces = decoder.push(&stream.as_bytes()[..length]).unwrap();
            assert_eq!(pieces, whole[..pieces.len()], "cut at {length}");
            let over = pieces.len() == whole.len();
            assert_eq!(decoder.finish(), if over { Ok(()) } else { Err(StreamError::Truncated) }, "cut at {length}");
            assert_eq!(over, length + trailer >= stream.len(), "cut at {length}");
        }
        let mut decoder = Decoder::new(format);
        let bytewise: Vec<Piece> = stream.bytes().flat_map(|byte| decoder.push(&[byte]).unwrap()).collect();
        assert_eq!(bytewise, whole);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn more_text_tools_or_held_bytes_than_an_answer_may_have_are_refused() {
        let mut answer = Answer::default();
        answer.say("x".repeat(MAX_TEXT)).unwrap();
        assert_eq!(answer.say("x".to_owned()), Err(StreamError::TooLarge));
        answer.hold(MAX_HELD).unwrap();
        assert_eq!(answer.hold(1), Err(StreamError::TooLarge));
        let mut use_one = || {
            let opaque = Opaque { format: Format::Gemini, value: Value::Null };
            answer.use_tool("t".to_owned(), None, opaque)
        };
        assert!((0..MAX_USES).all(|_| use_one().is_ok()));
        assert_eq!(use_one(), Err(StreamError::TooLarge));
    }

    #[test]
    fn nothing_follows_the_end() {
        let mut answer = Answer::default();
        answer.end(None, Ending::Finished, Usage::default()).unwrap();
        let after = StreamError::Malformed("a piece after the end");
        assert_eq!(answer.say("x".to_owned()), Err(after));
        assert_eq!(answer.end(None, Ending::Finished, Usage::default()), Err(after));
        assert_eq!(answer.say(String::new()), Ok(()));
    }

    #[test]
    fn a_stream_without_end_is_refused() {
        let mut decoder = Decoder::new(Format::Anthropic);
        let comments = ": ping\n\n".repeat(1 << 17);
        let failed = (0..9).find_map(|_| decoder.push(comments.as_bytes()).err());
        assert_eq!(failed, Some(StreamError::TooLarge));
        assert_eq!(decoder.finish(), Err(StreamError::TooLarge));
    }

    #[test]
    fn bytes_that_are_no_utf8_end_a_stream_for_good() {
        for format in Format::ALL {
            let mut decoder = Decoder::new(format);
            let refused = Err(StreamError::Malformed("not UTF-8"));
            assert_eq!(decoder.push(b"data: {\"a\":\"\xff\"}\n\n"), refused);
            assert_eq!(decoder.push(b"\n\n"), refused);
        }
    }

    #[test]
    fn no_arguments_at_all_are_an_empty_object_and_a_list_is_none() {
        assert_eq!(arguments(" "), Some(serde_json::json!({})));
        assert_eq!(arguments("[]"), None);
        assert_eq!(arguments("{\"a\":"), None);
        assert_eq!(arguments("{} {}"), None);
    }

    proptest! {
        #[test]
        fn any_bytes_decode_or_fail_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            for format in Format::ALL {
                let mut decoder = Decoder::new(format);
                let _ = decoder.push(&bytes);
                let _ = decoder.finish();
            }
        }

        #[test]
        fn any_events_of_known_words_decode_or_fail_without_panic(
            events in proptest::collection::vec((0_usize..40, json(3)), 0..12),
        ) {
            for format in Format::ALL {
                let mut decoder = Decoder::new(format);
                for (name, data) in &events {
                    let mut data = data.clone();
                    let name = WORDS.get(*name).copied().unwrap_or("message");
                    if let Some(fields) = data.as_object_mut() {
                        fields.insert("type".to_owned(), Value::from(name));
                    }
                    let _ = decoder.push(format!("event: {name}\ndata: {data}\n\n").as_bytes());
                }
                let _ = decoder.finish();
            }
        }

        #[test]
        fn a_good_stream_with_a_byte_changed_or_bytes_missing_is_read_or_refused_without_panic(
            place in any::<prop::sample::Index>(), gap in 0_usize..60, byte in any::<u8>(),
        ) {
            for (format, sample) in SAMPLES {
                let mut bytes = sample.as_bytes().to_vec();
                let place = place.index(bytes.len());
                bytes[place] = byte;
                bytes.drain(place..bytes.len().min(place + gap));
                let mut decoder = Decoder::new(format);
                if let Ok(pieces) = decoder.push(&bytes) {
                    let over = matches!(pieces.last(), Some(Piece::Done { .. }));
                    prop_assert_eq!(decoder.finish().is_ok(), over);
                    let used = pieces.iter().any(|piece| matches!(piece, Piece::Use { .. }));
                    prop_assert!(over || !used);
                }
            }
        }
    }

    const SAMPLES: [(Format, &str); 4] = [
        (Format::Anthropic, anthropic::SAMPLE),
        (Format::OpenAiChat, openai_chat::SAMPLE),
        (Format::OpenAiResponses, openai_responses::SAMPLE),
        (Format::Gemini, gemini::SAMPLE),
    ];

    /// Words of all four formats: random JSON made of them gets further into the readers than random bytes.
    const WORDS: &[&str] = &[
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
        "error",
        "type",
        "text",
        "tool_use",
        "text_delta",
        "input_json_delta",
        "partial_json",
        "delta",
        "content_block",
        "index",
        "usage",
        "stop_reason",
        "choices",
        "tool_calls",
        "function",
        "arguments",
        "name",
        "finish_reason",
        "stop",
        "response.output_item.done",
        "item",
        "function_call",
        "response.completed",
        "response",
        "candidates",
        "content",
        "parts",
        "functionCall",
        "args",
        "finishReason",
        "STOP",
        "promptFeedback",
    ];

    fn json(depth: u32) -> impl Strategy<Value = Value> {
        let word = proptest::sample::select(WORDS);
        let leaf = prop_oneof![
            Just(Value::Null),
            (0_u64..3).prop_map(Value::from),
            word.clone().prop_map(Value::from),
            Just(Value::from("{}")),
        ];
        leaf.prop_recursive(depth, 24, 6, move |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                proptest::collection::vec((word.clone(), inner), 0..6)
                    .prop_map(|fields| fields.into_iter().map(|(k, v)| (k.to_owned(), v)).collect::<Value>()),
            ]
        })
    }
}
