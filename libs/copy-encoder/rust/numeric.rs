//! PostgreSQL's numeric: how many digits of base 10,000, the weight of the first one, the sign, the
//! decimals that are shown, then the digits. The server drops zeros at both ends.

use crate::cursor::Cursor;
use crate::rows::Refusal;
use crate::source::Words;

const BASE: u64 = 10_000;
const BASE_DIGITS: u32 = 4;
/// Digits come in fours, as those of the encoder in Python do: both give the same bytes.
const STEP: u32 = 4;
const MOST_PRECISION: u32 = 18;
const MOST_SCALE: u32 = 38;
const MOST_DIGITS: usize = 16;
const NEGATIVE: u16 = 0x4000;

pub struct Numerics<'a> {
    values: Words<'a, 16>,
    /// One more than the largest value's digits can say.
    bound: u64,
    /// What the last digit's decimals lack to four.
    factor: u64,
    digits: usize,
    head: [u8; 4],
    scale: u16,
}

impl<'a> Numerics<'a> {
    pub fn new(values: Words<'a, 16>, precision: u32, scale: u32) -> Result<Self, Refusal> {
        if precision == 0 || scale > MOST_SCALE {
            return Err(Refusal::Malformed("no decimal has such a precision and scale"));
        }
        let precision = precision.min(MOST_PRECISION);
        let fraction = scale.div_ceil(BASE_DIGITS);
        let whole = precision.saturating_sub(scale).div_ceil(BASE_DIGITS);
        let count = (fraction + whole).div_ceil(STEP).max(1) * STEP;
        let weight = count as i16 - fraction as i16 - 1;
        let [c0, c1] = (count as u16).to_be_bytes();
        let [w0, w1] = weight.to_be_bytes();
        Ok(Numerics {
            values,
            bound: 10_u64.pow(precision),
            factor: 10_u64.pow(fraction * BASE_DIGITS - scale),
            digits: count as usize,
            head: [c0, c1, w0, w1],
            scale: scale as u16,
        })
    }

    /// How many bytes a value takes.
    pub fn width(&self) -> usize {
        8 + 2 * self.digits
    }

    #[inline]
    pub fn put(&self, row: usize, to: &mut Cursor<'_>) -> Result<(), Refusal> {
        let value = i128::from_ne_bytes(self.values.at(row));
        let size = u64::try_from(value.unsigned_abs()).map_err(|_| Refusal::TooLarge)?;
        if size >= self.bound {
            return Err(Refusal::TooLarge);
        }
        let sign = if value < 0 { NEGATIVE } else { 0 };
        let mut bytes = [0; 12 + 2 * MOST_DIGITS];
        bytes[..4].copy_from_slice(&(self.width() as i32).to_be_bytes());
        bytes[4..8].copy_from_slice(&self.head);
        bytes[8..10].copy_from_slice(&sign.to_be_bytes());
        bytes[10..12].copy_from_slice(&self.scale.to_be_bytes());
        let digits = &mut bytes[12..12 + 2 * self.digits];
        let (mut rest, last) = self.last_digit(size);
        let mut places = digits.chunks_exact_mut(2).rev();
        if let Some(place) = places.next() {
            place.copy_from_slice(&(last as u16).to_be_bytes());
        }
        for place in places {
            if rest == 0 {
                break;
            }
            place.copy_from_slice(&((rest % BASE) as u16).to_be_bytes());
            rest /= BASE;
        }
        to.put(&bytes[..4 + self.width()]);
        Ok(())
    }

    /// What is above the last digit, and that digit; division by what the compiler knows is cheap.
    #[inline]
    fn last_digit(&self, size: u64) -> (u64, u64) {
        match self.factor {
            1 => (size / BASE, size % BASE),
            10 => (size / 1000, size % 1000 * 10),
            100 => (size / 100, size % 100 * 100),
            _ => (size / 10, size % 10 * 1000),
        }
    }
}
