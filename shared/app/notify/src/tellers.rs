//! How something is told at a provider. Each one's words and markup stand with its teller, and nowhere else.

use domain::Provider;

use crate::telling::Telling;

mod github;

/// What is told, in the words and the markup of `provider`.
pub(crate) fn text(provider: Provider, what: &Telling<'_>) -> String {
    match provider {
        Provider::Github => github::text(what),
    }
}
