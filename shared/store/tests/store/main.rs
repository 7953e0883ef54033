//! The store against a real DynamoDB endpoint in memory.

#![cfg(test)]

mod heads;
mod records;
mod replay;
mod support;
