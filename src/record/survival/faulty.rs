//! A file system for SQLite that remembers what it was told and fails where it is told to.
//!
//! In:  the calls of one SQLite connection or more. Out: the same calls to the system's own file system, but for the one
//! that is to fail; and a log of every change, from which [`crate::record::survival::replay`] makes up what a disk may
//! look like after a power cut. Shared memory, locks and reads go through untouched. It promises SQLite nothing: no
//! atomic writes, and no sector whose other bytes outlive a torn write.
#![expect(unsafe_code, reason = "SQLite takes a file system as a table of C functions")]

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use rusqlite::ffi;

/// A change to a file, by the file's name in its folder.
#[derive(Clone, Debug)]
pub(super) enum Op {
    Write {
        file: String,
        at: usize,
        bytes: Vec<u8>,
    },
    Truncate {
        file: String,
        size: usize,
    },
    /// What was written before it is on the disk, unless it failed.
    Sync {
        file: String,
        failed: bool,
    },
    /// `synced` where the folder was written too.
    Delete {
        file: String,
        synced: bool,
    },
    /// Not SQLite's: the record was opened for the first time.
    Opened,
    /// Not SQLite's: so many events were acknowledged, so many were handed in.
    Acked {
        events: u64,
    },
}

/// How an operation fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// EIO: nothing is done.
    Io,
    /// ENOSPC: nothing is written.
    Full,
    /// ENOSPC after half of the bytes.
    Short,
    /// fsync fails, and what it should have written is never written (the kernel forgets that it had to).
    Sync,
}

/// Which operation fails, counted from 0, and whether every later one like it fails too.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    pub(super) at: usize,
    pub(super) fault: Fault,
    pub(super) stays: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doing {
    Write,
    Truncate,
    Sync,
    Delete,
}

impl Fault {
    /// Whether an operation of this kind can fail so.
    pub(super) fn befalls(self, doing: Doing) -> bool {
        match self {
            Self::Io => doing != Doing::Sync,
            Self::Full | Self::Short => doing == Doing::Write,
            Self::Sync => doing == Doing::Sync,
        }
    }
}

#[derive(Default)]
struct State {
    keeps: bool,
    log: Vec<Op>,
    done: Vec<Doing>,
    plan: Option<Plan>,
    failed: usize,
}

/// One such file system. Lives as long as the process: SQLite holds on to it.
pub(super) struct Disk {
    pub(super) name: &'static str,
    base: *mut ffi::sqlite3_vfs,
    state: Mutex<State>,
}

impl Disk {
    /// Registers a file system under a name of its own. With `keeps` it keeps the bytes that are written.
    pub(super) fn register(keeps: bool) -> &'static Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("anteroom-faulty-{}", COUNT.fetch_add(1, Ordering::Relaxed));
        let text: &'static CStr = Box::leak(CString::new(name.clone()).unwrap().into_boxed_c_str());
        // SAFETY: null asks for the default, which is never unregistered.
        let base = unsafe { ffi::sqlite3_vfs_find(std::ptr::null()) };
        assert!(!base.is_null());
        let state = Mutex::new(State { keeps, ..State::default() });
        let disk: &'static Self = Box::leak(Box::new(Self { name: Box::leak(name.into_boxed_str()), base, state }));
        // SAFETY: `base` is a valid table, seen above not to be null; it is copied.
        let mut vfs = unsafe { *base };
        vfs.szOsFile += c_int::try_from(INNER).unwrap();
        vfs.zName = text.as_ptr();
        vfs.pNext = std::ptr::null_mut();
        vfs.pAppData = std::ptr::from_ref(disk).cast_mut().cast();
        vfs.xOpen = Some(open);
        vfs.xDelete = Some(delete);
        // SAFETY: the table, its name and what pAppData points to are leaked, so they outlive every connection.
        let registered = unsafe { ffi::sqlite3_vfs_register(Box::leak(Box::new(vfs)), 0) };
        assert_eq!(registered, ffi::SQLITE_OK);
        disk
    }

    /// Forgets everything and takes a new plan.
    pub(super) fn reset(&self, plan: Option<Plan>) {
        let mut state = self.state.lock().unwrap();
        *state = State { keeps: state.keeps, plan, ..State::default() };
    }

    /// From here on nothing fails.
    pub(super) fn heal(&self) {
        self.state.lock().unwrap().plan = None;
    }

    /// How many operations failed.
    pub(super) fn failed(&self) -> usize {
        self.state.lock().unwrap().failed
    }

    /// What was asked for, in order, failed or not.
    pub(super) fn done(&self) -> Vec<Doing> {
        self.state.lock().unwrap().done.clone()
    }

    pub(super) fn note(&self, op: Op) {
        self.state.lock().unwrap().log.push(op);
    }

    pub(super) fn log(&self) -> Vec<Op> {
        self.state.lock().unwrap().log.clone()
    }

    /// Whether this operation is to fail, and how.
    fn fails(&self, doing: Doing) -> Option<Fault> {
        let mut state = self.state.lock().unwrap();
        let number = state.done.len();
        state.done.push(doing);
        let plan = state.plan?;
        let now = plan.at == number || plan.stays && number > plan.at;
        // A disk that fails for good fails everything; a full one takes no more bytes.
        let fails = now && (plan.fault.befalls(doing) || plan.fault == Fault::Io && plan.stays);
        state.failed += usize::from(fails);
        fails.then_some(plan.fault)
    }

    fn keep(&self, op: impl FnOnce() -> Op) {
        let mut state = self.state.lock().unwrap();
        if state.keeps {
            state.log.push(op());
        }
    }
}

/// What SQLite takes for a file: this, and behind it the file of the system's own file system.
#[repr(C)]
struct File {
    head: ffi::sqlite3_file,
    disk: *const Disk,
    name: *mut String,
}

/// Where the inner file begins.
const INNER: usize = size_of::<File>();

static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    // Without memory-mapped reads, as the record is.
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};

fn base_name(path: &CStr) -> String {
    Path::new(path.to_str().unwrap()).file_name().unwrap().to_str().unwrap().to_owned()
}

unsafe extern "C" fn open(
    vfs: *mut ffi::sqlite3_vfs,
    path: *const c_char,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    // SAFETY: SQLite hands in the table that was registered and szOsFile bytes for the file, aligned to 8; a path is a C
    // string or null.
    unsafe {
        let disk = (*vfs).pAppData.cast::<Disk>();
        let inner = inner(file);
        (*file).pMethods = std::ptr::null();
        let opened = ((*(*disk).base).xOpen.unwrap())((*disk).base, path, inner, flags, out);
        if opened == ffi::SQLITE_OK {
            let name = if path.is_null() { String::new() } else { base_name(CStr::from_ptr(path)) };
            let wrapped = file.cast::<File>();
            let head = ffi::sqlite3_file { pMethods: &raw const METHODS };
            wrapped.write(File { head, disk, name: Box::into_raw(Box::new(name)) });
        }
        opened
    }
}

unsafe extern "C" fn delete(vfs: *mut ffi::sqlite3_vfs, path: *const c_char, sync: c_int) -> c_int {
    // SAFETY: as in `open`; the path is never null here.
    unsafe {
        let disk = &*(*vfs).pAppData.cast::<Disk>();
        if disk.fails(Doing::Delete).is_some() {
            return ffi::SQLITE_IOERR_DELETE;
        }
        let deleted = ((*disk.base).xDelete.unwrap())(disk.base, path, sync);
        if deleted == ffi::SQLITE_OK {
            disk.keep(|| Op::Delete { file: base_name(CStr::from_ptr(path)), synced: sync != 0 });
        }
        deleted
    }
}

/// The system's own file behind `file`.
///
/// # Safety
/// `file` has szOsFile bytes.
unsafe fn inner(file: *mut ffi::sqlite3_file) -> *mut ffi::sqlite3_file {
    // SAFETY: szOsFile was made INNER bytes larger than the inner file.
    unsafe { file.byte_add(INNER) }
}

/// The file system and the name of a file that is open.
///
/// # Safety
/// `file` was opened by `open` and is not closed.
unsafe fn whose<'a>(file: *mut ffi::sqlite3_file) -> (&'a Disk, &'a String) {
    let wrapped = file.cast::<File>();
    // SAFETY: `open` wrote both; the disk is leaked, the name lives until `close`.
    unsafe { (&*(*wrapped).disk, &*(*wrapped).name) }
}

/// Calls the same method of the inner file.
macro_rules! inner_call {
    ($file:ident, $method:ident $(, $argument:expr)*) => {{
        let inner = inner($file);
        ((*(*inner).pMethods).$method.unwrap())(inner $(, $argument)*)
    }};
}

macro_rules! passes_through {
    ($($name:ident $method:ident ($($argument:ident: $type:ty),*);)*) => {$(
        unsafe extern "C" fn $name(file: *mut ffi::sqlite3_file $(, $argument: $type)*) -> c_int {
            // SAFETY: SQLite calls a method of a file that `open` opened, with the arguments that the method takes.
            unsafe { inner_call!(file, $method $(, $argument)*) }
        }
    )*};
}

passes_through! {
    read xRead(into: *mut c_void, bytes: c_int, at: i64);
    file_size xFileSize(size: *mut i64);
    lock xLock(level: c_int);
    unlock xUnlock(level: c_int);
    check_reserved_lock xCheckReservedLock(out: *mut c_int);
    file_control xFileControl(what: c_int, with: *mut c_void);
    shm_map xShmMap(page: c_int, size: c_int, extend: c_int, out: *mut *mut c_void);
    shm_lock xShmLock(offset: c_int, count: c_int, flags: c_int);
    shm_unmap xShmUnmap(delete: c_int);
}

unsafe extern "C" fn shm_barrier(file: *mut ffi::sqlite3_file) {
    // SAFETY: as for the methods that pass through.
    unsafe { inner_call!(file, xShmBarrier) }
}

unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    // SAFETY: the file is open, and is not used again: the name is taken back once.
    unsafe {
        drop(Box::from_raw((*file.cast::<File>()).name));
        inner_call!(file, xClose)
    }
}

unsafe extern "C" fn write(file: *mut ffi::sqlite3_file, from: *const c_void, bytes: c_int, at: i64) -> c_int {
    // SAFETY: the file is open, and `from` has `bytes` bytes; half of them are as many or fewer.
    unsafe {
        let (disk, name) = whose(file);
        let (length, failure) = match disk.fails(Doing::Write) {
            None => (bytes, ffi::SQLITE_OK),
            Some(Fault::Short) => (bytes / 2, ffi::SQLITE_FULL),
            Some(Fault::Full) => return ffi::SQLITE_FULL,
            Some(Fault::Io | Fault::Sync) => return ffi::SQLITE_IOERR_WRITE,
        };
        let written = inner_call!(file, xWrite, from, length, at);
        if written != ffi::SQLITE_OK {
            return written;
        }
        let length = usize::try_from(length).unwrap();
        disk.keep(|| Op::Write {
            file: name.clone(),
            at: usize::try_from(at).unwrap(),
            bytes: std::slice::from_raw_parts(from.cast::<u8>(), length).to_vec(),
        });
        failure
    }
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, size: i64) -> c_int {
    // SAFETY: the file is open.
    unsafe {
        let (disk, name) = whose(file);
        if disk.fails(Doing::Truncate).is_some() {
            return ffi::SQLITE_IOERR_TRUNCATE;
        }
        disk.keep(|| Op::Truncate { file: name.clone(), size: usize::try_from(size).unwrap() });
        inner_call!(file, xTruncate, size)
    }
}

unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, flags: c_int) -> c_int {
    // SAFETY: the file is open.
    unsafe {
        let (disk, name) = whose(file);
        let failed = disk.fails(Doing::Sync).is_some();
        disk.keep(|| Op::Sync { file: name.clone(), failed });
        if failed { ffi::SQLITE_IOERR_FSYNC } else { inner_call!(file, xSync, flags) }
    }
}

unsafe extern "C" fn sector_size(_: *mut ffi::sqlite3_file) -> c_int {
    512
}

unsafe extern "C" fn device_characteristics(_: *mut ffi::sqlite3_file) -> c_int {
    0
}
