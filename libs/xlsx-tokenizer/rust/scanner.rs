//! Rows from a region of whole rows: what is written plainly; anything else is left to Python.
//!
//! What is taken here is well-formed and means the same to every path of xlsx_reader. A row that
//! is not, or that breaks a limit, is never judged here: the scanner stops before it.

use crate::columns::{Columns, Room};
use crate::strings::StringStore;
use crate::tags::{digits, skip_space, starts, step, Names, Step};
use crate::text::{self, closes_cdata, decode, is_longer, text_end};
use crate::usual::{behind_reference, column_names, RowName, Short};

const LAST_COLUMN: usize = 16_384; // XFD
const EMPTY: u8 = 0;
const TEXT: u8 = 1;
const NUMBER: u8 = 2;
const BOOL: u8 = 3;
const ISO_DATE: u8 = 8;
const ERROR: u8 = 9;
const FORMULA_NO_VALUE: u8 = 10;

/// Why the scanner stands where it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// The region is read.
    End,
    /// The row here is for Python.
    Row,
    /// The row here asks for a shared string that has not been read yet.
    String(u32),
    /// The rows gathered are enough for a run.
    Full,
}

/// Bounds; to break one makes the row one for Python, which says so.
#[derive(Clone, Copy)]
pub struct Limits {
    pub max_columns: usize,
    pub max_rows: u32,
    pub max_cell_chars: usize,
}

/// Where the text of a cell comes from, by its `t` attribute.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Source {
    Value,
    Shared,
    Formula,
    Inline,
    Bool,
    /// A number that its format shows with leading zeros, up to so many digits.
    Padded(u8),
}

#[derive(Clone, Copy)]
struct Head {
    source: Source,
    tag: u8,
}

/// The raw texts of one cell.
#[derive(Default)]
struct Content<'a> {
    has_formula: bool,
    value: Option<Raw<'a>>,
    inline: Option<Raw<'a>>,
}

#[derive(Clone, Copy)]
struct Raw<'a> {
    text: &'a [u8],
    seen: u8,
}

pub struct Scanner {
    pub line: u32,
    pub rows: Columns,
    limits: Limits,
    style_tags: Vec<u8>,
    style_pads: Vec<u8>,
    column_names: Vec<Short>,
}

impl Scanner {
    pub fn new(limits: Limits, style_tags: Vec<u8>, style_pads: Vec<u8>) -> Self {
        let (rows, column_names) = (Columns::default(), column_names());
        Scanner { line: 0, rows, limits, style_tags, style_pads, column_names }
    }

    /// Take rows from the position on; the position behind the last one taken comes back.
    pub fn scan(
        &mut self,
        region: &[u8],
        start: usize,
        room: Room,
        strings: &mut StringStore,
    ) -> (usize, Stop) {
        let mut at = start;
        loop {
            if self.rows.is_full(room) {
                return (at, Stop::Full);
            }
            let (line, count, size) = (self.line, self.rows.lines.len(), self.rows.size);
            let row_start = skip_space(region, at);
            if row_start >= region.len() {
                return (region.len(), Stop::End);
            }
            match self.row(region, row_start, strings) {
                // The row that is too much for the run begins the next one.
                Ok(_) if count > 0 && self.rows.is_beyond(room) => {
                    self.rows.cut_to(count, size);
                    self.line = line;
                    return (at, Stop::Full);
                }
                Ok(end) => at = end,
                Err(stop) => {
                    self.rows.cut_to(count, size);
                    return (at, stop);
                }
            }
        }
    }

    fn row(
        &mut self,
        region: &[u8],
        start: usize,
        strings: &mut StringStore,
    ) -> Result<usize, Stop> {
        if !starts(region, start, b"<row") {
            return Err(Stop::Row);
        }
        let RowTag { line, name, end: mut at, is_closed } =
            self.row_tag(region, start + 4).ok_or(Stop::Row)?;
        let mut is_filled = false;
        let mut next_column = 0;
        if is_closed {
            self.line = line;
            return Ok(at);
        }
        loop {
            at = skip_space(region, at);
            if starts(region, at, b"<c") {
                let cell = self.cell(region, at + 2, (line, name), next_column, strings)?;
                (at, next_column) = (cell.end, cell.column + 1);
                is_filled |= cell.is_filled;
            } else if starts(region, at, b"</row>") {
                at += 6;
                break;
            } else {
                return Err(Stop::Row);
            }
        }
        self.line = line;
        self.rows.end_row(line, is_filled);
        Ok(at)
    }

    #[inline]
    fn row_tag(&self, region: &[u8], mut at: usize) -> Option<RowTag> {
        let mut names = Names::default();
        let (mut line, mut row_name) = (self.line + 1, None);
        loop {
            match step(region, at)? {
                Step::Attribute { name, value, end } => {
                    names.add(name)?;
                    if name == b"r" {
                        line = digits(value, 9)?;
                        row_name = RowName::new(value);
                    }
                    at = end;
                }
                Step::Open(end) => return self.allowed(line, row_name, end, false),
                Step::Closed(end) => return self.allowed(line, row_name, end, true),
            }
        }
    }

    fn allowed(
        &self,
        line: u32,
        name: Option<RowName>,
        end: usize,
        is_closed: bool,
    ) -> Option<RowTag> {
        let is_allowed = line > self.line && line <= self.limits.max_rows;
        is_allowed.then_some(RowTag { line, name, end, is_closed })
    }

    #[inline]
    fn cell(
        &mut self,
        region: &[u8],
        start: usize,
        (line, row_name): (u32, Option<RowName>),
        next_column: usize,
        strings: &mut StringStore,
    ) -> Result<Cell, Stop> {
        let tag = row_name
            .and_then(|name| self.usual_tag(region, start, name, next_column))
            .or_else(|| self.cell_tag(region, start, line, next_column))
            .ok_or(Stop::Row)?;
        let (content, end) = if tag.is_closed {
            (Content::default(), tag.end)
        } else {
            usual_content(region, tag.end).or_else(|| content(region, tag.end)).ok_or(Stop::Row)?
        };
        let is_filled = self.put(tag.column, tag.head, &content, strings)?;
        Ok(Cell { end, column: tag.column, is_filled })
    }

    /// The start tag of the next column's cell, its attributes in the usual order; None where it
    /// is written otherwise.
    #[inline(always)]
    fn usual_tag(
        &self,
        region: &[u8],
        start: usize,
        row: RowName,
        next_column: usize,
    ) -> Option<CellTag> {
        let name = *self.column_names.get(next_column)?;
        let mut at = behind_reference(region, start, name, row)?;
        let mut style = None;
        if starts(region, at, b" s=\"") {
            let value_start = at + 4;
            let size =
                region[value_start..].iter().take(9).take_while(|byte| byte.is_ascii_digit());
            at = value_start + size.count();
            style = Some(&region[value_start..at]);
            if region.get(at) != Some(&b'"') {
                return None;
            }
            at += 1;
        }
        let (kind, size): (Option<&[u8]>, usize) = if region.get(at) == Some(&b'>') {
            (None, 1)
        } else if starts(region, at, b" t=\"inlineStr\">") {
            (Some(b"inlineStr"), 15)
        } else if starts(region, at, b" t=\"s\">") {
            (Some(b"s"), 7)
        } else if starts(region, at, b" t=\"b\">") {
            (Some(b"b"), 7)
        } else {
            return None;
        };
        let head = self.head(kind, style)?;
        Some(CellTag { head, column: next_column, end: at + size, is_closed: false })
    }

    #[inline]
    fn cell_tag(
        &self,
        region: &[u8],
        mut at: usize,
        line: u32,
        next_column: usize,
    ) -> Option<CellTag> {
        let mut names = Names::default();
        let (mut column, mut kind, mut style) = (next_column, None, None);
        let (end, is_closed) = loop {
            match step(region, at)? {
                Step::Attribute { name, value, end } => {
                    names.add(name)?;
                    match name {
                        b"r" => column = column_of(value, line)?,
                        b"t" => kind = Some(value),
                        b"s" => style = Some(value),
                        _ => {}
                    }
                    at = end;
                }
                Step::Open(end) => break (end, false),
                Step::Closed(end) => break (end, true),
            }
        };
        if column < next_column || column >= LAST_COLUMN {
            return None;
        }
        Some(CellTag { head: self.head(kind, style)?, column, end, is_closed })
    }

    #[inline]
    fn head(&self, kind: Option<&[u8]>, style: Option<&[u8]>) -> Option<Head> {
        let (source, tag) = match kind {
            None | Some(b"n") => return self.number_head(style),
            Some(b"s") => (Source::Shared, TEXT),
            Some(b"str") => (Source::Formula, TEXT),
            Some(b"inlineStr") => (Source::Inline, TEXT),
            Some(b"b") => (Source::Bool, BOOL),
            Some(b"e") => (Source::Value, ERROR),
            Some(b"d") => (Source::Value, ISO_DATE),
            Some(_) => return None,
        };
        Some(Head { source, tag })
    }

    /// The head of a number; a style beyond the table is that of a plain one.
    #[inline]
    fn number_head(&self, style: Option<&[u8]>) -> Option<Head> {
        let index = style.map_or(Some(0), |text| digits(text, 9))? as usize;
        let tag = self.style_tags.get(index).copied().unwrap_or(NUMBER);
        Some(match self.style_pads.get(index) {
            Some(&pad) if pad > 0 => Head { source: Source::Padded(pad), tag: TEXT },
            _ => Head { source: Source::Value, tag },
        })
    }

    /// Put the cell's text and tag into its column; false when there is nothing in it.
    #[inline]
    fn put(
        &mut self,
        index: usize,
        head: Head,
        content: &Content,
        strings: &mut StringStore,
    ) -> Result<bool, Stop> {
        let empty = Raw { text: b"", seen: 0 };
        let value = content.value.unwrap_or(empty);
        let inline = content.inline.unwrap_or(empty);
        let (raw, source, tag) = if head.source == Source::Inline {
            (content.inline.unwrap_or(value), Source::Inline, TEXT)
        } else if content.value.is_none() && !inline.text.is_empty() {
            (inline, Source::Inline, TEXT)
        } else if value.text.is_empty() {
            // An empty <v> of a formula that gives text is the empty text.
            let is_empty_text = head.source == Source::Formula && content.value.is_some();
            let is_open = content.has_formula && !is_empty_text;
            (empty, Source::Value, if is_open { FORMULA_NO_VALUE } else { EMPTY })
        } else {
            (value, head.source, head.tag)
        };
        if tag == EMPTY || (raw.text.is_empty() && tag != FORMULA_NO_VALUE) {
            return Ok(false);
        }
        if index >= self.limits.max_columns {
            return Err(Stop::Row);
        }
        let text = match source {
            Source::Shared => {
                let number = digits(raw.text, 9).ok_or(Stop::Row)?;
                let text = strings.get(number).ok_or(Stop::String(number))?;
                if text.is_empty() {
                    return Ok(false);
                }
                Raw { text, seen: 0 }
            }
            Source::Bool => Raw { text: bool_text(raw.text).ok_or(Stop::Row)?, seen: 0 },
            Source::Padded(pad) => return self.put_padded(index, raw, pad),
            _ => raw,
        };
        let has_escapes = matches!(source, Source::Inline | Source::Formula)
            && text.seen & (text::UNDERSCORE | text::AMPERSAND) != 0;
        let column = self.rows.cell(index);
        let start = column.text.len();
        decode(text.text, text.seen, has_escapes, &mut column.text).map_err(|_| Stop::Row)?;
        if is_longer(&column.text[start..], self.limits.max_cell_chars) {
            return Err(Stop::Row);
        }
        let size = column.text.len() - start;
        column.put(tag);
        self.rows.grow(size);
        Ok(true)
    }

    /// Digits get their zeros; what a format of zeros means for anything else, Python knows.
    fn put_padded(&mut self, index: usize, raw: Raw, pad: u8) -> Result<bool, Stop> {
        const MOST_DIGITS: usize = 15; // that Excel keeps
        if raw.text.len() > MOST_DIGITS || !raw.text.iter().all(u8::is_ascii_digit) {
            return Err(Stop::Row);
        }
        let zeros = usize::from(pad).saturating_sub(raw.text.len());
        let column = self.rows.cell(index);
        column.text.resize(column.text.len() + zeros, b'0');
        column.text.extend_from_slice(raw.text);
        column.put(TEXT);
        self.rows.grow(zeros + raw.text.len());
        Ok(true)
    }
}

struct RowTag {
    line: u32,
    name: Option<RowName>,
    end: usize,
    is_closed: bool,
}

struct Cell {
    end: usize,
    column: usize,
    is_filled: bool,
}

struct CellTag {
    head: Head,
    column: usize,
    end: usize,
    is_closed: bool,
}

/// The column of a reference such as `AB12`, which must name its own line.
#[inline]
fn column_of(reference: &[u8], line: u32) -> Option<usize> {
    let mut index = 0;
    let mut at = 0;
    while let Some(&letter @ b'A'..=b'Z') = reference.get(at) {
        index = index * 26 + usize::from(letter - b'A') + 1;
        at += 1;
        if at > 3 {
            return None;
        }
    }
    let names_line = digits(&reference[at..], 7)? == line;
    (names_line && (1..=LAST_COLUMN).contains(&index)).then(|| index - 1)
}

fn bool_text(value: &[u8]) -> Option<&'static [u8]> {
    match value {
        b"1" | b"true" => Some(b"1"),
        b"0" | b"false" => Some(b"0"),
        _ => None,
    }
}

/// The same as `content`, of a cell that has nothing but a value or a text.
#[inline(always)]
fn usual_content(region: &[u8], start: usize) -> Option<(Content<'_>, usize)> {
    let mut found = Content::default();
    let end;
    if starts(region, start, b"<v>") {
        (found.value, end) = raw(region, start + 3, b"</v></c>")?;
    } else if starts(region, start, b"<is><t>") {
        (found.inline, end) = raw(region, start + 7, b"</t></is></c>")?;
    } else {
        return None;
    }
    Some((found, end))
}

/// What stands between `<c …>` and `</c>`, and the position behind that.
#[inline]
fn content(region: &[u8], start: usize) -> Option<(Content<'_>, usize)> {
    let mut found = Content::default();
    let mut at = skip_space(region, start);
    if starts(region, at, b"<f") {
        found.has_formula = true;
        at = skip_space(region, formula_end(region, at + 2)?);
    }
    if starts(region, at, b"<v>") {
        (found.value, at) = raw(region, at + 3, b"</v>")?;
    } else if starts(region, at, b"<v/>") {
        (found.value, at) = (Some(Raw { text: b"", seen: 0 }), at + 4);
    } else if starts(region, at, b"<v xml:space=\"preserve\">") {
        (found.value, at) = raw(region, at + 24, b"</v>")?;
    } else if starts(region, at, b"<is>") {
        at = skip_space(region, at + 4);
        let text_start = if starts(region, at, b"<t>") {
            at + 3
        } else if starts(region, at, b"<t xml:space=\"preserve\">") {
            at + 24
        } else {
            return None;
        };
        (found.inline, at) = raw(region, text_start, b"</t>")?;
        at = skip_space(region, at);
        if !starts(region, at, b"</is>") {
            return None;
        }
        at += 5;
    }
    at = skip_space(region, at);
    starts(region, at, b"</c>").then_some((found, at + 4))
}

/// The raw text from the position to the end tag, and the position behind that tag.
#[inline]
fn raw<'a, const N: usize>(
    region: &'a [u8],
    start: usize,
    end_tag: &[u8; N],
) -> Option<(Option<Raw<'a>>, usize)> {
    let (end, seen) = text_end(region, start);
    let text = &region[start..end];
    if !starts(region, end, end_tag) || (seen & text::GREATER != 0 && closes_cdata(text)) {
        return None;
    }
    Some((Some(Raw { text, seen }), end + N))
}

/// The position behind a formula, whose text must be well-formed but is not kept.
fn formula_end(region: &[u8], mut at: usize) -> Option<usize> {
    let mut names = Names::default();
    loop {
        match step(region, at)? {
            Step::Attribute { name, end, .. } => {
                names.add(name)?;
                at = end;
            }
            Step::Closed(end) => return Some(end),
            Step::Open(end) => {
                let (formula, behind) = raw(region, end, b"</f>")?;
                let formula = formula?;
                if formula.seen & text::AMPERSAND != 0 {
                    decode(formula.text, formula.seen, false, &mut Vec::new()).ok()?;
                }
                return Some(behind);
            }
        }
    }
}
