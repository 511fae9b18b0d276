//! From the raw text between two tags to the text Excel shows.

use memchr::memmem;

/// What was seen in a raw text while its end was looked for.
pub const AMPERSAND: u8 = 1;
pub const RETURN: u8 = 2;
pub const UNDERSCORE: u8 = 4;
pub const GREATER: u8 = 8;
const END: u8 = 128;

const KINDS: [u8; 256] = {
    let mut kinds = [0u8; 256];
    kinds[b'<' as usize] = END;
    kinds[b'&' as usize] = AMPERSAND;
    kinds[b'\r' as usize] = RETURN;
    kinds[b'_' as usize] = UNDERSCORE;
    kinds[b'>' as usize] = GREATER;
    kinds
};

/// A reference that XML 1.0 does not know.
#[derive(Debug, PartialEq, Eq)]
pub struct Malformed;

/// The position of the next `<` (the end of the region without one) and the kinds seen before it.
#[inline]
pub fn text_end(region: &[u8], start: usize) -> (usize, u8) {
    let mut seen = 0;
    for (at, &byte) in region[start..].iter().enumerate() {
        let kind = KINDS[byte as usize];
        if kind == END {
            return (start + at, seen);
        }
        seen |= kind;
    }
    (region.len(), seen)
}

/// Append the text to `out`: line ends and references resolved, then Excel's own escapes.
#[inline]
pub fn decode(raw: &[u8], seen: u8, has_escapes: bool, out: &mut Vec<u8>) -> Result<(), Malformed> {
    let start = out.len();
    if seen & (AMPERSAND | RETURN) == 0 {
        out.extend_from_slice(raw);
    } else {
        decode_references(raw, seen, out)?;
    }
    if has_escapes {
        unescape_from(start, out);
    }
    Ok(())
}

/// Resolve Excel's own escapes in the text that begins there.
pub fn unescape_from(start: usize, out: &mut Vec<u8>) {
    if memmem::find(&out[start..], b"_x").is_some() {
        let text = out.split_off(start);
        decode_escapes(&text, out);
    }
}

/// XML 1.0: 2.11 (line ends), 4.1 (references), 4.6 (the five names). A return that was not seen is
/// one that a reference meant: it stays.
fn decode_references(raw: &[u8], seen: u8, out: &mut Vec<u8>) -> Result<(), Malformed> {
    let line_end = if seen & RETURN == 0 { b'&' } else { b'\r' };
    let mut rest = raw;
    while let Some(at) = memchr::memchr2(b'&', line_end, rest) {
        out.extend_from_slice(&rest[..at]);
        if rest[at] == b'\r' {
            out.push(b'\n');
            let pair = usize::from(rest.get(at + 1) == Some(&b'\n'));
            rest = &rest[at + 1 + pair..];
        } else {
            rest = decode_reference(&rest[at + 1..], out)?;
        }
    }
    out.extend_from_slice(rest);
    Ok(())
}

/// Append the character that a reference means; what follows it is returned.
pub fn decode_reference<'a>(rest: &'a [u8], out: &mut Vec<u8>) -> Result<&'a [u8], Malformed> {
    const LONGEST: usize = 9;
    let head = &rest[..rest.len().min(LONGEST)];
    let end = memchr::memchr(b';', head).ok_or(Malformed)?;
    match &rest[..end] {
        b"amp" => out.push(b'&'),
        b"lt" => out.push(b'<'),
        b"gt" => out.push(b'>'),
        b"quot" => out.push(b'"'),
        b"apos" => out.push(b'\''),
        [b'#', b'x', digits @ ..] => push_char(number(digits, 16, 6)?, out)?,
        [b'#', digits @ ..] => push_char(number(digits, 10, 7)?, out)?,
        _ => return Err(Malformed),
    }
    Ok(&rest[end + 1..])
}

fn number(digits: &[u8], radix: u32, most: usize) -> Result<u32, Malformed> {
    if digits.is_empty() || digits.len() > most {
        return Err(Malformed);
    }
    digits.iter().try_fold(0, |code, &digit| {
        let value = char::from(digit).to_digit(radix).ok_or(Malformed)?;
        Ok(code * radix + value)
    })
}

fn push_char(code: u32, out: &mut Vec<u8>) -> Result<(), Malformed> {
    let is_allowed = matches!(code, 0x9 | 0xA | 0xD) || code >= 0x20;
    match char::from_u32(code) {
        Some(found) if is_allowed && !matches!(code, 0xFFFE | 0xFFFF) => {
            out.extend_from_slice(found.encode_utf8(&mut [0; 4]).as_bytes());
            Ok(())
        }
        _ => Err(Malformed),
    }
}

/// ECMA-376 part 1, 22.9.2.19: `_xHHHH_` is a UTF-16 unit; half a pair becomes U+FFFD.
fn decode_escapes(text: &[u8], out: &mut Vec<u8>) {
    let mut units: Vec<u16> = Vec::new();
    let mut at = 0;
    while let Some(next) = memchr::memchr(b'_', &text[at..]) {
        out.extend_from_slice(&text[at..at + next]);
        at += next;
        while let Some(unit) = escaped_unit(&text[at..]) {
            units.push(unit);
            at += 7;
        }
        if units.is_empty() {
            out.push(b'_');
            at += 1;
        }
        for decoded in char::decode_utf16(units.drain(..)) {
            let shown = decoded.unwrap_or(char::REPLACEMENT_CHARACTER);
            out.extend_from_slice(shown.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }
    out.extend_from_slice(&text[at..]);
}

fn escaped_unit(text: &[u8]) -> Option<u16> {
    match text {
        [b'_', b'x', digits @ ..] if digits.len() >= 5 && digits[4] == b'_' => {
            digits[..4].iter().try_fold(0u16, |unit, &digit| {
                let value = char::from(digit).to_digit(16)?;
                Some(unit << 4 | value as u16)
            })
        }
        _ => None,
    }
}

/// Whether the text has more characters than that.
#[inline]
pub fn is_longer(text: &[u8], most_chars: usize) -> bool {
    text.len() > most_chars && text.iter().filter(|&&byte| byte & 0xC0 != 0x80).count() > most_chars
}

/// Whether a region is valid UTF-8 without a character that XML forbids, and without a comment, CDATA
/// (or its end in a text, which is malformed), a DOCTYPE or a processing instruction.
pub fn is_plain(region: &[u8]) -> bool {
    let held = bytes_held(region);
    let holds = |kind: u8, text: &[u8]| held & kind != 0 && memmem::find(region, text).is_some();
    held & CONTROL == 0
        && !holds(DECLARATION, b"<!")
        && !holds(INSTRUCTION, b"<?")
        && !holds(BRACKET, b"]]>")
        && std::str::from_utf8(region).is_ok()
        && !holds(LAST_OF_PLANE, b"\xef\xbf\xbe")
        && !holds(LAST_OF_PLANE, b"\xef\xbf\xbf")
}

const CONTROL: u8 = 1;
const DECLARATION: u8 = 2;
const INSTRUCTION: u8 = 4;
const BRACKET: u8 = 8;
const LAST_OF_PLANE: u8 = 16;

/// Which bytes there are that something forbidden begins with or consists of: most regions have
/// none. One pass without a branch, which the compiler turns into vector instructions.
fn bytes_held(region: &[u8]) -> u8 {
    let mut held = [0u8; 5];
    for &byte in region {
        let is_control = byte < 0x20 && byte != b'\t' && byte != b'\n' && byte != b'\r';
        held[0] |= u8::from(is_control);
        held[1] |= u8::from(byte == b'!');
        held[2] |= u8::from(byte == b'?');
        held[3] |= u8::from(byte == b']');
        held[4] |= u8::from(byte == 0xEF);
    }
    held.iter().enumerate().fold(0, |all, (bit, &is_held)| all | is_held << bit)
}

/// `]]>` must not stand in text (XML 1.0, 2.4).
#[cold]
pub fn closes_cdata(text: &[u8]) -> bool {
    memmem::find(text, b"]]>").is_some()
}
