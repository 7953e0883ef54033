//! The program: `switchyard-local up`, `switchyard-local demo`.

use std::process::ExitCode;

fn main() -> ExitCode {
    local::cli::main()
}
