//! Scenarios over the local stack and the rules of the architecture.
