use super::*;
use jiff::civil::date;

const TODAY: jiff::civil::Date = date(2026, 11, 23); // a Monday

fn context(expecting: Expecting) -> Context<'static> {
    Context { expecting, asked: "", today: TODAY }
}

fn plain(text: &str) -> String {
    let outcome = redact(&RawTranscript::typed(text), &context(Expecting::Anything), &mut Vault::new());
    outcome.text.as_str().to_owned()
}
