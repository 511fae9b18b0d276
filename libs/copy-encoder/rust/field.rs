//! A column: what each row's field is made of.

use crate::cursor::Cursor;
use crate::numeric::Numerics;
use crate::rows::Refusal;
use crate::source::{Bits, Texts, Words};

/// 2000-01-01, where PostgreSQL counts from, in days of Unix.
const EPOCH_DAY: i32 = 10_957;
const EPOCH_US: i64 = EPOCH_DAY as i64 * 86_400_000_000;
const NULL: i32 = -1;
const JSONB_VERSION: u8 = 1;

pub enum Values<'a> {
    Integers32(Words<'a, 4>, Integer),
    Integers64(Words<'a, 8>, Integer),
    Booleans(Bits<'a>),
    Dates(Words<'a, 4>),
    Timestamps(Words<'a, 8>),
    Doubles(Words<'a, 8>),
    Texts(Texts<'a>),
    Jsons(Texts<'a>),
    Numerics(Numerics<'a>),
}

#[derive(Clone, Copy)]
pub enum Integer {
    Int2,
    Int4,
    Int8,
}

pub struct Column<'a> {
    values: Values<'a>,
    /// None where no row is null.
    validity: Option<Bits<'a>>,
}

impl<'a> Column<'a> {
    pub fn new(values: Values<'a>, validity: Option<Bits<'a>>) -> Self {
        Column { values, validity }
    }

    /// How many bytes the fields of all rows take.
    pub fn size(&self, rows: usize) -> usize {
        let before = 4 + usize::from(matches!(self.values, Values::Jsons(_)));
        match (&self.values, &self.validity) {
            (Values::Texts(texts) | Values::Jsons(texts), None) => {
                texts.total(rows) + before * rows
            }
            (Values::Texts(texts) | Values::Jsons(texts), Some(validity)) => (0..rows)
                .map(|row| if validity.at(row) { before + texts.at(row).len() } else { 4 })
                .sum(),
            (_, None) => (4 + self.width()) * rows,
            (_, Some(validity)) => {
                let valid = (0..rows).filter(|&row| validity.at(row)).count();
                4 * rows + self.width() * valid
            }
        }
    }

    #[inline]
    pub fn put(&self, row: usize, to: &mut Cursor<'_>) -> Result<(), Refusal> {
        if self.validity.as_ref().is_some_and(|validity| !validity.at(row)) {
            to.put(&NULL.to_be_bytes());
            return Ok(());
        }
        match &self.values {
            Values::Integers32(words, kind) => {
                return kind.put(i32::from_ne_bytes(words.at(row)).into(), to);
            }
            Values::Integers64(words, kind) => {
                return kind.put(i64::from_ne_bytes(words.at(row)), to);
            }
            Values::Booleans(bits) => to.field([u8::from(bits.at(row))]),
            Values::Dates(words) => {
                let day = i32::from_ne_bytes(words.at(row)).checked_sub(EPOCH_DAY);
                to.field(day.ok_or(Refusal::TooLarge)?.to_be_bytes());
            }
            Values::Timestamps(words) => {
                let moment = i64::from_ne_bytes(words.at(row)).checked_sub(EPOCH_US);
                to.field(moment.ok_or(Refusal::TooLarge)?.to_be_bytes());
            }
            Values::Doubles(words) => to.field(u64::from_ne_bytes(words.at(row)).to_be_bytes()),
            Values::Texts(texts) => {
                let text = texts.at(row);
                to.put(&(text.len() as i32).to_be_bytes());
                to.put(text);
            }
            Values::Jsons(texts) => {
                let text = texts.at(row);
                let size = i32::try_from(text.len() + 1).map_err(|_| Refusal::TooLarge)?;
                to.put(&size.to_be_bytes());
                to.put(&[JSONB_VERSION]);
                to.put(text);
            }
            Values::Numerics(numerics) => return numerics.put(row, to),
        }
        Ok(())
    }

    /// How many bytes a value takes where all take as many.
    fn width(&self) -> usize {
        match &self.values {
            Values::Integers32(_, kind) | Values::Integers64(_, kind) => kind.width(),
            Values::Booleans(_) => 1,
            Values::Dates(_) => 4,
            Values::Timestamps(_) | Values::Doubles(_) => 8,
            Values::Texts(_) | Values::Jsons(_) => 0,
            Values::Numerics(numerics) => numerics.width(),
        }
    }
}

impl Integer {
    fn width(self) -> usize {
        match self {
            Integer::Int2 => 2,
            Integer::Int4 => 4,
            Integer::Int8 => 8,
        }
    }

    #[inline]
    fn put(self, value: i64, to: &mut Cursor<'_>) -> Result<(), Refusal> {
        match self {
            Integer::Int2 => {
                to.field(i16::try_from(value).map_err(|_| Refusal::TooLarge)?.to_be_bytes());
            }
            Integer::Int4 => {
                to.field(i32::try_from(value).map_err(|_| Refusal::TooLarge)?.to_be_bytes());
            }
            Integer::Int8 => to.field(value.to_be_bytes()),
        }
        Ok(())
    }
}
