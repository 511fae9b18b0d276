//! A temporary file without a name that grows at its end and is read through a mapping.

use std::fs::{remove_file, File, OpenOptions};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use memmap2::{Mmap, UncheckedAdvice};

pub struct SpilledBytes {
    file: File,
    size: usize,
    map: Option<Mmap>,
}

impl SpilledBytes {
    pub fn create(folder: &Path) -> io::Result<Self> {
        loop {
            let name = format!("sluice-{:016x}", RandomState::new().hash_one(0));
            let path = folder.join(name);
            let mut options = OpenOptions::new();
            match options.read(true).write(true).create_new(true).mode(0o600).open(&path) {
                Ok(file) => {
                    remove_file(&path)?;
                    return Ok(SpilledBytes { file, size: 0, map: None });
                }
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
    }

    pub fn extend(&mut self, data: &[u8]) -> io::Result<()> {
        self.file.write_all(data)?;
        self.size += data.len();
        Ok(())
    }

    /// The bytes of a range that was written.
    pub fn read(&mut self, start: usize, end: usize) -> io::Result<&[u8]> {
        if self.map.as_ref().is_none_or(|map| map.len() < end) {
            self.map = None;
            // SAFETY: the file has no name and no other owner: nobody can cut it under the mapping.
            self.map = Some(unsafe { Mmap::map(&self.file)? });
        }
        let map: &[u8] = self.map.as_deref().unwrap_or(&[]);
        map.get(start..end).ok_or_else(|| ErrorKind::UnexpectedEof.into())
    }

    /// Give the pages back that were read: they stand in the file.
    pub fn drop_pages(&self) {
        if let Some(map) = &self.map {
            // SAFETY: a shared mapping of a file is read anew from it; nothing in it is ours alone.
            let _ = unsafe { map.unchecked_advise(UncheckedAdvice::DontNeed) };
        }
    }
}
