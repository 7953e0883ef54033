//! The way from a job to the internet where its network is its own: a proxy that lets through what the operator allows.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    str::FromStr,
    sync::Arc,
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional},
    net::{TcpStream, lookup_host},
    task::JoinHandle,
    time::timeout,
};

use crate::connections::{Connections, HEAD_PATIENCE};

/// The longest head of a request, in bytes.
const HEAD_LIMIT: usize = 16 * 1024;
/// How long a name or a connection may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// The ports of the web, and no others.
const PORTS: [u16; 2] = [80, 443];

/// What a job may reach beside its model's address. Addresses that are not public are never reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hosts {
    /// Every public address.
    Public,
    /// None.
    Nothing,
    /// These names; one that begins with a dot stands for all below it.
    Only(Vec<String>),
}

impl FromStr for Hosts {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text.trim() {
            "public" => return Ok(Self::Public),
            "none" => return Ok(Self::Nothing),
            _ => {}
        }
        let names: Vec<String> = text
            .split(',')
            .map(|name| name.trim().to_ascii_lowercase())
            .collect();
        let is_name = |name: &String| {
            let plain = |letter: char| letter.is_ascii_alphanumeric() || "-.".contains(letter);
            !name.is_empty() && name.chars().all(plain)
        };
        names
            .iter()
            .all(is_name)
            .then_some(Self::Only(names))
            .ok_or(())
    }
}

impl Hosts {
    fn allow(&self, host: &str) -> bool {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        match self {
            Self::Public => true,
            Self::Nothing => false,
            Self::Only(names) => names.iter().any(|name| {
                let below = name.starts_with('.') && host.ends_with(name.as_str());
                below || host == *name
            }),
        }
    }
}

/// The proxy of one job. It ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Outside {
    port: u16,
    serving: JoinHandle<()>,
}

impl Outside {
    /// Serves a proxy to `hosts` on the daemon's loopback.
    pub(crate) fn serve(hosts: &Hosts) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        let connections = Connections::to(listener)?;
        let hosts = Arc::new(hosts.clone());
        let serving = tokio::spawn(async move {
            loop {
                let (job, place) = connections.next().await;
                let hosts = hosts.clone();
                tokio::spawn(async move {
                    // A connection that breaks off is the job's affair.
                    let _ended = answer(job, &hosts).await;
                    drop(place);
                });
            }
        });
        Ok(Self { port, serving })
    }

    /// Where it listens.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for Outside {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// What a job asks of the proxy.
#[derive(Debug, PartialEq, Eq)]
struct Wanted {
    host: String,
    port: u16,
    /// What the host is sent first.
    first: Vec<u8>,
    /// Whether the job waits to hear that the way is open.
    tunnel: Tunnel,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tunnel {
    Yes,
    No,
}

async fn answer(mut job: TcpStream, hosts: &Hosts) -> io::Result<()> {
    let head = timeout(HEAD_PATIENCE, head(&mut job)).await??;
    let Some(wanted) = wanted(&head) else {
        return refuse(&mut job, "400 Bad Request", "this is no request to a proxy").await;
    };
    if !hosts.allow(&wanted.host) || !PORTS.contains(&wanted.port) {
        tracing::info!("a job may not reach a host that it asked for");
        return refuse(
            &mut job,
            "403 Forbidden",
            "the operator does not allow this host",
        )
        .await;
    }
    let Some(mut host) = connect(&wanted.host, wanted.port).await else {
        return refuse(
            &mut job,
            "502 Bad Gateway",
            "this host has no public address that answers",
        )
        .await;
    };
    if wanted.tunnel == Tunnel::Yes {
        job.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")
            .await?;
    }
    host.write_all(&wanted.first).await?;
    copy_bidirectional(&mut job, &mut host).await.map(drop)
}

async fn refuse(job: &mut TcpStream, status: &str, reason: &str) -> io::Result<()> {
    let length = reason.len();
    let answer = format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/plain\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{reason}"
    );
    job.write_all(answer.as_bytes()).await
}

// The head of a request and what came with it.
async fn head(job: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        if head.len() > HEAD_LIMIT || job.read_buf(&mut head).await? == 0 {
            return Err(io::ErrorKind::InvalidData.into());
        }
    }
    Ok(head)
}

/// The address is looked up once and checked, and just this one is connected to.
async fn connect(host: &str, port: u16) -> Option<TcpStream> {
    let found = timeout(PATIENCE, lookup_host((host, port)))
        .await
        .ok()?
        .ok()?;
    let public = |address: &SocketAddr| egress::is_public(address.ip());
    for address in found.filter(public) {
        if let Ok(Ok(stream)) = timeout(PATIENCE, TcpStream::connect(address)).await {
            return Some(stream);
        }
    }
    None
}

fn wanted(head: &[u8]) -> Option<Wanted> {
    let end = head.windows(4).position(|end| end == b"\r\n\r\n")? + 4;
    let (text, body) = (std::str::from_utf8(&head[..end]).ok()?, &head[end..]);
    let (line, fields) = text.split_once("\r\n")?;
    let mut words = line.split(' ');
    let (method, target, version) = (words.next()?, words.next()?, words.next()?);
    if method == "CONNECT" {
        let (host, port) = target.rsplit_once(':')?;
        let host = host.trim_start_matches('[').trim_end_matches(']');
        return Some(Wanted {
            host: host.to_owned(),
            port: port.parse().ok()?,
            first: body.to_vec(),
            tunnel: Tunnel::Yes,
        });
    }
    let address: url::Url = target.parse().ok()?;
    if address.scheme() != "http" {
        return None;
    }
    let path = &address[url::Position::BeforePath..url::Position::AfterQuery];
    // The next request of this connection could be to another host, so there is none.
    let kept = fields.split("\r\n").filter(|field| {
        let name = field
            .split(':')
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase();
        !name.is_empty() && name != "connection" && !name.starts_with("proxy-")
    });
    let kept: Vec<&str> = kept.collect();
    let mut first = format!(
        "{method} {path} {version}\r\n{}\r\nConnection: close\r\n\r\n",
        kept.join("\r\n")
    );
    if kept.is_empty() {
        first = format!("{method} {path} {version}\r\nConnection: close\r\n\r\n");
    }
    let mut first = first.into_bytes();
    first.extend_from_slice(body);
    Some(Wanted {
        host: address
            .host_str()?
            .trim_start_matches('[')
            .trim_end_matches(']')
            .to_owned(),
        port: address.port_or_known_default()?,
        first,
        tunnel: Tunnel::No,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_named_hosts_are_allowed() {
        let hosts: Hosts = "registry.example.org, .example.com".parse().unwrap();
        for allowed in [
            "registry.example.org",
            "Registry.example.org.",
            "a.b.example.com",
        ] {
            assert!(hosts.allow(allowed), "{allowed}");
        }
        for refused in [
            "example.com",
            "example.org",
            "evilexample.com",
            "registry.example.org.evil.net",
        ] {
            assert!(!hosts.allow(refused), "{refused}");
        }
        assert_eq!("public".parse(), Ok(Hosts::Public));
        assert!(!"none".parse::<Hosts>().unwrap().allow("example.com"));
        assert!("a b".parse::<Hosts>().is_err() && ",".parse::<Hosts>().is_err());
    }

    #[test]
    fn both_forms_of_a_request_are_understood() {
        let tunnel = wanted(b"CONNECT example.com:443 HTTP/1.1\r\nhost: x\r\n\r\nhello").unwrap();
        assert_eq!((tunnel.host.as_str(), tunnel.port), ("example.com", 443));
        assert_eq!(
            (tunnel.first.as_slice(), tunnel.tunnel),
            (b"hello".as_slice(), Tunnel::Yes)
        );
        let plain = wanted(
            b"GET http://example.com/a?b HTTP/1.1\r\nHost: example.com\r\nConnection: keep-alive\r\nProxy-Authorization: x\r\n\r\n",
        )
        .unwrap();
        assert_eq!(
            String::from_utf8(plain.first).unwrap(),
            "GET /a?b HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n"
        );
        for nonsense in [
            "GET /a HTTP/1.1\r\n\r\n",
            "GET file:///etc HTTP/1.1\r\n\r\n",
            "x\r\n\r\n",
        ] {
            assert_eq!(wanted(nonsense.as_bytes()), None, "{nonsense}");
        }
    }

    #[tokio::test]
    async fn addresses_that_are_not_public_are_never_reached() {
        let secret = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        assert!(
            connect("127.0.0.1", secret.local_addr().unwrap().port())
                .await
                .is_none()
        );
        assert!(
            connect("localhost", secret.local_addr().unwrap().port())
                .await
                .is_none()
        );
        let outside = Outside::serve(&Hosts::Public).unwrap();
        let ask = async |text: &str| {
            let mut job = TcpStream::connect((Ipv4Addr::LOCALHOST, outside.port()))
                .await
                .unwrap();
            job.write_all(text.as_bytes()).await.unwrap();
            let mut answer = String::new();
            job.read_to_string(&mut answer).await.unwrap();
            answer
        };
        assert!(
            ask("CONNECT 169.254.169.254:80 HTTP/1.1\r\n\r\n")
                .await
                .contains(" 502 ")
        );
        assert!(
            ask("CONNECT 127.0.0.1:22 HTTP/1.1\r\n\r\n")
                .await
                .contains(" 403 ")
        );
        assert!(ask("nonsense\r\n\r\n").await.contains(" 400 "));
    }
}
