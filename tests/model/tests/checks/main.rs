//! The scenarios hold, the properties notice what is left out, and the traces are up to date.

mod flaws;
mod scenarios;
mod traces;
