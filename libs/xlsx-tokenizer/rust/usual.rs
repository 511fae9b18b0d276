//! What nearly every writer writes, compared as a whole; anything else takes the way step by step.

use crate::tags::starts;

/// A few bytes, compared by one load.
#[derive(Clone, Copy, Default)]
pub struct Short {
    value: u64,
    mask: u64,
    pub len: usize,
}

impl Short {
    /// None for more than eight bytes.
    pub fn new(bytes: &[u8]) -> Option<Short> {
        let mut padded = [0; 8];
        padded.get_mut(..bytes.len())?.copy_from_slice(bytes);
        let mask = if bytes.is_empty() { 0 } else { u64::MAX >> (64 - 8 * bytes.len()) };
        Some(Short { value: u64::from_le_bytes(padded), mask, len: bytes.len() })
    }

    #[inline(always)]
    fn is_at(self, region: &[u8], at: usize) -> bool {
        let found = region.get(at..).and_then(|rest| rest.first_chunk::<8>());
        found.is_some_and(|bytes| u64::from_le_bytes(*bytes) & self.mask == self.value)
    }
}

/// How the references of a row's cells are written.
#[derive(Clone, Copy)]
pub struct RowName(Short);

impl RowName {
    /// None for a row without a number, or with one that no reference repeats.
    #[inline]
    pub fn new(number: &[u8]) -> Option<RowName> {
        const MOST_DIGITS: usize = 7;
        if number.is_empty() || number.len() > MOST_DIGITS {
            return None;
        }
        let mut quoted = [b'"'; MOST_DIGITS + 1];
        quoted[..number.len()].copy_from_slice(number);
        Short::new(&quoted[..=number.len()]).map(RowName)
    }
}

/// The letters of the first columns.
pub fn column_names() -> Vec<Short> {
    let letters = || b'A'..=b'Z';
    let one = letters().map(|last| vec![last]);
    let two = letters().flat_map(|first| letters().map(move |last| vec![first, last]));
    one.chain(two).filter_map(|name| Short::new(&name)).collect()
}

/// The position behind ` r="` the reference `"`, when it is just that.
#[inline(always)]
pub fn behind_reference(region: &[u8], at: usize, column: Short, row: RowName) -> Option<usize> {
    let is_usual = starts(region, at, b" r=\"")
        && column.is_at(region, at + 4)
        && row.0.is_at(region, at + 4 + column.len);
    is_usual.then_some(at + 4 + column.len + row.0.len)
}
