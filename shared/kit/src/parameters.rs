//! Settings from Parameter Store.

use std::collections::HashMap;

use aws_sdk_ssm::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
};
use secrecy::SecretString;
use settings::Settings;

use crate::Clients;

/// The most parameters one call takes.
const BATCH: usize = 10;

/// Takes the environment as it is given and, if it holds `SWITCHYARD_PARAMETERS`, asks Parameter Store for those of
/// `names` that it does not hold. The role must be allowed to read every one of them. That Parameter Store cannot be
/// read is reported together with everything else, when reading is finished.
#[expect(
    clippy::implicit_hasher,
    reason = "a snapshot of the environment is nothing to tune"
)]
pub async fn load_settings(
    vars: HashMap<String, String>,
    aws: &Clients,
    names: &[&'static str],
) -> Settings {
    let mut settings = Settings::from_vars(vars);
    let missing = settings.missing(names);
    if let Some(prefix) = settings.prefix()
        && !missing.is_empty()
    {
        match read(&aws.ssm(), prefix, &missing).await {
            Ok(found) => settings.add(found),
            Err(reason) => settings.unreadable(&missing, &reason),
        }
    }
    settings
}

/// Reads `<prefix>/<name>` for each of `names`, decrypted. Those that do not exist are left out; the error
/// says why nothing could be read.
async fn read(
    client: &Client,
    prefix: &str,
    names: &[&str],
) -> Result<HashMap<String, SecretString>, String> {
    let mut found = HashMap::new();
    for batch in names.chunks(BATCH) {
        let paths = batch
            .iter()
            .map(|name| format!("{prefix}/{name}"))
            .collect();
        let answer = client
            .get_parameters()
            .set_names(Some(paths))
            .with_decryption(true)
            .send()
            .await
            .map_err(|error| reason(&error))?;
        for parameter in answer.parameters.unwrap_or_default() {
            let name = parameter.name.unwrap_or_default();
            let name = name.rsplit('/').next().unwrap_or_default().to_owned();
            let value = parameter.value.unwrap_or_default();
            if !value.trim().is_empty() {
                found.insert(name, value.into());
            }
        }
    }
    Ok(found)
}

/// The reason in words. The SDK's own text may hold the whole answer, and with it the values.
fn reason<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> String {
    match error {
        SdkError::ServiceError(service) => {
            let code = service.err().code().unwrap_or("an error without a name");
            let text = service.err().message().unwrap_or_default();
            format!("{code} {text}").trim_end().to_owned()
        }
        SdkError::TimeoutError(_) => "no answer in time".to_owned(),
        SdkError::DispatchFailure(_) => "no connection or no credentials".to_owned(),
        SdkError::ResponseError(_) => "an answer that cannot be read".to_owned(),
        _ => "the request cannot be made".to_owned(),
    }
}
