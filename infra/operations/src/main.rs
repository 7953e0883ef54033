//! The program: `switchyard-operations github`, `check`, `ready`, `rotate-webhook-secret` and what else operates a stack.

use std::{io, process::ExitCode};

use clap::Parser as _;
use switchyard_operations::{Arguments, Cloud, Terminal, World};

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stderr, reason = "a command line speaks to its caller")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let cloud = Cloud::new(kit::Clients::from_vars(&settings::environment()).config());
    let (mut output, mut input) = (io::stdout(), io::stdin().lock());
    let mut world = World::real(cloud, Terminal::new(&mut output, &mut input));
    match switchyard_operations::run(arguments, &mut world).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("switchyard-operations: {error:#}");
            ExitCode::FAILURE
        }
    }
}
