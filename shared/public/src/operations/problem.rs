//! `GET /problems/{slug}`

use utoipa::openapi::{
    Ref, Required,
    path::{Operation, ParameterBuilder, ParameterIn},
};

use super::{PROBLEM, answer, open, text};

/// The page about a kind of problem.
pub(crate) fn problem() -> Operation {
    let slug = ParameterBuilder::new()
        .name("slug")
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some("The `code` of the problem."))
        .schema(Some(text()));
    open(
        "getProblemPage",
        "What a kind of problem means, and what to do about it",
    )
    .description(Some(
        "A page for people, to which the `type` of every problem leads.",
    ))
    .parameter(slug.build())
    .response("200", answer("The page.", "text/html", text()))
    .response("404", Ref::from_response_name(PROBLEM))
    .build()
}
