//! One request, read and classified.

use axum::extract::Request;
use axum::response::Response;
use bytes::Bytes;
use http::request::Parts;
use http::{StatusCode, header};
use serde_json::Value;

use crate::answers::{json_error, plain, text, xml_error};
use crate::calls::Call;
use crate::dynamo::actions::actions;
use crate::faults::AwsError;
use crate::s3::operation::Operation;
use crate::sqs::action::action;
use crate::sqs::error::query_code;

/// The largest body taken, in bytes. Far above what DynamoDB and SQS allow; it bounds S3 uploads,
/// which are held in memory while they are decoded.
const MAX_BODY: usize = 256 * 1024 * 1024;

/// Which of the services a request is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    /// DynamoDB and its streams; both speak one protocol to one engine.
    Dynamo,
    Sqs,
    S3(Operation),
}

/// One request with its whole body.
pub(crate) struct Exchange {
    pub(crate) parts: Parts,
    pub(crate) body: Bytes,
    pub(crate) service: Service,
    /// What faults name a call by: the value of `X-Amz-Target`, or `S3.` and the operation.
    pub(crate) target: String,
    /// The operation alone.
    pub(crate) operation: String,
    /// The JSON body; null where it is none. For S3 the bucket and the key.
    pub(crate) fields: Value,
    /// The access key of the caller.
    pub(crate) caller: String,
}

impl Exchange {
    /// Reads a request to its end. A body that is too large is answered here.
    pub(crate) async fn read(request: Request) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        let Ok(body) = axum::body::to_bytes(body, MAX_BODY).await else {
            return Err(plain(
                StatusCode::PAYLOAD_TOO_LARGE,
                "the body is too large\n",
            ));
        };
        let caller = caller(&parts);
        let target = text(&parts.headers, "x-amz-target")
            .unwrap_or_default()
            .to_owned();
        let (service, operation) = match target.split_once('.') {
            Some(("DynamoDB_20120810" | "DynamoDBStreams_20120810", operation)) => {
                (Service::Dynamo, operation.to_owned())
            }
            Some(("AmazonSQS", operation)) => (Service::Sqs, operation.to_owned()),
            _ => {
                let operation = Operation::of(&parts);
                let name = operation.name.to_owned();
                (Service::S3(operation), name)
            }
        };
        let (target, fields) = match &service {
            Service::S3(operation) => (format!("S3.{}", operation.name), operation.fields()),
            Service::Dynamo | Service::Sqs => {
                (target, serde_json::from_slice(&body).unwrap_or_default())
            }
        };
        Ok(Self {
            parts,
            body,
            service,
            target,
            operation,
            fields,
            caller,
        })
    }

    /// The calls an IAM policy would have to allow for this request.
    pub(crate) fn calls(&self) -> Vec<Call> {
        let (service, actions) = match &self.service {
            Service::Dynamo => ("dynamodb", actions(&self.operation, &self.fields)),
            Service::Sqs => ("sqs", vec![action(&self.operation, &self.fields)]),
            Service::S3(operation) => ("s3", vec![operation.action()]),
        };
        let call = |(action, resource)| Call {
            caller: self.caller.clone(),
            service,
            action,
            resource,
        };
        actions.into_iter().map(call).collect()
    }

    /// `error` in the form of the service the request was for.
    pub(crate) fn refusal(&self, error: &AwsError) -> Response {
        match self.service {
            Service::Dynamo => json_error(error, None),
            Service::Sqs => json_error(error, Some(query_code(&error.code))),
            Service::S3(_) => xml_error(error),
        }
    }
}

/// The access key of the `Authorization` header or of a presigned address.
fn caller(parts: &Parts) -> String {
    let header = text(&parts.headers, header::AUTHORIZATION.as_str());
    let credential = header
        .and_then(|value| value.split_once("Credential="))
        .or_else(|| {
            parts
                .uri
                .query()
                .and_then(|query| query.split_once("X-Amz-Credential="))
        });
    let Some((_, credential)) = credential else {
        return String::new();
    };
    credential
        .split(['/', '%', ','])
        .next()
        .unwrap_or_default()
        .to_owned()
}
