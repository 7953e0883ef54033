//! Which of up to ten thousand items: a bit each.

use data_encoding::BASE64_NOPAD;
use serde::{Deserialize, Serialize};

/// A set of small numbers: one bit each, and nothing for what comes after the last one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Bits(Vec<u8>);

/// Longer texts are no sets of these.
const LONGEST: usize = 1250;

impl Bits {
    /// Puts a number in.
    pub(crate) fn insert(&mut self, number: u32) {
        let at = (number / 8) as usize;
        if at >= self.0.len() {
            self.0.resize(at + 1, 0);
        }
        self.0[at] |= 1 << (number % 8);
    }

    /// Whether a number is in it.
    pub fn contains(&self, number: u32) -> bool {
        let byte = self
            .0
            .get((number / 8) as usize)
            .copied()
            .unwrap_or_default();
        byte & (1 << (number % 8)) != 0
    }

    /// How many are in it.
    pub fn count(&self) -> u32 {
        self.0.iter().map(|byte| byte.count_ones()).sum()
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<Bits> for String {
    fn from(bits: Bits) -> Self {
        BASE64_NOPAD.encode(&bits.0)
    }
}

impl TryFrom<String> for Bits {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let bytes = BASE64_NOPAD
            .decode(text.as_bytes())
            .map_err(|_| "these are no bits")?;
        if bytes.len() > LONGEST {
            return Err("these are too many bits");
        }
        Ok(Self(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_thousand_items_take_less_than_two_kilobytes() {
        let mut bits = Bits::default();
        for number in (0..10_000).step_by(3) {
            bits.insert(number);
        }
        assert!(bits.contains(9_999) && !bits.contains(10_000) && !bits.contains(1));
        assert_eq!(bits.count(), 3_334);
        let text = String::from(bits.clone());
        assert!(text.len() < 1_700, "{}", text.len());
        assert_eq!(Bits::try_from(text), Ok(bits));
        assert!(
            Bits::try_from("A".repeat(1_668)).is_err() && Bits::try_from("#".to_owned()).is_err()
        );
    }
}
