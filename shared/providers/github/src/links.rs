//! The links from one page of a list to others.

use url::Url;

use egress::Response;

/// Which page a link leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rel {
    /// The next one.
    Next,
    /// The last one.
    Last,
}

impl Rel {
    const fn mark(self) -> &'static str {
        match self {
            Self::Next => "rel=\"next\"",
            Self::Last => "rel=\"last\"",
        }
    }
}

/// What the link to `rel` says for `parameter`. Only that is taken over of an address, so that no answer leads elsewhere.
pub(crate) fn parameter(
    response: &Response,
    here: &Url,
    rel: Rel,
    parameter: &str,
) -> Option<String> {
    let links = response.header("link")?;
    let link = links.split(',').find(|link| link.contains(rel.mark()))?;
    let (_, rest) = link.split_once('<')?;
    let (address, _) = rest.split_once('>')?;
    let url = here.join(address).ok()?;
    let mut pairs = url.query_pairs();
    let (_, value) = pairs.find(|(name, _)| name == parameter)?;
    Some(value.into_owned())
}
