//! Compiles the definitions of `definitions/` into one document. One that makes no sense does not compile.
#![expect(
    clippy::disallowed_methods,
    reason = "it is how cargo speaks to a build script"
)]

#[path = "src/source.rs"]
mod source;

use std::{env, error::Error, fs, path::Path};

use source::{DefinitionSource, SourceError};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../definitions");
    println!("cargo:rerun-if-changed={}", folder.display());
    let mut paths: Vec<_> = fs::read_dir(&folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    paths.retain(|path| path.extension().is_some_and(|end| end == "yaml"));
    paths.sort();
    let mut sources = Vec::new();
    for path in paths {
        println!("cargo:rerun-if-changed={}", path.display());
        let source = read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        sources.push(source);
    }
    let out = Path::new(&env::var_os("OUT_DIR").ok_or("no OUT_DIR")?).join("built_in.json");
    fs::write(out, serde_json::to_string(&sources)?)?;
    Ok(())
}

fn read(path: &Path) -> Result<DefinitionSource, SourceError> {
    let shape = |error: &dyn Error| SourceError::Shape(error.to_string());
    let text = fs::read_to_string(path).map_err(|error| shape(&error))?;
    let source: DefinitionSource = serde_norway::from_str(&text).map_err(|error| shape(&error))?;
    source.clone().check()?;
    Ok(source)
}
