//! Connections of a job to the daemon: so many at a time, since each takes descriptors that the daemon itself needs.

use std::{io, sync::Arc, time::Duration};

use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::sleep,
};

/// How many connections one listener has at a time. Further ones wait in the system, where they cost the daemon nothing.
const MOST: usize = 64;
/// How long the head of a request may take. A connection that asks nothing for so long ends.
pub(crate) const HEAD_PATIENCE: Duration = Duration::from_secs(10);
/// How long nothing is accepted after that failed.
const PAUSE: Duration = Duration::from_millis(200);

/// What a job connects to.
#[derive(Debug)]
pub(crate) struct Connections {
    listener: TcpListener,
    room: Arc<Semaphore>,
}

/// The room that one connection takes; there is room for another when this is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    _taken: Option<OwnedSemaphorePermit>,
}

impl Connections {
    /// Those that come to `listener`.
    pub(crate) fn to(listener: std::net::TcpListener) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        Ok(Self {
            listener: TcpListener::from_std(listener)?,
            room: Arc::new(Semaphore::new(MOST)),
        })
    }

    /// Waits for the next one, and first for room. A failure to accept ends nothing: it may be one of many reasons, and
    /// most go by.
    pub(crate) async fn next(&self) -> (TcpStream, Place) {
        // The room is never closed.
        let taken = self.room.clone().acquire_owned().await.ok();
        loop {
            match self.listener.accept().await {
                Ok((connection, _)) => {
                    // Events are small, and each must leave when it comes.
                    let _slower = connection.set_nodelay(true);
                    return (connection, Place { _taken: taken });
                }
                Err(error) => {
                    tracing::warn!(%error, "a job's connection cannot be accepted");
                    sleep(PAUSE).await;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, TcpListener};

    use futures_util::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn further_connections_wait_until_there_is_room() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Connections::to(listener).unwrap();
        let mut held = Vec::new();
        for _ in 0..MOST {
            let asking = TcpStream::connect(address).await.unwrap();
            held.push((asking, connections.next().await));
        }
        let waiting = TcpStream::connect(address).await.unwrap();
        for _ in 0..100 {
            assert!(connections.next().now_or_never().is_none());
            tokio::task::yield_now().await;
        }
        held.pop();
        let (accepted, _place) = connections.next().await;
        assert_eq!(accepted.peer_addr().unwrap(), waiting.local_addr().unwrap());
    }
}
