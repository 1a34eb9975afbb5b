//! The system call filter: everything is allowed but what leads out.

use std::collections::BTreeMap;
use std::env::consts::ARCH;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    TargetArch, apply_filter_all_threads,
};

use super::{Sandbox, SandboxError};

/// Refused to every process of the box.
const NEVER: &[libc::c_long] = &[
    // Makes and connects sockets without the calls that the filter sees.
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    // Enter another namespace, or build one with new powers.
    libc::SYS_setns,
    libc::SYS_unshare,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_open_tree,
    libc::SYS_move_mount,
    libc::SYS_fsopen,
    // Read another process, write it, or take its sockets.
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_pidfd_getfd,
    // Change the kernel.
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_kexec_load,
];

/// Refused to a sealed process: both can receive a socket that another process opened.
const NEVER_SEALED: &[libc::c_long] = &[libc::SYS_recvmsg, libc::SYS_recvmmsg];

/// Builds and installs the filter. A refused call returns "operation not permitted", which every library survives.
pub(super) fn install(kind: Sandbox) -> Result<(), SandboxError> {
    let program = build(kind).map_err(SandboxError::Build)?;
    // Also sets "no new privileges", so that no setuid child climbs out.
    apply_filter_all_threads(&program).map_err(SandboxError::Refused)
}

fn build(kind: Sandbox) -> Result<BpfProgram, seccompiler::BackendError> {
    let mut refused: BTreeMap<i64, Vec<SeccompRule>> = NEVER.iter().map(|&call| (call, Vec::new())).collect();
    let families: &[libc::c_int] = match kind {
        Sandbox::Sealed => &[libc::AF_UNIX],
        Sandbox::Door => &[libc::AF_UNIX, libc::AF_INET, libc::AF_INET6],
    };
    if kind == Sandbox::Sealed {
        refused.extend(NEVER_SEALED.iter().map(|&call| (call, Vec::new())));
    }
    for call in [libc::SYS_socket, libc::SYS_socketpair] {
        refused.insert(call, vec![other_family(families)?]);
    }
    let filter = SeccompFilter::new(
        refused,
        SeccompAction::Allow,
        SeccompAction::Errno(libc::EPERM.unsigned_abs()),
        TargetArch::try_from(ARCH)?,
    )?;
    let program: BpfProgram = filter.try_into()?;
    Ok(without_other_numbers(program))
}

/// Matches a call whose first argument, the address family, is none of these.
fn other_family(families: &[libc::c_int]) -> Result<SeccompRule, seccompiler::BackendError> {
    let differs = |&family: &libc::c_int| {
        let family = u64::from(family.unsigned_abs());
        SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Ne, family)
    };
    SeccompRule::new(families.iter().map(differs).collect::<Result<_, _>>()?)
}

/// On x86-64 the kernel may know every call under a second number with bit 30 set (the x32 interface), which a list of
/// refused numbers would let pass. No part of the box uses it: such a call ends the process.
#[cfg(target_arch = "x86_64")]
fn without_other_numbers(program: BpfProgram) -> BpfProgram {
    use seccompiler::sock_filter;

    const X32: u32 = 0x4000_0000;
    // linux/bpf_common.h: load a word of the call's description; jump if not below; return.
    const LOAD: u16 = 0x20;
    const JUMP_IF_AT_LEAST: u16 = 0x35;
    const RETURN: u16 = 0x06;
    let statement = |code, k| sock_filter { code, jt: 0, jf: 0, k };
    let mut guarded = vec![
        // The call's number stands at offset 0.
        statement(LOAD, 0),
        sock_filter { code: JUMP_IF_AT_LEAST, jt: 0, jf: 1, k: X32 },
        statement(RETURN, libc::SECCOMP_RET_KILL_PROCESS),
    ];
    guarded.extend(program);
    guarded
}

#[cfg(not(target_arch = "x86_64"))]
fn without_other_numbers(program: BpfProgram) -> BpfProgram {
    program
}
