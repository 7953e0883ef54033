//! Starting and stopping runs against a real table and a real queue, with a definition whose requests wait for one another.

#![cfg(test)]

mod support;
mod waiting;
