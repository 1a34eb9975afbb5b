//! Server-Sent Events: bytes of a response in, [`Event`]s out.
//!
//! In:  the body of a `text/event-stream` response, cut anywhere.
//! Out: whole events only. An event that the stream breaks off is never given.
//! Source: WHATWG HTML, section 9.2.6 "Interpreting an event stream". It deviates in two places, on purpose: bytes that
//! are no UTF-8 are an error here (a replaced byte inside a tool's argument would be a changed argument), and an event
//! has a largest size. `id` and `retry` are ignored: nothing reconnects to the middle of an answer.

/// The largest event, in bytes, with its field names: 1 MiB. A Responses stream repeats the whole answer in one event,
/// which is some 100 KiB.
pub const MAX_EVENT: usize = 1 << 20;

/// One event.
#[derive(Clone, PartialEq, Eq)]
pub struct Event {
    /// What the stream calls it; `message` where it has no name.
    pub name: String,
    /// Its data, lines joined by line feeds.
    pub data: String,
}

impl std::fmt::Debug for Event {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Event({} bytes)", self.data.len())
    }
}

/// The stream cannot be read on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SseError {
    /// A line is not UTF-8.
    #[error("a line of the event stream is not UTF-8")]
    NotUtf8,
    /// An event is larger than [`MAX_EVENT`].
    #[error("an event of the stream is larger than {MAX_EVENT} bytes")]
    TooLarge,
    /// The stream ended inside an event.
    #[error("the event stream ended inside an event")]
    Unfinished,
}

/// Cuts a stream into events. Useless after an error.
#[derive(Default)]
pub struct Parser {
    /// The line that has not ended.
    line: Vec<u8>,
    name: String,
    /// Every data line so far, each with a line feed, as the standard has it.
    data: String,
    /// A carriage return ended the last line: a line feed that follows belongs to it.
    after_return: bool,
    /// The first line is over: a byte order mark is no mark any more.
    begun: bool,
}

impl Parser {
    /// A parser at the start of a stream.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes and gives the events that they complete.
    ///
    /// # Errors
    /// [`SseError::NotUtf8`] and [`SseError::TooLarge`]; events completed by the same bytes are dropped with it.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<Event>, SseError> {
        let mut events = Vec::new();
        let mut rest = bytes;
        while let Some(&first) = rest.first() {
            if std::mem::take(&mut self.after_return) && first == b'\n' {
                rest = rest.get(1..).unwrap_or_default();
                continue;
            }
            let end = rest.iter().position(|&b| b == b'\n' || b == b'\r');
            let (part, after) = rest.split_at(end.unwrap_or(rest.len()));
            self.line.extend_from_slice(part);
            if self.line.len().saturating_add(self.data.len()).saturating_add(self.name.len()) > MAX_EVENT {
                return Err(SseError::TooLarge);
            }
            if let Some((&ending, after)) = after.split_first() {
                self.after_return = ending == b'\r';
                events.extend(self.end_line()?);
                rest = after;
            } else {
                rest = after;
            }
        }
        Ok(events)
    }

    /// Ends the stream.
    ///
    /// # Errors
    /// [`SseError::Unfinished`] where bytes of an event remain that no empty line has ended.
    pub fn finish(self) -> Result<(), SseError> {
        let between_events = self.line.is_empty() && self.name.is_empty() && self.data.is_empty();
        if between_events { Ok(()) } else { Err(SseError::Unfinished) }
    }

    fn end_line(&mut self) -> Result<Option<Event>, SseError> {
        let bytes = std::mem::take(&mut self.line);
        let line = str::from_utf8(&bytes).map_err(|_| SseError::NotUtf8)?;
        let line =
            if std::mem::replace(&mut self.begun, true) { line } else { line.strip_prefix('\u{feff}').unwrap_or(line) };
        if line.is_empty() {
            return Ok(self.dispatch());
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        // A comment is a line whose field name is empty; it falls through with `id`, `retry` and unknown fields.
        match field {
            "event" => value.clone_into(&mut self.name),
            "data" => {
                self.data.push_str(value);
                self.data.push('\n');
            }
            _ => {}
        }
        Ok(None)
    }

    fn dispatch(&mut self) -> Option<Event> {
        let name = std::mem::take(&mut self.name);
        let mut data = std::mem::take(&mut self.data);
        // The standard drops an event that has no data line; the last line feed is not data.
        data.pop()?;
        Some(Event { name: if name.is_empty() { "message".to_owned() } else { name }, data })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_data_lines_and_comments_are_told_apart() {
        let stream = ": hello\nevent: delta\ndata: one\ndata:two\ndata:  three\nid: 7\nretry: 5\nelse\n\ndata\n\n";
        assert_eq!(whole(stream.as_bytes()).unwrap(), [event("delta", "one\ntwo\n three"), event("message", "")]);
    }

    #[test]
    fn every_line_ending_of_the_standard_ends_a_line() {
        for stream in ["data: a\n\ndata: b\n\n", "data: a\r\n\r\ndata: b\r\n\r\n", "data: a\r\rdata: b\r\r"] {
            assert_eq!(whole(stream.as_bytes()).unwrap(), [event("message", "a"), event("message", "b")]);
        }
    }

    #[test]
    fn one_byte_order_mark_is_dropped_and_only_at_the_start() {
        assert_eq!(whole("\u{feff}data: a\n\n".as_bytes()).unwrap(), [event("message", "a")]);
        assert_eq!(whole("\u{feff}\u{feff}data: a\n\n".as_bytes()).unwrap(), []);
        assert_eq!(whole("data: \u{feff}a\n\n".as_bytes()).unwrap(), [event("message", "\u{feff}a")]);
    }

    #[test]
    fn an_event_without_data_is_no_event_and_leaves_no_name_behind() {
        assert_eq!(whole(b"event: ping\n\ndata: a\n\n").unwrap(), [event("message", "a")]);
    }

    #[test]
    fn bytes_that_are_no_utf8_are_refused_even_in_a_comment() {
        assert_eq!(whole(b"data: \xff\n\n"), Err(SseError::NotUtf8));
        assert_eq!(whole(b": \xc3\n\n"), Err(SseError::NotUtf8));
    }

    #[test]
    fn an_event_over_one_mebibyte_is_refused_as_one_line_and_as_many() {
        let line = vec![b'x'; MAX_EVENT + 1];
        assert_eq!(Parser::new().push(&line).unwrap_err(), SseError::TooLarge);
        let mut parser = Parser::new();
        let lines =
            (0..20).try_for_each(|_| parser.push(&[b"data:", line.split_at(1 << 16).0, b"\n"].concat()).map(drop));
        assert_eq!(lines, Err(SseError::TooLarge));
    }

    #[test]
    fn bytes_that_no_empty_line_ended_are_told_at_the_end() {
        for (stream, end) in [
            ("", Ok(())),
            ("data: a\n\n", Ok(())),
            ("data: a\n", Err(SseError::Unfinished)),
            ("data: a\n\nda", Err(SseError::Unfinished)),
            ("event: a\n", Err(SseError::Unfinished)),
        ] {
            let mut parser = Parser::new();
            parser.push(stream.as_bytes()).unwrap();
            assert_eq!(parser.finish(), end, "{stream:?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_parse_or_fail_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            let _ = whole(&bytes);
        }

        #[test]
        fn any_cutting_of_a_stream_gives_the_same_events(
            stream in "(\u{feff})?((data|event|id|)(: ?)?[a-zé\u{feff}]{0,5}(\r\n|\n|\r)|\n|\r\n){0,20}",
            cuts in proptest::collection::vec(0_usize..40, 0..20),
        ) {
            let mut parser = Parser::new();
            let mut events = Vec::new();
            let mut rest = stream.as_bytes();
            for cut in cuts {
                let (part, after) = rest.split_at(cut.min(rest.len()));
                events.extend(parser.push(part).unwrap());
                rest = after;
            }
            events.extend(parser.push(rest).unwrap());
            prop_assert_eq!(events, whole(stream.as_bytes()).unwrap());
        }
    }

    fn whole(stream: &[u8]) -> Result<Vec<Event>, SseError> {
        Parser::new().push(stream)
    }

    fn event(name: &str, data: &str) -> Event {
        Event { name: name.to_owned(), data: data.to_owned() }
    }
}
