//! The classes and functions that Python sees.

use std::panic::{catch_unwind, AssertUnwindSafe};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pyo3::create_exception;
use pyo3::exceptions::{PyOSError, PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList, PyString};

use crate::columns::{Columns, Room};
use crate::inflate;
use crate::scanner::{Limits, Scanner, Stop};
use crate::strings::{Refusal, StringStore};
use crate::text;

create_exception!(xlsx_tokenizer, Fault, PyRuntimeError);

/// Run it; a panic becomes an error that Python can go on after.
fn guarded<T>(work: impl FnOnce() -> T) -> PyResult<T> {
    catch_unwind(AssertUnwindSafe(work))
        .map_err(|_| Fault::new_err("the compiled reader has a fault"))
}

/// The same without the interpreter's lock.
fn unlocked<T: Send>(py: Python<'_>, work: impl FnOnce() -> T + Send) -> PyResult<T> {
    py.detach(|| guarded(work))
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether a region is valid UTF-8, without forbidden characters, comments, CDATA or instructions.
#[pyfunction]
pub fn is_plain(py: Python<'_>, region: &[u8]) -> PyResult<bool> {
    unlocked(py, || text::is_plain(region))
}

/// The shared strings read so far.
#[pyclass(module = "xlsx_tokenizer", frozen)]
pub struct Strings {
    store: Arc<Mutex<StringStore>>,
}

#[pymethods]
impl Strings {
    #[new]
    fn new(max_ram_bytes: usize, max_chars: usize, folder: PathBuf) -> Self {
        let store = StringStore::new(max_ram_bytes, max_chars, folder);
        Strings { store: Arc::new(Mutex::new(store)) }
    }

    /// Add raw strings with `<` between them; the kind of fault and the string's index, if any.
    fn append(&self, py: Python<'_>, joined: &[u8]) -> PyResult<Option<StringFault>> {
        fault_of(unlocked(py, || held(&self.store).append(joined))?)
    }

    /// Add the items of a region when all are plain: whether they were, and any fault.
    fn take_plain(&self, py: Python<'_>, region: &[u8]) -> PyResult<(bool, Option<StringFault>)> {
        match unlocked(py, || held(&self.store).take_plain(region))? {
            Ok(is_plain) => Ok((is_plain, None)),
            Err(refusal) => Ok((true, fault_of(Err(refusal))?)),
        }
    }

    /// The text at an index that has been read.
    fn text<'py>(&self, py: Python<'py>, index: u32) -> PyResult<Bound<'py, PyString>> {
        let mut store = held(&self.store);
        match store.get(index) {
            Some(text) => PyString::from_bytes(py, text),
            None => Err(store
                .failure
                .take()
                .map_or_else(|| PyValueError::new_err("no such string"), os_error)),
        }
    }

    #[getter]
    fn count(&self) -> usize {
        held(&self.store).count
    }

    #[getter]
    fn may_hold_empty(&self) -> bool {
        held(&self.store).may_hold_empty
    }

    /// The most bytes that a text read so far takes.
    #[getter]
    fn longest(&self) -> usize {
        held(&self.store).longest
    }

    #[getter]
    fn is_spilled(&self) -> bool {
        held(&self.store).is_spilled()
    }

    fn close(&self) {
        held(&self.store).clear();
    }
}

type StringFault = (&'static str, usize);

/// An OSError with its number, by which Python picks the kind.
fn os_error(error: std::io::Error) -> PyErr {
    match error.raw_os_error() {
        Some(number) => PyOSError::new_err((number, error.to_string())),
        None => PyOSError::new_err(error.to_string()),
    }
}

fn fault_of(result: Result<(), Refusal>) -> PyResult<Option<StringFault>> {
    match result {
        Ok(()) => Ok(None),
        Err(Refusal::Malformed(index)) => Ok(Some(("malformed", index))),
        Err(Refusal::TooLong(index)) => Ok(Some(("too long", index))),
        Err(Refusal::TooMany) => Ok(Some(("too many", 0))),
        Err(Refusal::Disk(error)) => Err(os_error(error)),
    }
}

/// Rows of one sheet, region by region.
#[pyclass(module = "xlsx_tokenizer")]
pub struct RowScanner {
    scanner: Scanner,
    strings: Arc<Mutex<StringStore>>,
}

#[pymethods]
impl RowScanner {
    #[new]
    #[pyo3(signature = (strings, style_tags, max_columns, max_rows, max_cell_chars, style_pads=Vec::new()))]
    fn new(
        strings: &Strings,
        style_tags: Vec<u8>,
        max_columns: usize,
        max_rows: u32,
        max_cell_chars: usize,
        style_pads: Vec<u8>,
    ) -> Self {
        let limits = Limits { max_columns, max_rows, max_cell_chars };
        let scanner = Scanner::new(limits, style_tags, style_pads);
        RowScanner { scanner, strings: Arc::clone(&strings.store) }
    }

    /// Take rows from a position on, for a run of so many rows and bytes at most: where it stopped,
    /// why, and which string it lacks.
    fn scan(
        &mut self,
        py: Python<'_>,
        region: &[u8],
        start: usize,
        most_rows: usize,
        most_bytes: usize,
    ) -> PyResult<(usize, &'static str, u32)> {
        let RowScanner { scanner, strings } = self;
        let room = Room { rows: most_rows, bytes: most_bytes };
        let (at, stop) = unlocked(py, || scanner.scan(region, start, room, &mut held(strings)))?;
        Ok(match stop {
            Stop::End => (at, "end", 0),
            Stop::Row => (at, "row", 0),
            Stop::Full => (at, "full", 0),
            Stop::String(index) => (at, "string", index),
        })
    }

    /// Take a row that Python read: the texts and tags of its cells up to the last filled one.
    fn put_row(&mut self, line: u32, texts: Vec<Option<String>>, tags: &[u8]) -> PyResult<()> {
        guarded(|| self.keep_row(line, &texts, tags))
    }

    /// The line of the last row taken, blank or not.
    #[getter]
    fn line(&self) -> u32 {
        self.scanner.line
    }

    /// Give the rows away that were taken since the last time.
    fn take(&mut self) -> PyResult<Run> {
        guarded(|| Run { rows: self.scanner.rows.take() })
    }
}

impl RowScanner {
    fn keep_row(&mut self, line: u32, texts: &[Option<String>], tags: &[u8]) {
        for (index, (text, &tag)) in texts.iter().zip(tags).enumerate() {
            if let Some(text) = text.as_ref().filter(|_| tag != 0) {
                let column = self.scanner.rows.cell(index);
                column.text.extend_from_slice(text.as_bytes());
                column.put(tag);
                self.scanner.rows.grow(text.len());
            }
        }
        self.scanner.rows.end_row(line, !texts.is_empty());
        self.scanner.line = line;
    }
}

/// Some rows by column.
#[pyclass(module = "xlsx_tokenizer", frozen)]
pub struct Run {
    rows: Columns,
}

#[pymethods]
impl Run {
    #[getter]
    fn width(&self) -> usize {
        self.rows.columns.len()
    }

    fn __len__(&self) -> usize {
        self.rows.lines.len()
    }

    /// The lines as int32.
    fn lines<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, native_bytes(&self.rows.lines))
    }

    /// A column's offsets (int32), text and validity bits as Arrow has them, and its nulls.
    fn buffers<'py>(&self, py: Python<'py>, index: usize) -> PyResult<Buffers<'py>> {
        let column = self.column(index)?;
        let nulls = column.nulls();
        Ok((
            PyBytes::new(py, native_bytes(&column.offsets)),
            PyBytes::new(py, &column.text),
            (nulls > 0).then(|| PyBytes::new(py, &column.validity())),
            nulls,
        ))
    }

    fn tags<'py>(&self, py: Python<'py>, index: usize) -> PyResult<Bound<'py, PyBytes>> {
        Ok(PyBytes::new(py, &self.column(index)?.tags))
    }

    /// A column's texts, None where it is empty.
    fn texts<'py>(&self, py: Python<'py>, index: usize) -> PyResult<Bound<'py, PyList>> {
        let column = self.column(index)?;
        let texts: Vec<Option<Bound<'py, PyString>>> = column
            .tags
            .iter()
            .zip(column.offsets.windows(2))
            .map(|(&tag, ends)| {
                let text = &column.text[ends[0] as usize..ends[1] as usize];
                (tag != 0).then(|| PyString::from_bytes(py, text)).transpose()
            })
            .collect::<PyResult<_>>()?;
        PyList::new(py, texts)
    }
}

type Buffers<'py> = (Bound<'py, PyBytes>, Bound<'py, PyBytes>, Option<Bound<'py, PyBytes>>, usize);

impl Run {
    fn column(&self, index: usize) -> PyResult<&crate::columns::Column> {
        self.rows.columns.get(index).ok_or_else(|| PyValueError::new_err("no such column"))
    }
}

fn native_bytes(numbers: &[i32]) -> &[u8] {
    // SAFETY: any four bytes of an initialized slice are bytes; the lifetime is that of the slice.
    unsafe { std::slice::from_raw_parts(numbers.as_ptr().cast(), size_of_val(numbers)) }
}

/// Inflates one part of a zip.
#[pyclass(module = "xlsx_tokenizer")]
pub struct Inflater {
    stream: inflate::Inflater,
    sum: crc32fast::Hasher,
}

#[pymethods]
impl Inflater {
    #[new]
    fn new() -> Self {
        Inflater { stream: inflate::Inflater::new(), sum: crc32fast::Hasher::new() }
    }

    /// Take more input and give at most `most` bytes; ValueError when the stream is damaged.
    fn inflate<'py>(
        &mut self,
        py: Python<'py>,
        feed: &[u8],
        most: usize,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let Inflater { stream, sum } = self;
        let output = unlocked(py, || {
            let output = stream.inflate(feed, most)?;
            sum.update(output);
            Ok::<_, String>(output)
        })?;
        Ok(PyBytes::new(py, output.map_err(PyValueError::new_err)?))
    }

    #[getter]
    fn has_input(&self) -> bool {
        self.stream.has_input()
    }

    #[getter]
    fn eof(&self) -> bool {
        self.stream.eof
    }

    /// The CRC-32 of all bytes given so far.
    #[getter]
    fn crc(&self) -> u32 {
        self.sum.clone().finalize()
    }
}
