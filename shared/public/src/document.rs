//! The OpenAPI document as a whole.

use contract::{Problem, ProblemKind};
use utoipa::{
    ToSchema,
    openapi::{
        Components, ComponentsBuilder, ContentBuilder, HttpMethod, InfoBuilder, LicenseBuilder,
        ObjectBuilder, OpenApi, OpenApiBuilder, PathItem, Paths, PathsBuilder, Ref, RefOr,
        ResponseBuilder, Type,
        path::Operation,
        schema::{Schema, SchemaType},
        tag::TagBuilder,
    },
};

use crate::{
    Health, operations,
    operations::{PROBLEM, request_id},
    v1::Version,
};

/// The OpenAPI document, made of what the code says.
pub fn document() -> OpenApi {
    let info = InfoBuilder::new()
        .title("Switchyard")
        .version("1")
        .description(Some(
            "Mission control for fleets of AI coding agents. What goes wrong is told as a problem document (RFC 9457), whose \
             `code` says which of the known problems it is and whose `type` is the address of a page about it. Only for what \
             never reaches Switchyard the gateway in front of it answers by itself, with a `message`: for addresses and methods \
             that are not here (404), bodies above 10 MB (413), and calls that are too many (429).",
        ))
        .license(Some(
            LicenseBuilder::new()
                .name("Apache-2.0")
                .identifier(Some("Apache-2.0"))
                .build(),
        ));
    OpenApiBuilder::new()
        .info(info.build())
        .paths(paths())
        .components(Some(components()))
        .tags(Some([TagBuilder::new()
            .name("about")
            .description(Some("What answers, and what its words mean."))
            .build()]))
        .build()
}

/// Every operation at its address.
fn paths() -> Paths {
    let get = |operation: Operation| PathItem::new(HttpMethod::Get, operation);
    PathsBuilder::new()
        .path("/health", get(operations::health()))
        .path("/v1/version", get(operations::version()))
        .path("/openapi.json", get(operations::openapi()))
        .path("/problems/{slug}", get(operations::problem()))
        .build()
}

fn components() -> Components {
    ComponentsBuilder::new()
        .schemas_from_iter(schemas::<Health>())
        .schemas_from_iter(schemas::<Version>())
        .schema(PROBLEM, problem_schema())
        .response(
            PROBLEM,
            ResponseBuilder::new()
                .description("What went wrong.")
                .header("x-request-id", request_id())
                .content(
                    Problem::MEDIA_TYPE,
                    ContentBuilder::new()
                        .schema(Some(Ref::from_schema_name(PROBLEM)))
                        .build(),
                )
                .build(),
        )
        .build()
}

/// The shapes of a type and of those inside it, by their names.
fn schemas<T: ToSchema>() -> Vec<(String, RefOr<Schema>)> {
    let mut all = vec![(T::name().into_owned(), T::schema())];
    T::schemas(&mut all);
    all
}

/// The shape of [`Problem`], whose crate knows nothing of OpenAPI.
fn problem_schema() -> ObjectBuilder {
    let text = |description: &str| {
        ObjectBuilder::new()
            .schema_type(SchemaType::Type(Type::String))
            .description(Some(description))
    };
    let codes = ProblemKind::ALL
        .iter()
        .map(|kind| kind.slug().as_str().to_owned());
    let code = text("The kind of problem, by which clients decide. More of them may come.");
    let status = ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::Integer))
        .description(Some("The HTTP status."));
    ObjectBuilder::new()
        .description(Some("What went wrong, as RFC 9457 describes it."))
        .property(
            "type",
            text("The address of the page about this kind of problem."),
        )
        .property("code", code.examples(codes))
        .property(
            "title",
            text("The problem in a few words, the same each time."),
        )
        .property("status", status)
        .property("detail", text("What was wrong this time."))
        .property("solution", text("What to do about it."))
        .property(
            "request_id",
            text("The request, as an operator finds it in the log."),
        )
        .required("type")
        .required("code")
        .required("title")
        .required("status")
        .required("detail")
        .required("solution")
}
