//! Step by step through the attributes of one start tag.

/// What comes next within a start tag.
pub enum Step<'a> {
    Attribute {
        name: &'a [u8],
        value: &'a [u8],
        end: usize,
    },
    /// `>`: content follows at the position.
    Open(usize),
    /// `/>`: what follows the element begins at the position.
    Closed(usize),
}

/// Names of attributes met in one tag: XML forbids one to stand twice.
#[derive(Default)]
pub struct Names<'a> {
    letters: u128,
    names: [&'a [u8]; 8],
    count: usize,
}

impl<'a> Names<'a> {
    /// Take note of a name; None when it was there before, or when there are too many to tell.
    #[inline]
    pub fn add(&mut self, name: &'a [u8]) -> Option<()> {
        if let [letter] = name {
            let bit = 1u128 << (letter & 0x7F);
            let is_new = self.letters & bit == 0;
            self.letters |= bit;
            return is_new.then_some(());
        }
        if self.names[..self.count].contains(&name) {
            return None;
        }
        *self.names.get_mut(self.count)? = name;
        self.count += 1;
        Some(())
    }
}

#[inline]
pub fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\r' | b'\t')
}

#[inline]
pub fn skip_space(region: &[u8], mut at: usize) -> usize {
    while region.get(at).is_some_and(|&byte| is_space(byte)) {
        at += 1;
    }
    at
}

#[inline(always)]
pub fn starts<const N: usize>(region: &[u8], at: usize, with: &[u8; N]) -> bool {
    region.get(at..).and_then(|rest| rest.first_chunk::<N>()) == Some(with)
}

/// The next step from behind a name or a value; None for anything but plain, double-quoted values.
#[inline]
pub fn step(region: &[u8], at: usize) -> Option<Step<'_>> {
    let name_start = skip_space(region, at);
    match *region.get(name_start)? {
        b'>' => return Some(Step::Open(name_start + 1)),
        b'/' if region.get(name_start + 1) == Some(&b'>') => {
            return Some(Step::Closed(name_start + 2));
        }
        _ if name_start == at => return None,
        first if first.is_ascii_alphabetic() || first == b'_' => {}
        _ => return None,
    }
    let mut name_end = name_start;
    while is_name(*region.get(name_end)?) {
        name_end += 1;
    }
    if !starts(region, name_end, b"=\"") {
        return None;
    }
    let value_start = name_end + 2;
    let mut value_end = value_start;
    loop {
        match *region.get(value_end)? {
            b'"' => break,
            b'<' | b'&' => return None,
            _ => value_end += 1,
        }
    }
    Some(Step::Attribute {
        name: &region[name_start..name_end],
        value: &region[value_start..value_end],
        end: value_end + 1,
    })
}

#[inline]
fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':' | b'.' | b'-')
}

/// A number of one to `most` ASCII digits (at most nine).
#[inline]
pub fn digits(text: &[u8], most: usize) -> Option<u32> {
    if text.is_empty() || text.len() > most {
        return None;
    }
    text.iter().try_fold(0u32, |number, &byte| {
        byte.is_ascii_digit().then(|| number * 10 + u32::from(byte - b'0'))
    })
}
