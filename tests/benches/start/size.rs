//! How large a program is.

use std::{io::Write, path::Path};

use anyhow::{Context, Result};
use flate2::{Compression, write::DeflateEncoder};

/// Bytes on disk, and bytes in a zip archive.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    pub(crate) stripped: u64,
    pub(crate) zipped: u64,
}

pub(crate) fn of(file: &Path) -> Result<Size> {
    let bytes = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let mut packed = DeflateEncoder::new(Vec::new(), Compression::best());
    packed.write_all(&bytes)?;
    Ok(Size {
        stripped: bytes.len() as u64,
        zipped: packed.finish()?.len() as u64,
    })
}
