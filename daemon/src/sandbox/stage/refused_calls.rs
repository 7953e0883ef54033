//! System calls that no job needs and that would outlive it or reach beyond it.

use std::{collections::BTreeMap, env::consts::ARCH, io};

use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, TargetArch, apply_filter};

use super::{At as _, StepError};

/// Keyrings and message queues belong to a user and not to a process, so they would stay; the others are doors into
/// the system that containers close as well.
const REFUSED: [i64; 14] = [
    libc::SYS_add_key,
    libc::SYS_keyctl,
    libc::SYS_request_key,
    libc::SYS_mq_open,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_open_by_handle_at,
    libc::SYS_name_to_handle_at,
    libc::SYS_kexec_load,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_io_uring_setup,
];

/// Has the system refuse these calls from now on.
pub(super) fn refuse() -> Result<(), StepError> {
    let filter = filter().map_err(io::Error::other).at("write the filter")?;
    apply_filter(&filter)
        .map_err(|_| io::Error::last_os_error())
        .at("set the filter")
}

fn filter() -> Result<BpfProgram, seccompiler::BackendError> {
    let rules: BTreeMap<i64, _> = REFUSED.iter().map(|call| (*call, Vec::new())).collect();
    let refused = SeccompAction::Errno(libc::EPERM.cast_unsigned());
    SeccompFilter::new(
        rules,
        SeccompAction::Allow,
        refused,
        TargetArch::try_from(ARCH)?,
    )?
    .try_into()
}
