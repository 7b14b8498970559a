//! Random numbers: as Python draws them from a seed, or unpredictable ones.

use minijinja::Error;
use sha2::{Digest, Sha512};

use super::arguments::bad;

/// A source of random numbers.
pub(super) enum Random {
    /// The Mersenne Twister (MT19937), as `random.Random(seed)` in Python.
    Seeded(Box<Twister>),
    /// The operating system's.
    System,
}

impl Random {
    /// The numbers that Python's `random.Random(seed)` gives for a whole number.
    pub(super) fn from_number(seed: i64) -> Self {
        Self::Seeded(Box::new(Twister::new(&seed.unsigned_abs().to_be_bytes())))
    }

    /// The numbers that Python's `random.Random(seed)` gives for a text.
    pub(super) fn from_text(seed: &str) -> Self {
        let mut key = seed.as_bytes().to_vec();
        key.extend_from_slice(&Sha512::digest(seed.as_bytes()));
        Self::Seeded(Box::new(Twister::new(&key)))
    }

    fn bits(&mut self, count: u32) -> Result<u64, Error> {
        match self {
            Self::System => {
                let bits = getrandom::u64().map_err(|error| bad(error.to_string()))?;
                Ok(bits >> (u64::BITS - count))
            }
            Self::Seeded(twister) if count <= 32 => Ok(u64::from(twister.next() >> (32 - count))),
            Self::Seeded(twister) => {
                let low = u64::from(twister.next());
                Ok(low | u64::from(twister.next() >> (64 - count)) << 32)
            }
        }
    }

    /// A number from 0 up to, not including, `limit`, drawn as Python draws it.
    pub(super) fn below(&mut self, limit: usize) -> Result<usize, Error> {
        if limit == 0 {
            return Err(bad("there is nothing to choose from"));
        }
        let limit = limit as u64;
        let count = u64::BITS - limit.leading_zeros();
        loop {
            let drawn = self.bits(count)?;
            if drawn < limit {
                return usize::try_from(drawn).map_err(|error| bad(error.to_string()));
            }
        }
    }

    /// Shuffles as Python does.
    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) -> Result<(), Error> {
        for at in (1..items.len()).rev() {
            let other = self.below(at + 1)?;
            items.swap(at, other);
        }
        Ok(())
    }
}

const SIZE: usize = 624;

/// The generator of Matsumoto and Nishimura, 1998.
pub(super) struct Twister {
    state: [u32; SIZE],
    at: usize,
}

impl Twister {
    /// Seeds from a number in big-endian bytes, 32 bits at a time from its low end.
    fn new(number: &[u8]) -> Self {
        let mut key: Vec<u32> = number
            .rchunks(4)
            .map(|chunk| chunk.iter().fold(0, |word, byte| word << 8 | u32::from(*byte)))
            .collect();
        while key.len() > 1 && key.last() == Some(&0) {
            key.pop();
        }
        let mut state = [0_u32; SIZE];
        state[0] = 19_650_218;
        for i in 1..SIZE {
            let before = state[i - 1];
            state[i] = 1_812_433_253_u32.wrapping_mul(before ^ before >> 30).wrapping_add(index(i));
        }
        let mix = |state: &[u32; SIZE], i: usize, factor: u32| {
            let before = state[i - 1];
            state[i] ^ (before ^ before >> 30).wrapping_mul(factor)
        };
        let (mut i, mut j) = (1, 0);
        for _ in 0..SIZE.max(key.len()) {
            state[i] = mix(&state, i, 1_664_525).wrapping_add(key[j]).wrapping_add(index(j));
            i += 1;
            j = (j + 1) % key.len();
            if i == SIZE {
                state[0] = state[SIZE - 1];
                i = 1;
            }
        }
        for _ in 1..SIZE {
            state[i] = mix(&state, i, 1_566_083_941).wrapping_sub(index(i));
            i += 1;
            if i == SIZE {
                state[0] = state[SIZE - 1];
                i = 1;
            }
        }
        state[0] = 0x8000_0000;
        Self { state, at: SIZE }
    }

    fn next(&mut self) -> u32 {
        if self.at == SIZE {
            for i in 0..SIZE {
                let bits = self.state[i] & 0x8000_0000 | self.state[(i + 1) % SIZE] & 0x7fff_ffff;
                let twist = if bits & 1 == 0 { 0 } else { 0x9908_b0df };
                self.state[i] = self.state[(i + 397) % SIZE] ^ bits >> 1 ^ twist;
            }
            self.at = 0;
        }
        let mut bits = self.state[self.at];
        self.at += 1;
        bits ^= bits >> 11;
        bits ^= bits << 7 & 0x9d2c_5680;
        bits ^= bits << 15 & 0xefc6_0000;
        bits ^ bits >> 18
    }
}

fn index(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draws(mut random: Random, limit: usize) -> Vec<usize> {
        (0..5).map(|_| random.below(limit).unwrap()).collect()
    }

    #[test]
    fn numbers_are_those_of_python() {
        // [random.Random("x").randrange(10) …], random.Random(42), random.Random(2**40)
        assert_eq!(draws(Random::from_text("x"), 10), PYTHON_X);
        assert_eq!(draws(Random::from_number(42), 1000), PYTHON_42);
        assert_eq!(draws(Random::from_number(1 << 40), 1_000_000), PYTHON_LARGE);
    }

    const PYTHON_X: [usize; 5] = [5, 9, 9, 7, 1];
    const PYTHON_42: [usize; 5] = [654, 114, 25, 759, 281];
    const PYTHON_LARGE: [usize; 5] = [108_673, 370_381, 703_128, 68_854, 447_379];

    #[test]
    fn nothing_cannot_be_chosen_from() {
        assert!(Random::System.below(0).is_err());
        assert_eq!(Random::System.below(1).unwrap(), 0);
    }
}
