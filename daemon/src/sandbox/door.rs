//! The ways out of a job's own network.

use std::net::{Ipv4Addr, TcpListener};

use tokio::{io::copy_bidirectional, net::TcpStream, task::JoinHandle};

/// A listener inside a job's network, whose connections go on to a port of the daemon's loopback. It closes when this
/// is dropped.
#[derive(Debug)]
pub(super) struct Door(JoinHandle<()>);

impl Door {
    /// Opens the door to `port` at `listener`.
    pub(super) fn open(listener: TcpListener, port: u16) -> std::io::Result<Self> {
        listener.set_nonblocking(true)?;
        let listener = tokio::net::TcpListener::from_std(listener)?;
        Ok(Self(tokio::spawn(async move {
            while let Ok((inside, _)) = listener.accept().await {
                tokio::spawn(pass(inside, port));
            }
        })))
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn pass(mut inside: TcpStream, port: u16) {
    if let Ok(mut outside) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await {
        // Events are small, and each must leave when it comes.
        let _slower = inside.set_nodelay(true);
        let _slower_too = outside.set_nodelay(true);
        let _either_ends = copy_bidirectional(&mut inside, &mut outside).await;
    }
}
