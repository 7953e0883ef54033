//! Names that are nearly those of settings.

use crate::table;

/// More differences than these make two names different ones, however long they are.
const ALIKE: usize = 4;
/// One difference is allowed for as many letters.
const LETTERS: usize = 5;

/// The one of `candidates` that is most like `name`, if one is like it at all.
pub(crate) fn nearest<'a>(
    name: &str,
    candidates: impl Iterator<Item = &'a str>,
) -> Option<&'a str> {
    candidates
        .map(|known| (strsim::damerau_levenshtein(known, name), known))
        .min()
        .filter(|(distance, _)| *distance <= ALIKE.min(name.len() / LETTERS))
        .map(|(_, known)| known)
}

/// The one of the names `set` that is no setting and may have been meant to be `name`.
pub(crate) fn meant<'a>(name: &str, set: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let unknown = set.filter(|name| !table::all().any(|known| known.name() == *name));
    nearest(name, unknown)
}
