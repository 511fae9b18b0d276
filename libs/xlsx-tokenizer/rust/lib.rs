//! The compiled rows of xlsx_reader: everything here works without the interpreter's lock.

mod columns;
mod inflate;
mod items;
mod python;
mod scanner;
mod spill;
mod strings;
mod tags;
mod text;
mod usual;

use pyo3::prelude::*;

/// What xlsx_reader asks of a compiled twin; its own modules say what each of these means.
#[pymodule]
mod xlsx_tokenizer {
    use super::*;

    #[pymodule_export]
    use python::{is_plain, Fault, Inflater, RowScanner, Run, Strings};

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        // The message of a panic may quote a cell, and no cell may come into a log.
        std::panic::set_hook(Box::new(|_| {}));
        module.add("INTERFACE", 3)
    }
}
