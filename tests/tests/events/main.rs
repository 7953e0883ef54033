//! Every sample in events/ is read by the real types and handled by the real code.

#![cfg(test)]
