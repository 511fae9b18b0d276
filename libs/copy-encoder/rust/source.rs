//! What Arrow holds: buffers that are looked through before anything is made of them.

use crate::rows::Refusal;

/// One bit for each row, the lowest of a byte first.
pub struct Bits<'a> {
    bytes: &'a [u8],
    offset: usize,
}

impl<'a> Bits<'a> {
    pub fn new(bytes: &'a [u8], offset: usize, rows: usize) -> Result<Self, Refusal> {
        let end = offset.checked_add(rows).ok_or(Refusal::Malformed("its offset is too large"))?;
        if rows > 0 && end.div_ceil(8) > bytes.len() {
            return Err(Refusal::Malformed("a buffer of bits is too short"));
        }
        Ok(Bits { bytes, offset })
    }

    #[inline]
    pub fn at(&self, row: usize) -> bool {
        let index = self.offset + row;
        self.bytes[index / 8] >> (index % 8) & 1 == 1
    }
}

/// Values of N bytes, one for each row.
pub struct Words<'a, const N: usize> {
    bytes: &'a [u8],
}

impl<'a, const N: usize> Words<'a, N> {
    pub fn new(bytes: &'a [u8], offset: usize, rows: usize) -> Result<Self, Refusal> {
        Ok(Words { bytes: part(bytes, N, offset, rows)? })
    }

    #[inline]
    pub fn at(&self, row: usize) -> [u8; N] {
        let start = row * N;
        self.bytes[start..start + N].try_into().expect("as many bytes as were asked for")
    }
}

/// Texts behind each other, and where each begins and ends.
pub struct Texts<'a> {
    ends: Words<'a, 4>,
    bytes: &'a [u8],
}

impl<'a> Texts<'a> {
    pub fn new(
        offsets: &'a [u8],
        bytes: &'a [u8],
        offset: usize,
        rows: usize,
    ) -> Result<Self, Refusal> {
        if rows == 0 {
            return Ok(Texts { ends: Words { bytes: &[] }, bytes: &[] });
        }
        let count = rows.checked_add(1).ok_or(Refusal::Malformed("it has too many rows"))?;
        let ends = Words::new(offsets, offset, count)?;
        let mut last = 0;
        let mut is_rising = true;
        for end in ends.bytes.chunks_exact(4) {
            let end = i32::from_ne_bytes(end.try_into().expect("four bytes"));
            is_rising &= last <= end;
            last = end;
        }
        if !is_rising || last as usize > bytes.len() {
            return Err(Refusal::Malformed("a text ends before it begins, or behind the data"));
        }
        Ok(Texts { ends, bytes })
    }

    #[inline]
    pub fn at(&self, row: usize) -> &'a [u8] {
        &self.bytes[self.end(row)..self.end(row + 1)]
    }

    /// How many bytes the first so many texts have.
    pub fn total(&self, rows: usize) -> usize {
        if rows == 0 {
            0
        } else {
            self.end(rows) - self.end(0)
        }
    }

    #[inline]
    fn end(&self, index: usize) -> usize {
        i32::from_ne_bytes(self.ends.at(index)) as usize
    }
}

/// The bytes of these rows, of so many bytes each; Arrow may leave out the buffers of no rows.
fn part(bytes: &[u8], width: usize, offset: usize, rows: usize) -> Result<&[u8], Refusal> {
    if rows == 0 {
        return Ok(&[]);
    }
    let start = offset.checked_mul(width);
    let size = rows.checked_mul(width);
    start
        .zip(size)
        .and_then(|(start, size)| bytes.get(start..start.checked_add(size)?))
        .ok_or(Refusal::Malformed("a buffer is too short for its rows"))
}
