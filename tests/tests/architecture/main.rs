//! The rules of the house, held by tests: who may use whom, how large things may get, and that the
//! template, the samples and the documents say what the code says.

#![cfg(test)]

mod cycles;
mod deployment;
mod documents;
mod features;
mod gates;
mod layers;
mod mains;
mod manifests;
mod owners;
mod permissions;
mod problems;
mod reasons;
mod routes;
mod samconfig;
mod settings;
mod sizes;
mod sources;
mod syntax;
mod template;
mod words;
mod workspace;
