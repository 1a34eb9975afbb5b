//! A real file system of its own, from a file: to be cut off from its power, filled up, or made read-only.
//!
//! In:  a size. Out: a mounted folder, unmounted when dropped. Needs root and loop devices; says why where it cannot.
//! Touches no other file system than the one it made.
#![expect(unsafe_code, reason = "ext4 is shut down by an ioctl that has no safe wrapper")]

use std::fs::File;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::process::Command;

/// `EXT4_IOC_SHUTDOWN`, `_IOR('X', 125, __u32)`: as a power cut, nothing is written from then on.
const EXT4_IOC_SHUTDOWN: libc::Ioctl = 0x8004_587D;
/// `EXT4_GOING_FLAGS_NOLOGFLUSH`: the journal is not written either.
const NOLOGFLUSH: u32 = 2;

/// An ext4 in a file.
pub(super) struct LoopDisk {
    folder: tempfile::TempDir,
    mounted: bool,
}

impl LoopDisk {
    /// Makes and mounts one.
    ///
    /// # Errors
    /// Why it cannot be done here.
    pub(super) fn make(megabytes: u64) -> Result<Self, String> {
        if !nix::unistd::getuid().is_root() {
            return Err("not root".to_owned());
        }
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let image = File::create(folder.path().join("image")).map_err(|error| error.to_string())?;
        image.set_len(megabytes << 20).map_err(|error| error.to_string())?;
        std::fs::create_dir(folder.path().join("mount")).map_err(|error| error.to_string())?;
        let mut disk = Self { folder, mounted: false };
        run("mkfs.ext4", &["-q".as_ref(), "-F".as_ref(), &disk.image()])?;
        disk.mount()?;
        Ok(disk)
    }

    /// Where it is mounted.
    pub(super) fn path(&self) -> PathBuf {
        self.folder.path().join("mount")
    }

    fn image(&self) -> PathBuf {
        self.folder.path().join("image")
    }

    pub(super) fn mount(&mut self) -> Result<(), String> {
        run("mount", &["-o".as_ref(), "loop".as_ref(), &self.image(), &self.path()])?;
        self.mounted = true;
        Ok(())
    }

    pub(super) fn unmount(&mut self) -> Result<(), String> {
        self.mounted = false;
        run("umount", &[&self.path()])
    }

    pub(super) fn make_read_only(&self) -> Result<(), String> {
        run("mount", &["-o".as_ref(), "remount,ro".as_ref(), &self.path()])
    }

    /// Cuts the power: what was not on the disk will never be.
    pub(super) fn cut(&self) {
        let root = File::open(self.path()).unwrap();
        let flag = NOLOGFLUSH;
        // SAFETY: the descriptor is open, the request reads one u32 from the pointer, which is valid for the call.
        let done = unsafe { libc::ioctl(root.as_raw_fd(), EXT4_IOC_SHUTDOWN, &raw const flag) };
        assert_eq!(done, 0, "{}", std::io::Error::last_os_error());
    }
}

impl Drop for LoopDisk {
    fn drop(&mut self) {
        if self.mounted {
            let _ = self.unmount();
        }
    }
}

fn run(program: &str, arguments: &[&Path]) -> Result<(), String> {
    let output = Command::new(program).args(arguments).output().map_err(|error| format!("{program}: {error}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    if output.status.success() { Ok(()) } else { Err(format!("{program}: {}", said.trim())) }
}
