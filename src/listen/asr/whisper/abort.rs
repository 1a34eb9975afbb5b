//! Calling a recognition off from another thread.
//!
//! The engine asks a C function between encoder and decoder steps whether to go on. The crate's own safe way to set it
//! is unsound in 0.16 (it boxes the closure twice and casts the pointer to the closure's type), so this is the raw pair.
#![expect(unsafe_code, reason = "the engine takes its abort callback as a C function and a pointer")]

use std::ffi::c_void;
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};

use whisper_rs::FullParams;

/// Makes the engine stop soon after `call_off` is set. `params` cannot outlive the flag.
pub(super) fn watch<'flag>(params: &mut FullParams<'flag, '_>, call_off: &'flag AtomicBool) {
    let flag: *const AtomicBool = ptr::from_ref(call_off);
    // SAFETY: `is_set` casts the user data back to `*const AtomicBool`, which is what is set here. The flag lives for
    // `'flag`, as `params` does at most, and the engine keeps neither beyond `full`, which takes `params` by value.
    unsafe {
        params.set_abort_callback(Some(is_set));
        params.set_abort_callback_user_data(flag.cast_mut().cast());
    }
}

/// Whether the flag that `data` points to is set. A null pointer means there is none.
unsafe extern "C" fn is_set(data: *mut c_void) -> bool {
    // SAFETY: `watch` alone hands this function to the engine, with a pointer to an `AtomicBool` that lives as long as
    // the call; an atomic may be read through a shared reference while other threads write it.
    let flag = unsafe { data.cast_const().cast::<AtomicBool>().as_ref() };
    flag.is_some_and(|flag| flag.load(Ordering::Relaxed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_callback_reads_the_flag_and_takes_null_for_no() {
        let flag = AtomicBool::new(false);
        let data: *mut c_void = ptr::from_ref(&flag).cast_mut().cast();
        // SAFETY: `data` points to `flag`, which outlives the calls; null is allowed.
        unsafe {
            assert!(!is_set(ptr::null_mut()));
            assert!(!is_set(data));
            flag.store(true, Ordering::Relaxed);
            assert!(is_set(data));
        }
    }
}
