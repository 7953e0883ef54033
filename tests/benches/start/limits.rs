//! What fails a build: bytes and counts, which are the same on every machine of a kind. Times never do.

use std::collections::HashMap;

use anyhow::Result;

use crate::{
    process::{Kind, Program, Sample},
    size,
};

/// The most of everything that one of our functions may have.
struct Limits {
    /// Bytes of the stripped program.
    stripped: u64,
    /// Bytes of it in a zip archive.
    zipped: u64,
    /// KiB of memory at its peak.
    memory: u64,
    /// Requests to AWS before the first event.
    requests: usize,
}

/// TLS handshakes with AWS that are left for the first invocation.
const HANDSHAKES_LEFT: u32 = 0;

fn limits(name: &str) -> Limits {
    let (stripped, zipped, requests) = match name {
        "triage" => (14_500_000, 6_500_000, 3),
        "webhook" | "worker" => (9_500_000, 4_500_000, 2),
        "api" => (5_000_000, 2_500_000, 0),
        _ => (9_500_000, 4_500_000, 3),
    };
    Limits {
        stripped,
        zipped,
        memory: 16 * 1024,
        requests,
    }
}

/// What is over its limit, each in a sentence.
pub(crate) fn exceeded(
    programs: &[Program],
    samples: &HashMap<&'static str, Vec<Sample>>,
) -> Result<Vec<String>> {
    let mut exceeded = Vec::new();
    for program in programs.iter().filter(|one| one.kind == Kind::Ours) {
        let (name, limits, size) = (program.name, limits(program.name), size::of(&program.file)?);
        let samples = samples[name].iter();
        let peak = samples
            .clone()
            .map(|one| one.peak)
            .max()
            .unwrap_or_default();
        let requests = samples.clone().map(|one| one.init_requests.len()).max();
        let handshakes = samples.map(|one| one.first_handshakes).max();
        let mut hold = |what: &str, is: u64, limit: u64| {
            if is > limit {
                exceeded.push(format!("{name} has {is} {what}, and {limit} are the most"));
            }
        };
        hold("bytes", size.stripped, limits.stripped);
        hold("zipped bytes", size.zipped, limits.zipped);
        hold("KiB of memory", peak, limits.memory);
        hold(
            "requests before its first event",
            requests.unwrap_or_default() as u64,
            limits.requests as u64,
        );
        hold(
            "handshakes in its first invocation",
            handshakes.unwrap_or_default().into(),
            HANDSHAKES_LEFT.into(),
        );
    }
    Ok(exceeded)
}
