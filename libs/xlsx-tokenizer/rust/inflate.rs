//! Inflates one part of a zip and sums it up as it goes.

use flate2::{Decompress, FlushDecompress, Status};

/// A raw deflate stream that takes input and gives output in pieces of any size.
pub struct Inflater {
    stream: Decompress,
    input: Vec<u8>,
    taken: usize,
    output: Vec<u8>,
    pub eof: bool,
}

impl Inflater {
    pub fn new() -> Self {
        let (input, output) = (Vec::new(), Vec::new());
        Inflater { stream: Decompress::new(false), input, taken: 0, output, eof: false }
    }

    /// Whether input was given that no output has come from yet.
    pub fn has_input(&self) -> bool {
        self.taken < self.input.len()
    }

    /// Take more input and give at most `most` bytes of output.
    pub fn inflate(&mut self, feed: &[u8], most: usize) -> Result<&[u8], String> {
        self.input.drain(..self.taken);
        self.taken = 0;
        self.input.extend_from_slice(feed);
        self.output.resize(most, 0);
        let mut given = 0;
        while !self.eof && given < most {
            let (before_in, before_out) = (self.stream.total_in(), self.stream.total_out());
            let status = self
                .stream
                .decompress(
                    &self.input[self.taken..],
                    &mut self.output[given..],
                    FlushDecompress::None,
                )
                .map_err(|error| error.to_string())?;
            let consumed = (self.stream.total_in() - before_in) as usize;
            let produced = (self.stream.total_out() - before_out) as usize;
            self.taken += consumed;
            given += produced;
            self.eof = status == Status::StreamEnd;
            if consumed == 0 && produced == 0 {
                break;
            }
        }
        Ok(&self.output[..given])
    }
}
