//! From texts to values.
#![expect(
    clippy::unnecessary_wraps,
    reason = "all readings have the same signature"
)]

use std::{path::PathBuf, str::FromStr, time::Duration};

use secrecy::SecretString;
use url::Url;

use crate::form::{Form, Number};

/// Why a text is no value. It never holds the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It does not look like what was declared.
    Form,
    /// An address holds what would be sent to whoever is there.
    Credentials,
}

/// The words of questions.
pub(crate) const YES: &str = "yes";
pub(crate) const NO: &str = "no";

pub(crate) type Read<T> = fn(&Form, &str) -> Result<T, Fault>;

pub(crate) fn text(_: &Form, text: &str) -> Result<String, Fault> {
    Ok(text.trim().to_owned())
}

/// As it is: white space at its ends may belong to it.
pub(crate) fn secret(_: &Form, text: &str) -> Result<SecretString, Fault> {
    Ok(text.into())
}

/// The least characters of a key, each worth half a byte or more.
const KEY: usize = 32;

/// A secret that something is signed with, which nobody may guess.
pub(crate) fn key(_: &Form, text: &str) -> Result<SecretString, Fault> {
    let long = text.trim().chars().count() >= KEY;
    long.then(|| text.into()).ok_or(Fault::Form)
}

/// A secret that is sent in a header, around which white space is a slip.
pub(crate) fn token(_: &Form, text: &str) -> Result<SecretString, Fault> {
    Ok(text.trim().into())
}

pub(crate) fn url(_: &Form, text: &str) -> Result<Url, Fault> {
    let url: Url = text.trim().parse().map_err(|_| Fault::Form)?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(Fault::Form);
    }
    if url.username().is_empty() && url.password().is_none() {
        Ok(url)
    } else {
        Err(Fault::Credentials)
    }
}

/// An address that has to stay as it is written.
pub(crate) fn address(form: &Form, text: &str) -> Result<String, Fault> {
    url(form, text)?;
    Ok(text.trim().to_owned())
}

pub(crate) fn path(_: &Form, text: &str) -> Result<PathBuf, Fault> {
    Ok(text.trim().into())
}

pub(crate) fn paths(_: &Form, text: &str) -> Result<Vec<PathBuf>, Fault> {
    let paths = text.trim().split(':').filter(|path| !path.is_empty());
    let paths: Vec<PathBuf> = paths.map(PathBuf::from).collect();
    let absolute = paths.iter().all(|path| path.is_absolute());
    absolute.then_some(paths).ok_or(Fault::Form)
}

pub(crate) fn parsed<T: FromStr>(_: &Form, text: &str) -> Result<T, Fault> {
    text.trim().parse().map_err(|_| Fault::Form)
}

pub(crate) fn list<T: FromStr>(form: &Form, text: &str) -> Result<Vec<T>, Fault> {
    let parts = text
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty());
    parts.map(|part| parsed(form, part)).collect()
}

pub(crate) fn count<T: TryFrom<u64>>(form: &Form, text: &str) -> Result<T, Fault> {
    let (_, count) = number(form, text)?;
    T::try_from(count).map_err(|_| Fault::Form)
}

pub(crate) fn time(form: &Form, text: &str) -> Result<Duration, Fault> {
    let (number, count) = number(form, text)?;
    number.unit.time(count).ok_or(Fault::Form)
}

pub(crate) fn choice(form: &Form, text: &str) -> Result<&'static str, Fault> {
    let Form::Choice(words) = form else {
        return Err(Fault::Form);
    };
    let found = words.iter().find(|word| **word == text.trim());
    found.copied().ok_or(Fault::Form)
}

pub(crate) fn switch(_: &Form, text: &str) -> Result<bool, Fault> {
    Ok(!matches!(text.trim(), "0" | "false"))
}

pub(crate) fn yes_or_no(form: &Form, text: &str) -> Result<bool, Fault> {
    choice(form, text).map(|word| word == YES)
}

fn number<'a>(form: &'a Form, text: &str) -> Result<(&'a Number, u64), Fault> {
    let Form::Number(number) = form else {
        return Err(Fault::Form);
    };
    let count: u64 = text.trim().parse().map_err(|_| Fault::Form)?;
    let fits = number.least <= count && number.most.is_none_or(|most| count <= most);
    fits.then_some((number, count)).ok_or(Fault::Form)
}
