//! Bodies small enough to travel inside a message.

use std::io::{Read, Write};

use data_encoding::BASE64;
use flate2::{Compression, read::DeflateDecoder, write::DeflateEncoder};
use serde::{Deserialize, Serialize};

/// Bytes compressed with DEFLATE and written in base 64: queues refuse characters that bodies may hold,
/// and are billed by size.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PackedBody(String);

/// A packed body cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// It is not base 64 over DEFLATE.
    #[error("the packed body is damaged")]
    Damaged,
    /// It unpacks to more bytes than the reader accepts.
    #[error("the packed body is larger than {limit} bytes")]
    TooLarge {
        /// The most the reader accepts.
        limit: usize,
    },
}

impl std::fmt::Debug for PackedBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PackedBody({} characters)", self.0.len())
    }
}

impl PackedBody {
    /// Packs `bytes`.
    pub fn pack(bytes: &[u8]) -> Self {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        // Writing to a vector cannot fail; were it to, the reader would report damage.
        let packed = encoder
            .write_all(bytes)
            .and_then(|()| encoder.finish())
            .unwrap_or_default();
        Self(BASE64.encode(&packed))
    }

    /// Unpacks at most `limit` bytes.
    pub fn unpack(&self, limit: usize) -> Result<Vec<u8>, BodyError> {
        let packed = BASE64
            .decode(self.0.as_bytes())
            .map_err(|_| BodyError::Damaged)?;
        let mut bytes = Vec::new();
        let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
        let decoder = DeflateDecoder::new(packed.as_slice());
        decoder
            .take(most)
            .read_to_end(&mut bytes)
            .map_err(|_| BodyError::Damaged)?;
        if bytes.len() > limit {
            Err(BodyError::TooLarge { limit })
        } else {
            Ok(bytes)
        }
    }

    /// How many characters the packed form has.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no packed form at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn bytes_survive(bytes: Vec<u8>) {
            prop_assert_eq!(PackedBody::pack(&bytes).unpack(bytes.len()), Ok(bytes));
        }
    }

    #[test]
    fn bombs_and_damage_are_refused() {
        let bomb = PackedBody::pack(&vec![0; 1_000_000]);
        assert!(bomb.len() < 3_000);
        assert_eq!(
            bomb.unpack(999_999),
            Err(BodyError::TooLarge { limit: 999_999 })
        );
        assert_eq!(
            PackedBody("%".to_owned()).unpack(9),
            Err(BodyError::Damaged)
        );
        assert_eq!(
            PackedBody("/////w==".to_owned()).unpack(9),
            Err(BodyError::Damaged)
        );
    }
}
