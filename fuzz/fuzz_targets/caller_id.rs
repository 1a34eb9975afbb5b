#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = anteroom_fuzz::parsers::caller_id(bytes);
});
