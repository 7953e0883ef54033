//! `GET /openapi.json`

use utoipa::openapi::{ObjectBuilder, Type, path::Operation, schema::SchemaType};

use super::{answer, open};

/// This document.
pub(crate) fn openapi() -> Operation {
    let document = ObjectBuilder::new().schema_type(SchemaType::Type(Type::Object));
    open("getOpenApi", "This document")
        .response(
            "200",
            answer("An OpenAPI 3.1 document.", "application/json", document),
        )
        .build()
}
