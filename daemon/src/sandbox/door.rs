//! The ways out of a job's own network.

use std::net::{Ipv4Addr, TcpListener};

use tokio::{
    io::{AsyncWriteExt as _, copy},
    net::TcpStream,
    task::JoinHandle,
};

use crate::connections::Connections;

/// A listener inside a job's network, whose connections go on to a port of the daemon's loopback. It closes when this
/// is dropped.
#[derive(Debug)]
pub(super) struct Door(JoinHandle<()>);

impl Door {
    /// Opens the door to `port` at `listener`.
    pub(super) fn open(listener: TcpListener, port: u16) -> std::io::Result<Self> {
        let connections = Connections::to(listener)?;
        Ok(Self(tokio::spawn(async move {
            loop {
                let (inside, place) = connections.next().await;
                tokio::spawn(async move {
                    pass(inside, port).await;
                    drop(place);
                });
            }
        })))
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Passes on what both sides say, until the daemon's has said all: the job's could hold on for ever.
async fn pass(mut inside: TcpStream, port: u16) {
    let Ok(mut outside) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await else {
        return;
    };
    // Events are small, and each must leave when it comes.
    let _slower = outside.set_nodelay(true);
    let (mut from_job, mut to_job) = inside.split();
    let (mut from_daemon, mut to_daemon) = outside.split();
    let asking = async {
        let _asked = copy(&mut from_job, &mut to_daemon).await;
        let _told = to_daemon.shutdown().await;
        std::future::pending::<()>().await;
    };
    tokio::select! {
        _answered = copy(&mut from_daemon, &mut to_job) => {}
        () = asking => {}
    }
}
