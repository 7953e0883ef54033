//! Operates a deployed stack: registers its GitHub App, checks it, rotates its secrets, removes it.
//!
//! A stack is deployed before it has an app, because the app's webhook needs an address, which only a deployed
//! function has. Until the app's settings are stored, the functions that need them do not start, and say in their
//! logs which are missing; Lambda makes a new environment for each try, so the first one after the settings are
//! there works. An environment that runs reads its settings only once: whatever changes one that was in use makes
//! Lambda start new environments, by an update of the stack that changes nothing but the parameter
//! `SettingsVersion`.
//!
//! Secrets go from GitHub to Parameter Store and are never printed.

mod arguments;
mod cloud;
mod commands;
mod github;
mod secrets;
mod settings;
mod stack;
mod terminal;
mod world;

pub use arguments::{Arguments, Command};
pub use cloud::Cloud;
pub use commands::run;
pub use terminal::Terminal;
pub use world::World;
