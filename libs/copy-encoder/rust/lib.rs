//! Arrow columns as the rows of PostgreSQL's binary COPY.

mod cursor;
mod field;
mod numeric;
mod python;
mod rows;
mod source;

use pyo3::prelude::*;

/// What the writer asks of it.
#[pymodule]
mod copy_encoder {
    use super::*;

    #[pymodule_export]
    use python::{encode, Fault};

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        // The message of a panic may quote a value, and no value may come into a log.
        std::panic::set_hook(Box::new(|_| {}));
        module.add("INTERFACE", 1)
    }
}
