//! The one network interface of a new network namespace.

use rustix::{
    io::Errno,
    net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, recv, send, socket_with},
};

use super::{At as _, StepError};

/// A request to the system in its own form: set the flag UP of the interface with index 1 and acknowledge.
const UP: [u8; 32] = {
    let mut message = [0; 32];
    message[0] = 32;
    message[4] = 16; // RTM_NEWLINK
    message[6] = 5; // a request, to be acknowledged
    message[8] = 1;
    message[20] = 1; // the index
    message[24] = 1; // the flags
    message[28] = 1; // which flags change
    message
};

/// Brings the loopback interface up.
pub(super) fn up() -> Result<(), StepError> {
    let socket = socket_with(
        AddressFamily::NETLINK,
        SocketType::RAW,
        SocketFlags::CLOEXEC,
        None, // NETLINK_ROUTE is the first of its family
    )
    .at("speak with the network")?;
    let message = if cfg!(target_endian = "little") {
        UP
    } else {
        return Err(Errno::NOSYS).at("speak with the network");
    };
    send(&socket, &message, SendFlags::empty()).at("bring the loopback up")?;
    let mut answer = [0; 64];
    let (read, _) =
        recv(&socket, &mut answer[..], RecvFlags::empty()).at("hear of the loopback")?;
    let code = answer[..read]
        .get(16..20)
        .and_then(|code| code.try_into().ok());
    match code.map(i32::from_ne_bytes) {
        Some(0) => Ok(()),
        Some(code) => {
            Err(Errno::from_raw_os_error(code.saturating_neg())).at("bring the loopback up")
        }
        None => Err(Errno::PROTO).at("hear of the loopback"),
    }
}
