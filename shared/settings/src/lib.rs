//! Every setting, declared once; reading them, and saying all that is wrong with them at once.
//!
//! A setting is a static of this crate that has the setting's own name. Its declaration says what it means, what it
//! looks like, which programs read it, where it may stand, what holds without it, and what to do when it is wrong;
//! reading, messages, the parameters that functions ask for and [`reference()`] follow from that.
//!
//! ```
//! use settings::{Program, Settings};
//!
//! let vars = [("TABLE_NAME", "switchyard"), ("SWITCHYARD_EDIT_MILLIS", "soon")];
//! let vars = vars.map(|(name, value)| (name.to_owned(), value.to_owned()));
//! let settings = Settings::from_vars(vars.into());
//! let mut read = settings.reader(Program::Relay);
//! let table = read.get(&settings::TABLE_NAME);
//! let interval = read.get(&settings::SWITCHYARD_EDIT_MILLIS);
//! let error = read.finish(|| Some((table?, interval?))).unwrap_err();
//! assert!(error.to_string().contains("it is not a number of milliseconds"));
//! ```

mod declaration;
mod environment;
mod error;
mod form;
mod names;
mod program;
mod reader;
mod reference;
mod setting;
mod settings;
mod table;
mod terminal;
#[cfg(test)]
mod tests;
mod value;

pub use declaration::{Absent, Declaration, Local, Source};
pub use environment::environment;
pub use error::{SettingsError, WrongSetting};
pub use program::Program;
pub use reader::Reader;
pub use reference::reference;
pub use setting::Setting;
pub use settings::Settings;
pub use table::*;
pub use terminal::{Unknown, passed_on, unknown};
