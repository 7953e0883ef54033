//! Operating a stack: against the simulated GitHub and a stand-in of AWS that speaks the services' protocols.

#![cfg(test)]

mod aws;
mod check;
mod destroy;
mod ready;
mod register;
mod rotate;
mod scene;
