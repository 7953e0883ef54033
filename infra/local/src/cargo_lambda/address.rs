//! Where functions under `cargo lambda watch` are invoked. Whoever reaches that address invokes them unasked, and a page in a
//! browser reaches every address of this machine that it can name, so it is one that nobody guesses.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use anyhow::{Context, Result};
use domain::Random;
use tokio::net::TcpListener;

/// What it is called among the settings of the functions.
pub(crate) const INVOKE_ADDRESS: &str = "INVOKE_ADDRESS";

/// An address of this machine that nobody else uses now: on Linux one of 127.0.0.0/8, elsewhere a port of 127.0.0.1, which is the
/// only one there.
pub(crate) async fn free_address(random: &dyn Random) -> Result<SocketAddr> {
    let host = if cfg!(target_os = "linux") {
        let [second, third, last] = drawn(random);
        // Neither the network's own address nor its broadcast.
        Ipv4Addr::new(127, second, third, last.clamp(2, 254))
    } else {
        Ipv4Addr::LOCALHOST
    };
    let listener = TcpListener::bind((IpAddr::V4(host), 0)).await;
    let listener = listener.with_context(|| format!("a port of {host}"))?;
    Ok(listener.local_addr()?)
}

fn drawn(random: &dyn Random) -> [u8; 3] {
    let mut bytes = [0; 3];
    random.fill(&mut bytes);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::SeededRandom;

    #[tokio::test]
    async fn the_address_is_drawn_and_of_this_machine_alone() {
        let mut hosts = Vec::new();
        for seed in 0..8 {
            let address = free_address(&SeededRandom::new(seed)).await.unwrap();
            assert!(
                address.ip().is_loopback() && address.port() != 0,
                "{address}"
            );
            hosts.push(address.ip());
        }
        hosts.sort();
        hosts.dedup();
        let drawn = if cfg!(target_os = "linux") { 8 } else { 1 };
        assert_eq!(hosts.len(), drawn, "{hosts:?}");
    }
}
