//! What `lambda_http` needs of an event of a URL to make a request of it.

use lambda_http::request::LambdaRequest;
use lambda_runtime::LambdaEvent;
use url::Url;

/// The same event, of which a request can be made whatever a stranger has written: a function's URL hands a query over in which
/// `+` and `%20` have become spaces, and the scheme is taken from a header. `lambda_http` panics at what is no address, where
/// nothing answers nor counts.
pub(crate) fn readable(mut event: LambdaEvent<LambdaRequest>) -> LambdaEvent<LambdaRequest> {
    if let LambdaRequest::ApiGatewayV2(request) = &mut event.payload {
        let query = request.raw_query_string.take();
        request.raw_query_string = query.and_then(|query| encoded(&query));
        request.headers.remove("x-forwarded-proto");
    }
    event
}

/// The query with everything percent-encoded that none may hold.
fn encoded(query: &str) -> Option<String> {
    let mut url = Url::parse("https://localhost/").ok()?;
    url.set_query(Some(query));
    url.query().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use axum::{Router, extract::Request};
    use lambda_http::Adapter;
    use serde_json::{Value, json};
    use tower::{Service as _, ServiceBuilder};

    use super::*;

    const SAMPLE: &str = include_str!("../../../events/webhook-function-url.json");

    async fn query_of(change: impl FnOnce(&mut Value)) -> String {
        let mut event: Value = serde_json::from_str(SAMPLE).unwrap();
        event["requestContext"]["http"]["method"] = json!("GET");
        change(&mut event);
        let payload: LambdaRequest = serde_json::from_value(event).unwrap();
        let answer = async |request: Request| request.uri().query().unwrap_or("none").to_owned();
        let router = Router::new().fallback(answer);
        let adapter = Adapter::from(router);
        let mut service = ServiceBuilder::new().map_request(readable).service(adapter);
        let event = LambdaEvent::new(payload, lambda_runtime::Context::default());
        let answered = service.call(event).await.unwrap();
        let answered = serde_json::to_value(answered).unwrap();
        answered["body"].as_str().unwrap().to_owned()
    }

    #[tokio::test]
    async fn whatever_a_stranger_writes_is_a_request() {
        for (query, read) in [
            ("", "none"),
            ("a=b", "a=b"),
            ("a=b c", "a=b%20c"),
            ("q=\"<>", "q=%22%3C%3E"),
            ("a=%41&%zz", "a=%41&%zz"),
            ("ü=\u{1f600}", "%C3%BC=%F0%9F%98%80"),
            ("a#b", "a%23b"),
        ] {
            let seen = query_of(|event| event["rawQueryString"] = json!(query)).await;
            assert_eq!(seen, read, "{query}");
        }
        let odd = |event: &mut Value| event["headers"]["x-forwarded-proto"] = json!("no scheme");
        assert_eq!(query_of(odd).await, "none");
    }
}
