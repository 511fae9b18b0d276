//! The shared strings as bytes and offsets: in memory while they are small, on disk above.

use std::io;
use std::path::PathBuf;

use crate::items::{plain_items, Item};
use crate::spill::SpilledBytes;
use crate::text::{decode, is_longer, unescape_from, AMPERSAND};

const OFFSET_BYTES: usize = 4;
const PAGE_BYTES: usize = 4096;
const DROP_EVERY_BYTES: usize = 8 << 20; // of pages touched: costs nothing measurable

/// Why strings were not taken.
#[derive(Debug)]
pub enum Refusal {
    /// The string of that index is not text that XML allows.
    Malformed(usize),
    TooLong(usize),
    /// The table has more bytes than its offsets can count.
    TooMany,
    Disk(io::Error),
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        Refusal::Disk(error)
    }
}

/// Decoded texts one after the other, and where each of them ends.
#[derive(Default)]
pub struct StringStore {
    pub count: usize,
    pub may_hold_empty: bool,
    pub longest: usize,
    pub failure: Option<io::Error>,
    texts: Vec<u8>,
    ends: Vec<u32>,
    size: usize,
    spilled: Option<(SpilledBytes, SpilledBytes)>,
    touched_bytes: usize,
    max_ram_bytes: usize,
    max_chars: usize,
    folder: PathBuf,
}

impl StringStore {
    pub fn new(max_ram_bytes: usize, max_chars: usize, folder: PathBuf) -> Self {
        StringStore { max_ram_bytes, max_chars, folder, ..StringStore::default() }
    }

    pub fn is_spilled(&self) -> bool {
        self.spilled.is_some()
    }

    /// Add strings given raw, with `<` between them: it cannot stand in raw text.
    pub fn append(&mut self, joined: &[u8]) -> Result<(), Refusal> {
        let items = joined.split(|&byte| byte == b'<').map(|raw| {
            // A line end is no longer one of the file's own here: only references are open.
            Item { raw, seen: if raw.contains(&b'&') { AMPERSAND } else { 0 } }
        });
        self.add(items, joined.len())
    }

    /// Add the items of a region; false when any of them is written in an unusual way.
    pub fn take_plain(&mut self, region: &[u8]) -> Result<bool, Refusal> {
        let Some(items) = plain_items(region) else { return Ok(false) };
        self.add(items.into_iter(), region.len())?;
        Ok(true)
    }

    fn add<'a>(
        &mut self,
        items: impl Iterator<Item = Item<'a>>,
        most_bytes: usize,
    ) -> Result<(), Refusal> {
        let (mut texts, mut ends) = (Vec::with_capacity(most_bytes), Vec::new());
        let mut too_long = None;
        for (at, item) in items.enumerate() {
            let index = self.count + at;
            let start = texts.len();
            std::str::from_utf8(item.raw).map_err(|_| Refusal::Malformed(index))?;
            decode(item.raw, item.seen, false, &mut texts)
                .map_err(|_| Refusal::Malformed(index))?;
            if is_longer(&texts[start..], self.max_chars) {
                too_long = too_long.or(Some(index));
            }
            unescape_from(start, &mut texts);
            self.longest = self.longest.max(texts.len() - start);
            self.may_hold_empty |= texts.len() == start;
            let end = u32::try_from(self.size + texts.len()).map_err(|_| Refusal::TooMany)?;
            ends.push(end);
        }
        // Damage anywhere in the block comes first, as it does to who looks at the whole block.
        if let Some(index) = too_long {
            return Err(Refusal::TooLong(index));
        }
        self.keep(&texts, &ends)?;
        self.size += texts.len();
        self.count += ends.len();
        Ok(())
    }

    fn held_bytes(&self, texts: &[u8], ends: &[u32]) -> usize {
        self.size + texts.len() + OFFSET_BYTES * (self.count + ends.len())
    }

    fn keep(&mut self, texts: &[u8], ends: &[u32]) -> io::Result<()> {
        if self.spilled.is_none() && self.held_bytes(texts, ends) > self.max_ram_bytes {
            let mut files =
                (SpilledBytes::create(&self.folder)?, SpilledBytes::create(&self.folder)?);
            files.0.extend(&std::mem::take(&mut self.texts))?;
            files.1.extend(&bytes_of(&std::mem::take(&mut self.ends)))?;
            self.spilled = Some(files);
        }
        if let Some((all_texts, all_ends)) = &mut self.spilled {
            all_texts.extend(texts)?;
            all_ends.extend(&bytes_of(ends))
        } else {
            self.texts.extend_from_slice(texts);
            self.ends.extend_from_slice(ends);
            Ok(())
        }
    }

    /// The text at an index; None when it has not been read (or cannot be: see `failure`).
    #[inline]
    pub fn get(&mut self, index: u32) -> Option<&[u8]> {
        let index = index as usize;
        if index >= self.count {
            return None;
        }
        if self.spilled.is_some() {
            return self.get_spilled(index);
        }
        let start = if index == 0 { 0 } else { self.ends[index - 1] as usize };
        Some(&self.texts[start..self.ends[index] as usize])
    }

    fn get_spilled(&mut self, index: usize) -> Option<&[u8]> {
        let (texts, ends) = self.spilled.as_mut()?;
        let first = index.saturating_sub(1);
        let bounds = match ends.read(first * OFFSET_BYTES, (index + 1) * OFFSET_BYTES) {
            Ok(bytes) => (bytes, index > 0),
            Err(error) => {
                self.failure = Some(error);
                return None;
            }
        };
        let end = end_at(bounds.0, bounds.0.len() / OFFSET_BYTES - 1);
        let start = if bounds.1 { end_at(bounds.0, 0) } else { 0 };
        self.touched_bytes += end - start + 2 * PAGE_BYTES;
        if self.touched_bytes > DROP_EVERY_BYTES {
            self.touched_bytes = 0;
            texts.drop_pages();
            ends.drop_pages();
        }
        match texts.read(start, end) {
            Ok(text) => Some(text),
            Err(error) => {
                self.failure = Some(error);
                None
            }
        }
    }

    pub fn clear(&mut self) {
        self.count = 0;
        self.size = 0;
        self.texts = Vec::new();
        self.ends = Vec::new();
        self.spilled = None;
    }
}

fn bytes_of(ends: &[u32]) -> Vec<u8> {
    ends.iter().flat_map(|end| end.to_ne_bytes()).collect()
}

fn end_at(bytes: &[u8], index: usize) -> usize {
    let at = index * OFFSET_BYTES;
    bytes
        .get(at..at + OFFSET_BYTES)
        .and_then(|slice| slice.try_into().ok())
        .map_or(0, |slice| u32::from_ne_bytes(slice) as usize)
}
