//! The operations, one a file.

mod health;
mod openapi;
mod problem;
mod version;

use utoipa::{
    ToSchema,
    openapi::{
        ContentBuilder, HeaderBuilder, ObjectBuilder, Ref, RefOr, ResponseBuilder, Type,
        header::Header,
        path::OperationBuilder,
        schema::{Schema, SchemaType},
    },
};

pub(crate) use health::health;
pub(crate) use openapi::openapi;
pub(crate) use problem::problem;
pub(crate) use version::version;

/// The name of the problem document among the components.
pub(crate) const PROBLEM: &str = "Problem";

/// An operation that anybody may call. Whatever else it answers is a problem.
fn open(id: &str, summary: &str) -> OperationBuilder {
    OperationBuilder::new()
        .operation_id(Some(id))
        .summary(Some(summary))
        .tag("about")
        .response("default", Ref::from_response_name(PROBLEM))
}

/// An answer with a document of this type.
fn json<T: ToSchema>(description: &str) -> ResponseBuilder {
    let schema: RefOr<Schema> = Ref::from_schema_name(T::name()).into();
    answer(description, "application/json", schema)
}

/// An answer with a body.
fn answer(
    description: &str,
    media_type: &str,
    schema: impl Into<RefOr<Schema>>,
) -> ResponseBuilder {
    ResponseBuilder::new()
        .description(description)
        .header("x-request-id", request_id())
        .content(
            media_type,
            ContentBuilder::new().schema(Some(schema)).build(),
        )
}

/// The header that names the request.
pub(crate) fn request_id() -> Header {
    HeaderBuilder::new()
        .schema(Some(text()))
        .description(Some("The request, as an operator finds it in the log."))
        .build()
}

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(SchemaType::Type(Type::String))
}
