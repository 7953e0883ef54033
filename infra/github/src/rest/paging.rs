//! Pages of a list and the `Link` header between them.

use http::{HeaderMap, HeaderValue, header};

use super::extract::Params;

/// Entries on a page unless asked otherwise.
const USUAL: u64 = 30;

/// Entries on a page at most.
const MOST: u64 = 100;

/// The size of a page that is asked for.
pub(super) fn per_page(params: &Params) -> u64 {
    params.number("per_page", USUAL).clamp(1, MOST)
}

/// The page of `all` that is asked for, and the headers that lead to the others. `url` is the
/// address of the list, `kept` the parameters besides the page that its neighbours share.
pub(super) fn page<T>(
    all: Vec<T>,
    params: &Params,
    url: &str,
    kept: &[&str],
) -> (Vec<T>, HeaderMap) {
    let size = per_page(params);
    let number = params.number("page", 1).max(1);
    let count = u64::try_from(all.len()).unwrap_or(u64::MAX);
    let last = count.div_ceil(size).max(1);
    let mut links = Vec::new();
    let mut link = |target: u64, relation: &str| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for name in kept {
            if let Some(value) = params.get(name) {
                query.append_pair(name, value);
            }
        }
        query.append_pair("per_page", &size.to_string());
        query.append_pair("page", &target.to_string());
        links.push(format!("<{url}?{}>; rel=\"{relation}\"", query.finish()));
    };
    if number > 1 {
        link(number - 1, "prev");
        link(1, "first");
    }
    if number < last {
        link(number + 1, "next");
        link(last, "last");
    }
    let mut headers = HeaderMap::new();
    if let (false, Ok(value)) = (links.is_empty(), HeaderValue::from_str(&links.join(", "))) {
        headers.insert(header::LINK, value);
    }
    let skipped = usize::try_from((number - 1).saturating_mul(size)).unwrap_or(usize::MAX);
    let taken = usize::try_from(size).unwrap_or(usize::MAX);
    (all.into_iter().skip(skipped).take(taken).collect(), headers)
}
