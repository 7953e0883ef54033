//! Writes the OpenAPI document, for `docs/openapi.json`.

use std::io::Write as _;

fn main() -> anyhow::Result<()> {
    let document = switchyard_public::document().to_pretty_json()?;
    Ok(writeln!(std::io::stdout().lock(), "{document}")?)
}
