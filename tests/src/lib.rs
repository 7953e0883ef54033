//! Scenarios over the local stack and the rules of the architecture. Everything is in `tests/`.
