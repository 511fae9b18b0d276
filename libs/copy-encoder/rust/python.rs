//! The function that Python sees, and how it gets at the buffers.

use std::panic::{catch_unwind, AssertUnwindSafe};

use pyo3::buffer::PyUntypedBuffer;
use pyo3::create_exception;
use pyo3::exceptions::{PyOverflowError, PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::field::{Column, Integer, Values};
use crate::numeric::Numerics;
use crate::rows::{Refusal, Rows};
use crate::source::{Bits, Texts, Words};

create_exception!(copy_encoder, Fault, PyRuntimeError);

/// A column as Python describes it: source, type, precision, scale, offset, buffers.
type Described<'py> = (String, String, u32, u32, usize, Vec<Option<Bound<'py, PyAny>>>);

/// The rows of these columns, each behind the job's id where there is one.
#[pyfunction]
pub fn encode<'py>(
    py: Python<'py>,
    rows: usize,
    columns: Vec<Described<'py>>,
    job_id: Option<[u8; 16]>,
) -> PyResult<Bound<'py, PyBytes>> {
    let held = columns.iter().map(Held::new).collect::<PyResult<Vec<_>>>()?;
    let (all, size) = unlocked(py, || {
        let columns =
            held.iter().map(|column| column.looked_through(rows)).collect::<Result<Vec<_>, _>>()?;
        let all = Rows::new(columns, job_id, rows)?;
        let size = all.size();
        Ok((all, size))
    })?;
    PyBytes::new_with(py, size, |place| unlocked(py, || all.put(place)))
}

/// Run it without the interpreter's lock; a panic becomes an error that Python can go on after.
fn unlocked<T: Send>(
    py: Python<'_>,
    work: impl FnOnce() -> Result<T, Refusal> + Send,
) -> PyResult<T> {
    py.detach(|| catch_unwind(AssertUnwindSafe(work)))
        .map_err(|_| Fault::new_err("the compiled encoder has a fault"))?
        .map_err(|refusal| match refusal {
            Refusal::TooLarge => PyOverflowError::new_err("a value is too large for its type"),
            Refusal::Malformed(why) => PyValueError::new_err(format!("a column is damaged: {why}")),
        })
}

/// A column whose buffers are kept.
struct Held<'a> {
    source: &'a str,
    into: &'a str,
    precision: u32,
    scale: u32,
    offset: usize,
    buffers: Vec<Option<PyUntypedBuffer>>,
}

impl<'a> Held<'a> {
    fn new((source, into, precision, scale, offset, buffers): &'a Described<'_>) -> PyResult<Self> {
        let buffers = buffers
            .iter()
            .map(|buffer| buffer.as_ref().map(PyUntypedBuffer::get).transpose())
            .collect::<PyResult<_>>()?;
        let (precision, scale, offset) = (*precision, *scale, *offset);
        Ok(Held { source, into, precision, scale, offset, buffers })
    }

    fn looked_through(&self, rows: usize) -> Result<Column<'_>, Refusal> {
        let validity = match self.bytes(0)? {
            Some(bytes) => Some(Bits::new(bytes, self.offset, rows)?),
            None => None,
        };
        Ok(Column::new(self.values(rows)?, validity))
    }

    fn values(&self, rows: usize) -> Result<Values<'_>, Refusal> {
        let data = self.bytes(1)?.unwrap_or_default();
        let offset = self.offset;
        Ok(match (self.source, self.into) {
            ("int32", kind) => Values::Integers32(Words::new(data, offset, rows)?, integer(kind)?),
            ("int64", kind) => Values::Integers64(Words::new(data, offset, rows)?, integer(kind)?),
            ("bool", "bool") => Values::Booleans(Bits::new(data, offset, rows)?),
            ("date32", "date") => Values::Dates(Words::new(data, offset, rows)?),
            ("timestamp", "timestamp") => Values::Timestamps(Words::new(data, offset, rows)?),
            ("double", "float8") => Values::Doubles(Words::new(data, offset, rows)?),
            ("utf8", "text") => Values::Texts(self.texts(data, rows)?),
            ("utf8", "jsonb") => Values::Jsons(self.texts(data, rows)?),
            ("decimal128", "numeric") => {
                let words = Words::new(data, offset, rows)?;
                Values::Numerics(Numerics::new(words, self.precision, self.scale)?)
            }
            _ => return Err(Refusal::Malformed("nothing is known of its type")),
        })
    }

    fn texts<'b>(&'b self, offsets: &'b [u8], rows: usize) -> Result<Texts<'b>, Refusal> {
        Texts::new(offsets, self.bytes(2)?.unwrap_or_default(), self.offset, rows)
    }

    fn bytes(&self, index: usize) -> Result<Option<&[u8]>, Refusal> {
        let Some(Some(buffer)) = self.buffers.get(index) else { return Ok(None) };
        if !buffer.is_c_contiguous() {
            return Err(Refusal::Malformed("a buffer has gaps"));
        }
        if buffer.len_bytes() == 0 {
            return Ok(Some(&[])); // its pointer may be none
        }
        let start = buffer.buf_ptr().cast_const().cast();
        // SAFETY: a contiguous buffer has so many initialized bytes from there on, and stays where
        // it is until it is released, which takes the `self` that the slice borrows. Nobody writes
        // to what an Arrow array is made of.
        Ok(Some(unsafe { std::slice::from_raw_parts(start, buffer.len_bytes()) }))
    }
}

fn integer(kind: &str) -> Result<Integer, Refusal> {
    match kind {
        "int2" => Ok(Integer::Int2),
        "int4" => Ok(Integer::Int4),
        "int8" => Ok(Integer::Int8),
        _ => Err(Refusal::Malformed("it has integers and the table none")),
    }
}
