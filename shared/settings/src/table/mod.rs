//! The one table of all settings, in the order in which people are told of them.

/// Declares settings: the comment is what each means, and its name is the one in the environment.
macro_rules! declare {
    ($( $(#[doc = $meaning:literal])+ $name:ident: $value:ty = $setting:expr; )+) => {
        $(
            $(#[doc = $meaning])+
            pub static $name: Setting<$value> =
                $setting.named(stringify!($name), concat!($($meaning),+));
        )+

        /// These settings, whatever the types of their values.
        pub(super) static DECLARED: &[&Declaration] = &[$( $name.declaration() ),+];

        /// The names of those whose defaults are no values of theirs.
        #[cfg(test)]
        pub(super) fn wrong_defaults() -> Vec<&'static str> {
            let fits = [$( ($name.name(), $name.defaults_fit()) ),+];
            let wrong = fits.into_iter().filter(|(_, fits)| !fits);
            wrong.map(|(name, _)| name).collect()
        }
    };
}

mod agent;
mod boundary;
mod github;
mod keys;
mod model;
mod pace;
mod resources;
mod system;
mod telemetry;
mod tenancy;

pub use self::{
    agent::*, boundary::*, github::*, keys::*, model::*, pace::*, resources::*, system::*,
    telemetry::*, tenancy::*,
};
use crate::{Declaration, Program, Source};

/// Every setting.
pub fn all() -> impl Iterator<Item = &'static Declaration> {
    let tables = [
        resources::DECLARED,
        github::DECLARED,
        tenancy::DECLARED,
        keys::DECLARED,
        pace::DECLARED,
        agent::DECLARED,
        boundary::DECLARED,
        model::DECLARED,
        telemetry::DECLARED,
        system::DECLARED,
    ];
    tables.into_iter().flatten().copied()
}

/// The names of the settings whose defaults are no values of theirs.
#[cfg(test)]
pub(crate) fn wrong_defaults() -> Vec<&'static str> {
    let tables = [
        resources::wrong_defaults(),
        github::wrong_defaults(),
        tenancy::wrong_defaults(),
        keys::wrong_defaults(),
        pace::wrong_defaults(),
        agent::wrong_defaults(),
        boundary::wrong_defaults(),
        model::wrong_defaults(),
        telemetry::wrong_defaults(),
        system::wrong_defaults(),
    ];
    tables.concat()
}

/// The settings of models and their providers.
pub fn about_models() -> impl Iterator<Item = &'static Declaration> {
    model::DECLARED.iter().copied()
}

/// The settings that `program` reads.
pub fn read_by(program: Program) -> impl Iterator<Item = &'static Declaration> {
    all().filter(move |setting| setting.is_read_by(program))
}

/// The names of the settings that `program` may find in Parameter Store.
pub fn parameters(program: Program) -> Vec<&'static str> {
    let stored = read_by(program).filter(|setting| setting.source() == Source::ParameterStore);
    stored.map(Declaration::name).collect()
}
