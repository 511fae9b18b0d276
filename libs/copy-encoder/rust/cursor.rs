//! Where the next bytes go.

pub struct Cursor<'a> {
    rest: &'a mut [u8],
}

impl<'a> Cursor<'a> {
    pub fn new(bytes: &'a mut [u8]) -> Self {
        Cursor { rest: bytes }
    }

    #[inline]
    pub fn put(&mut self, bytes: &[u8]) {
        let (here, rest) = std::mem::take(&mut self.rest).split_at_mut(bytes.len());
        here.copy_from_slice(bytes);
        self.rest = rest;
    }

    /// A field: its length, then its value.
    #[inline]
    pub fn field<const N: usize>(&mut self, value: [u8; N]) {
        let (here, rest) = std::mem::take(&mut self.rest).split_at_mut(4 + N);
        here[..4].copy_from_slice(&(N as i32).to_be_bytes());
        here[4..].copy_from_slice(&value);
        self.rest = rest;
    }

    pub fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }
}
