//! A stand-in of AWS: Parameter Store, CloudFormation, DynamoDB and S3 on one port, as far as they are needed.

use std::{
    collections::{BTreeMap, HashMap},
    future::IntoFuture as _,
    sync::{Arc, Mutex, MutexGuard},
};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

pub(crate) const NAME: &str = "switchyard-dev";
pub(crate) const TABLE: &str = "switchyard-dev-Table-1";
const BUCKET: &str = "switchyard-dev-bodies-1";

/// What the account holds, and what was asked of it.
#[derive(Debug, Default)]
pub(crate) struct Account {
    /// The decrypted values by path.
    pub(crate) parameters: BTreeMap<String, String>,
    /// The KMS key of each parameter that was stored with one.
    pub(crate) keys: BTreeMap<String, String>,
    pub(crate) stack: Option<Stack>,
    pub(crate) objects: Vec<String>,
    pub(crate) protected: bool,
    /// How often values were read.
    pub(crate) decryptions: usize,
    /// Refuse every call with this code.
    pub(crate) refusal: Option<&'static str>,
    /// Each write, in order: the name of the call and what it is about.
    pub(crate) log: Vec<String>,
}

#[derive(Clone, Debug)]
pub(crate) struct Stack {
    pub(crate) status: &'static str,
    /// What the status becomes the next time somebody looks.
    pub(crate) next: Option<&'static str>,
    pub(crate) parameters: BTreeMap<String, String>,
    pub(crate) outputs: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Aws(Arc<Mutex<Account>>);

impl Aws {
    pub(crate) fn account(&self) -> MutexGuard<'_, Account> {
        self.0.lock().unwrap()
    }

    pub(crate) async fn serve(&self) -> SdkConfig {
        let router = Router::new().fallback(answer).with_state(self.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(axum::serve(listener, router).into_future());
        let credentials = Credentials::new("test", "test", None, None, "tests");
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static("eu-west-1"))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .endpoint_url(url)
            .build()
    }
}

async fn answer(
    State(aws): State<Aws>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut account = aws.account();
    assert!(
        headers.contains_key(header::AUTHORIZATION),
        "unsigned: {uri}"
    );
    let target = headers
        .get("x-amz-target")
        .map(|value| value.to_str().unwrap());
    if let Some(target) = target {
        let (_, call) = target.split_once('.').unwrap();
        let body = serde_json::from_slice(&body).unwrap();
        return account.json_call(call, &body);
    }
    if method == Method::POST && uri.path() == "/" {
        let form = form_urlencoded::parse(&body).into_owned().collect();
        return account.query_call(&form);
    }
    account.s3_call(&method, &uri, &body)
}

impl Account {
    fn json_call(&mut self, call: &str, body: &Value) -> Response {
        if let Some(code) = self.refusal {
            return json_error(code, "not today");
        }
        match call {
            "GetParameters" => self.get_parameters(body),
            "PutParameter" => self.put_parameter(body),
            "DeleteParameters" => self.delete_parameters(body),
            "DescribeTable" => {
                assert_eq!(body["TableName"], TABLE);
                let table =
                    json!({"TableName": TABLE, "DeletionProtectionEnabled": self.protected});
                axum::Json(json!({"Table": table})).into_response()
            }
            other => panic!("{other} is not expected"),
        }
    }

    fn get_parameters(&mut self, body: &Value) -> Response {
        let decrypts = body["WithDecryption"] == true;
        self.decryptions += usize::from(decrypts);
        let names = strings(&body["Names"]);
        assert!(names.len() <= 10, "the service takes ten");
        let found = names.iter().filter_map(|name| {
            let value = self.parameters.get(name)?;
            let value = if decrypts { value.as_str() } else { "AQICAH" };
            Some(json!({"Name": name, "Value": value, "Type": "SecureString", "Version": 1}))
        });
        let found: Vec<Value> = found.collect();
        let missing: Vec<&String> = names
            .iter()
            .filter(|name| !self.parameters.contains_key(*name))
            .collect();
        axum::Json(json!({"Parameters": found, "InvalidParameters": missing})).into_response()
    }

    fn put_parameter(&mut self, body: &Value) -> Response {
        assert_eq!(body["Type"], "SecureString");
        let (name, value) = (text(&body["Name"]), text(&body["Value"]));
        assert!(value.len() <= 4096, "a standard parameter holds 4 KB");
        if self.parameters.contains_key(&name) && body["Overwrite"] != true {
            return json_error("ParameterAlreadyExists", "The parameter already exists.");
        }
        if let Some(key) = body["KeyId"].as_str() {
            self.keys.insert(name.clone(), key.to_owned());
        }
        self.log.push(format!("put {name}"));
        self.parameters.insert(name, value);
        axum::Json(json!({"Version": 1, "Tier": "Standard"})).into_response()
    }

    fn delete_parameters(&mut self, body: &Value) -> Response {
        let names = strings(&body["Names"]);
        let (gone, missing): (Vec<String>, Vec<String>) = names
            .into_iter()
            .partition(|name| self.parameters.remove(name).is_some());
        self.log
            .extend(gone.iter().map(|name| format!("delete {name}")));
        axum::Json(json!({"DeletedParameters": gone, "InvalidParameters": missing})).into_response()
    }

    fn query_call(&mut self, form: &HashMap<String, String>) -> Response {
        let call = form["Action"].as_str();
        if let Some(code) = self.refusal {
            return xml_error(code, "not today");
        }
        match call {
            "DescribeStacks" => self.describe(),
            "UpdateStack" => self.update(form),
            "DeleteStack" => {
                let stack = self.stack.as_mut().unwrap();
                (stack.status, stack.next) = ("DELETE_IN_PROGRESS", Some("DELETE_COMPLETE"));
                self.log.push("delete stack".to_owned());
                result("DeleteStack", "")
            }
            "DescribeStackResources" => result(
                "DescribeStackResources",
                "<StackResources><member><LogicalResourceId>Logs</LogicalResourceId>\
                 <PhysicalResourceId>kept-logs</PhysicalResourceId><ResourceType>AWS::Logs::LogGroup</ResourceType>\
                 <Timestamp>2026-01-01T00:00:00Z</Timestamp>\
                 <ResourceStatus>DELETE_SKIPPED</ResourceStatus></member></StackResources>",
            ),
            other => panic!("{other} is not expected"),
        }
    }

    fn describe(&mut self) -> Response {
        let Some(stack) = self.stack.as_mut() else {
            let text = format!("Stack with id {NAME} does not exist");
            return xml_error("ValidationError", &text);
        };
        let status = stack.status;
        if let Some(next) = stack.next.take() {
            stack.status = next;
        }
        let list = |name: &str, pairs: &BTreeMap<String, String>| -> String {
            let members = pairs.iter().map(|(key, value)| {
                format!(
                    "<member><{name}Key>{key}</{name}Key><{name}Value>{value}</{name}Value></member>"
                )
            });
            format!("<{name}s>{}</{name}s>", members.collect::<String>())
        };
        let (parameters, outputs) = (
            list("Parameter", &stack.parameters),
            list("Output", &stack.outputs),
        );
        result(
            "DescribeStacks",
            &format!(
                "<Stacks><member><StackName>{NAME}</StackName><StackId>arn:stack/{NAME}/1</StackId>\
                 <CreationTime>2026-01-01T00:00:00Z</CreationTime><StackStatus>{status}</StackStatus>\
                 {parameters}{outputs}</member></Stacks>"
            ),
        )
    }

    /// As the service does: what is neither given nor kept on purpose falls back to its default.
    fn update(&mut self, form: &HashMap<String, String>) -> Response {
        assert_eq!(form["UsePreviousTemplate"], "true");
        let stack = self.stack.as_mut().unwrap();
        let mut kept = 0;
        let mut given = Vec::new();
        for at in 1.. {
            let member = format!("Parameters.member.{at}");
            let Some(key) = form.get(&format!("{member}.ParameterKey")) else {
                break;
            };
            if let Some(value) = form.get(&format!("{member}.ParameterValue")) {
                stack.parameters.insert(key.clone(), value.clone());
                given.push(key.clone());
            } else {
                assert_eq!(form[&format!("{member}.UsePreviousValue")], "true");
                kept += 1;
            }
        }
        assert_eq!(kept + given.len(), stack.parameters.len());
        (stack.status, stack.next) = ("UPDATE_IN_PROGRESS", Some("UPDATE_COMPLETE"));
        self.log.push(format!("update {}", given.join(" ")));
        result("UpdateStack", "<StackId>arn:stack</StackId>")
    }

    fn s3_call(&mut self, method: &Method, uri: &Uri, body: &Bytes) -> Response {
        assert!(uri.path().starts_with(&format!("/{BUCKET}")), "{uri}");
        if method == Method::GET {
            // A page at a time, as of a bucket with many.
            let page = self
                .objects
                .iter()
                .take(2)
                .map(|key| format!("<Contents><Key>{key}</Key><Size>1</Size></Contents>"));
            let page: String = page.collect();
            return xml(
                StatusCode::OK,
                &format!("<ListBucketResult><Name>{BUCKET}</Name>{page}</ListBucketResult>"),
            );
        }
        let body = std::str::from_utf8(body).unwrap();
        self.objects
            .retain(|key| !body.contains(&format!("<Key>{key}</Key>")));
        xml(StatusCode::OK, "<DeleteResult></DeleteResult>")
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn strings(value: &Value) -> Vec<String> {
    value.as_array().unwrap().iter().map(text).collect()
}

fn json_error(code: &str, message: &str) -> Response {
    let body = json!({"__type": code, "message": message});
    (StatusCode::BAD_REQUEST, axum::Json(body)).into_response()
}

fn xml_error(code: &str, message: &str) -> Response {
    let text = format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>\
         <RequestId>1</RequestId></ErrorResponse>"
    );
    xml(StatusCode::BAD_REQUEST, &text)
}

fn result(call: &str, inner: &str) -> Response {
    let text = format!("<{call}Response><{call}Result>{inner}</{call}Result></{call}Response>");
    xml(StatusCode::OK, &text)
}

fn xml(status: StatusCode, text: &str) -> Response {
    (
        status,
        [(header::CONTENT_TYPE, "text/xml")],
        text.to_owned(),
    )
        .into_response()
}

/// A deployed stack, whose functions are at `functions` and whose GitHub is at `api` and `web`.
pub(crate) fn deployed(functions: &str, api: &str, web: &str) -> Stack {
    let pairs = |pairs: &[(&str, &str)]| {
        let owned = pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        owned.collect()
    };
    Stack {
        status: "CREATE_COMPLETE",
        next: None,
        parameters: pairs(&[
            ("AllowedOwners", "octo"),
            ("DaemonModelKey", "false"),
            ("GitHubApiUrl", api),
            ("GitHubGitUrl", web),
            ("ParameterKeyArn", ""),
            ("SettingsVersion", "0"),
        ]),
        outputs: pairs(&[
            ("WorkerUrl", functions),
            ("BodiesBucketName", BUCKET),
            ("SettingsPath", "/switchyard/dev"),
            ("TableName", TABLE),
            ("WebhookUrl", &format!("{functions}webhooks/github")),
        ]),
    }
}
