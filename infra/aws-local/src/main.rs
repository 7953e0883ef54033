//! The endpoints as a program of their own: `switchyard-aws-local STATE-DIRECTORY [ADDRESS]`.

use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use jiff::Timestamp;
use switchyard_aws_local::{Config, Durability, Endpoints};

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let state = arguments
        .next()
        .context("usage: switchyard-aws-local STATE-DIRECTORY [ADDRESS]")?;
    let listen = arguments
        .next()
        .unwrap_or_else(|| "127.0.0.1:4566".to_owned());
    let config = Config {
        listen: listen
            .parse()
            .context("the address is an IP address and a port")?,
        state: PathBuf::from(state),
        #[expect(
            clippy::disallowed_methods,
            reason = "main is where the machine's clock is read"
        )]
        clock: Arc::new(Timestamp::now),
        durability: Durability::Disk,
    };
    let endpoints = Endpoints::start(config).await?;
    writeln!(std::io::stdout(), "{}", endpoints.url())?;
    tokio::signal::ctrl_c().await?;
    endpoints.shutdown().await;
    Ok(())
}
