//! PocketSphinx 0.8 ("5prealpha", as Debian packages it) behind a safe [`Decoder`].
//!
//! In:  16 kHz samples, then cepstra. Out: words with their scores. Used from one thread at a time.
//! The library's own log is switched off for the whole process before the first decoder is made: it would print what
//! callers say. The interface is written out by hand from the library's headers; nothing else here calls C.
#![expect(unsafe_code, reason = "PocketSphinx is a C library")]

use std::ffi::{CStr, CString, c_char, c_double, c_int, c_void};
use std::ptr::{self, NonNull};

/// Cepstral coefficients a frame: what the acoustic model was trained with.
pub(super) const CEPSTRA: usize = 13;
/// One 10 ms frame of cepstra.
pub(super) type Frame = [f32; CEPSTRA];

unsafe extern "C" {
    fn err_set_logfp(stream: *mut c_void);
    fn cmd_ln_parse_r(
        inout: *mut c_void,
        definitions: *const c_void,
        argc: i32,
        argv: *mut *mut c_char,
        strict: i32,
    ) -> *mut c_void;
    fn cmd_ln_free_r(options: *mut c_void) -> c_int;
    fn ps_args() -> *const c_void;
    fn ps_init(options: *mut c_void) -> *mut c_void;
    fn ps_free(ps: *mut c_void) -> c_int;
    fn ps_set_lm_file(ps: *mut c_void, name: *const c_char, path: *const c_char) -> c_int;
    fn ps_set_jsgf_string(ps: *mut c_void, name: *const c_char, jsgf: *const c_char) -> c_int;
    fn ps_set_search(ps: *mut c_void, name: *const c_char) -> c_int;
    fn ps_lookup_word(ps: *mut c_void, word: *const c_char) -> *mut c_char;
    fn ps_add_word(ps: *mut c_void, word: *const c_char, phones: *const c_char, update: c_int) -> c_int;
    fn ps_get_fe(ps: *mut c_void) -> *mut c_void;
    fn ps_get_logmath(ps: *mut c_void) -> *mut c_void;
    fn ps_start_utt(ps: *mut c_void) -> c_int;
    fn ps_process_cep(ps: *mut c_void, frames: *mut *mut f32, count: c_int, no_search: c_int, full: c_int) -> c_int;
    fn ps_end_utt(ps: *mut c_void) -> c_int;
    fn ps_seg_iter(ps: *mut c_void) -> *mut c_void;
    fn ps_seg_next(seg: *mut c_void) -> *mut c_void;
    fn ps_seg_word(seg: *mut c_void) -> *const c_char;
    fn ps_seg_frames(seg: *mut c_void, start: *mut c_int, end: *mut c_int);
    fn ps_seg_prob(seg: *mut c_void, acoustic: *mut i32, language: *mut i32, back: *mut i32) -> i32;
    fn ps_nbest(ps: *mut c_void) -> *mut c_void;
    fn ps_nbest_next(list: *mut c_void) -> *mut c_void;
    fn ps_nbest_hyp(list: *mut c_void, score: *mut i32) -> *const c_char;
    fn ps_nbest_free(list: *mut c_void);
    fn fe_start_stream(fe: *mut c_void);
    fn fe_start_utt(fe: *mut c_void) -> c_int;
    fn fe_get_output_size(fe: *mut c_void) -> c_int;
    fn fe_process_utt(
        fe: *mut c_void,
        samples: *const i16,
        count: usize,
        out: *mut *mut *mut f32,
        frames: *mut i32,
    ) -> c_int;
    fn fe_free_2d(block: *mut c_void);
    fn ckd_free(block: *mut c_void);
    fn logmath_exp(lmath: *mut c_void, value: c_int) -> c_double;
}

/// One stretch of the best path: a word, a pause or a noise.
pub(super) struct Segment {
    /// The word as the dictionary writes it, alternates "(2)" included.
    pub(super) word: String,
    /// First and last frame, 10 ms each.
    pub(super) frames: (i32, i32),
    /// Posterior in the word lattice, 0 to 1; 1 where the search made no lattice.
    pub(super) posterior: f32,
}

/// The library refused. Its reason goes to its log, which is off.
#[derive(Debug)]
pub(super) struct Refused;

/// One decoder of the library. `Send`, since it holds no thread-bound state, and not `Sync`.
pub(super) struct Decoder(NonNull<c_void>);

// SAFETY: the decoder is a heap object without thread-local parts; it is used through `&mut self` or, where the library
// only reads, by its one owner. It is not `Sync`.
unsafe impl Send for Decoder {}

impl Drop for Decoder {
    fn drop(&mut self) {
        // SAFETY: the pointer came from `ps_init`, is not null and is freed only here.
        unsafe { ps_free(self.0.as_ptr()) };
    }
}

impl Decoder {
    /// Makes a decoder from options as its command line names them ("-hmm", a folder).
    pub(super) fn new(options: &[(&str, &str)]) -> Result<Self, Refused> {
        let words = std::iter::once("anteroom").chain(options.iter().flat_map(|(name, value)| [*name, *value]));
        let words: Vec<CString> = words.map(text).collect::<Result<_, _>>()?;
        let mut pointers: Vec<*mut c_char> = words.iter().map(|word| word.as_ptr().cast_mut()).collect();
        let count = i32::try_from(pointers.len()).map_err(|_| Refused)?;
        // SAFETY: the library copies the strings that it parses and does not write to them; `pointers` and `words` live
        // to the end of this function. A null log stream is the documented way to switch the log off. The options
        // object is reference-counted: `ps_init` takes its own count and ours is given back.
        unsafe {
            err_set_logfp(ptr::null_mut());
            let parsed = cmd_ln_parse_r(ptr::null_mut(), ps_args(), count, pointers.as_mut_ptr(), 1);
            if parsed.is_null() {
                return Err(Refused);
            }
            let decoder = ps_init(parsed);
            cmd_ln_free_r(parsed);
            let decoder = Self(NonNull::new(decoder).ok_or(Refused)?);
            // Frames are copied as 13 numbers below: a model with another count must be refused here.
            let size = fe_get_output_size(ps_get_fe(decoder.0.as_ptr()));
            if usize::try_from(size) == Ok(CEPSTRA) { Ok(decoder) } else { Err(Refused) }
        }
    }

    /// Loads a language model (ARPA or binary) as the search `name`.
    pub(super) fn load_language_model(&mut self, name: &CStr, path: &str) -> Result<(), Refused> {
        let path = text(path)?;
        // SAFETY: both strings are valid and copied by the library.
        done(unsafe { ps_set_lm_file(self.0.as_ptr(), name.as_ptr(), path.as_ptr()) })
    }

    /// Compiles a JSGF grammar as the search `name`. Every word in it must be in the dictionary.
    pub(super) fn load_grammar(&mut self, name: &CStr, jsgf: &str) -> Result<(), Refused> {
        let jsgf = text(jsgf)?;
        // SAFETY: both strings are valid; the library parses its own copy.
        done(unsafe { ps_set_jsgf_string(self.0.as_ptr(), name.as_ptr(), jsgf.as_ptr()) })
    }

    /// Makes `name` the search of the next utterance.
    pub(super) fn select(&mut self, name: &CStr) -> Result<(), Refused> {
        // SAFETY: the name is a valid string; an unknown one is refused.
        done(unsafe { ps_set_search(self.0.as_ptr(), name.as_ptr()) })
    }

    /// Whether the dictionary has the word.
    pub(super) fn knows(&self, word: &str) -> bool {
        let Ok(word) = text(word) else { return false };
        // SAFETY: the word is a valid string; the answer, if not null, is a string that is ours to free.
        unsafe {
            let phones = ps_lookup_word(self.0.as_ptr(), word.as_ptr());
            ckd_free(phones.cast());
            !phones.is_null()
        }
    }

    /// Adds a word with its phones, blanks between them, to the dictionary. Only searches loaded later know it.
    pub(super) fn add_word(&mut self, word: &str, phones: &str) -> Result<(), Refused> {
        let (word, phones) = (text(word)?, text(phones)?);
        // SAFETY: both strings are valid and copied by the library.
        done(unsafe { ps_add_word(self.0.as_ptr(), word.as_ptr(), phones.as_ptr(), 0) })
    }

    /// Turns 16 kHz samples into cepstra, 100 frames a second.
    pub(super) fn cepstra(&mut self, samples: &[i16]) -> Result<Vec<Frame>, Refused> {
        let mut block: *mut *mut f32 = ptr::null_mut();
        let mut count: i32 = 0;
        // SAFETY: the front end belongs to the decoder, which outlives the call. The library allocates `block` as
        // `count` rows of `fe_get_output_size` numbers, which `new` found to be `CEPSTRA`; it is freed once, here.
        unsafe {
            let fe = ps_get_fe(self.0.as_ptr());
            fe_start_stream(fe);
            fe_start_utt(fe);
            let status = fe_process_utt(fe, samples.as_ptr(), samples.len(), &raw mut block, &raw mut count);
            if status < 0 || block.is_null() {
                return Err(Refused);
            }
            let rows = usize::try_from(count).unwrap_or(0);
            let frames = (0..rows).map(|row| *(*block.add(row)).cast::<Frame>()).collect();
            fe_free_2d(block.cast());
            Ok(frames)
        }
    }

    /// Opens an utterance.
    pub(super) fn begin(&mut self) -> Result<(), Refused> {
        // SAFETY: a plain call on a live decoder.
        done(unsafe { ps_start_utt(self.0.as_ptr()) })
    }

    /// Searches on through some more frames, which the library may change.
    pub(super) fn push(&mut self, frames: &mut [Frame]) -> Result<(), Refused> {
        let count = c_int::try_from(frames.len()).map_err(|_| Refused)?;
        let mut rows: Vec<*mut f32> = frames.iter_mut().map(|frame| frame.as_mut_slice().as_mut_ptr()).collect();
        // SAFETY: `rows` holds `count` pointers to `CEPSTRA` numbers each, alive and unshared for the call.
        let status = unsafe { ps_process_cep(self.0.as_ptr(), rows.as_mut_ptr(), count, 0, 0) };
        if status < 0 { Err(Refused) } else { Ok(()) }
    }

    /// Closes the utterance: the last passes of the search run now.
    pub(super) fn end(&mut self) -> Result<(), Refused> {
        // SAFETY: a plain call on a live decoder.
        done(unsafe { ps_end_utt(self.0.as_ptr()) })
    }

    /// The best path, in time; empty where nothing fits.
    pub(super) fn best_path(&mut self) -> Vec<Segment> {
        let mut segments = Vec::new();
        // SAFETY: the iterator belongs to the decoder, is advanced to its end (where the library frees it and returns
        // null) and not used afterwards; its word is a string of the dictionary, copied at once.
        unsafe {
            let logmath = ps_get_logmath(self.0.as_ptr());
            let mut seg = ps_seg_iter(self.0.as_ptr());
            while !seg.is_null() {
                let (mut start, mut end, mut acoustic, mut language, mut back) = (0, 0, 0, 0, 0);
                ps_seg_frames(seg, &raw mut start, &raw mut end);
                let posterior = ps_seg_prob(seg, &raw mut acoustic, &raw mut language, &raw mut back);
                let word = ps_seg_word(seg);
                if !word.is_null() {
                    let word = CStr::from_ptr(word).to_string_lossy().into_owned();
                    let posterior = probability(logmath_exp(logmath, posterior));
                    segments.push(Segment { word, frames: (start, end), posterior });
                }
                seg = ps_seg_next(seg);
            }
        }
        segments
    }

    /// The words of the likeliest paths, the best first, as one text each; none where the search made no lattice. Paths that
    /// differ by pauses alone come more than once.
    pub(super) fn likely_paths(&mut self, most: usize) -> Vec<String> {
        let mut paths = Vec::new();
        // SAFETY: the list belongs to us until it is freed, which the library does where it ends (and returns null) and we
        // do where we stop before; a hypothesis is a string of the list, copied at once.
        unsafe {
            let mut list = ps_nbest(self.0.as_ptr());
            while !list.is_null() {
                let mut score = 0;
                let words = ps_nbest_hyp(list, &raw mut score);
                if !words.is_null() {
                    paths.push(CStr::from_ptr(words).to_string_lossy().into_owned());
                }
                if paths.len() == most {
                    ps_nbest_free(list);
                    break;
                }
                list = ps_nbest_next(list);
            }
        }
        paths
    }
}

fn text(text: &str) -> Result<CString, Refused> {
    CString::new(text).map_err(|_| Refused)
}

fn done(status: c_int) -> Result<(), Refused> {
    if status < 0 { Err(Refused) } else { Ok(()) }
}

#[expect(clippy::cast_possible_truncation, reason = "a probability needs no more digits than f32 has")]
fn probability(value: f64) -> f32 {
    value.clamp(0.0, 1.0) as f32
}
