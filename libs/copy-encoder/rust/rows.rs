//! All rows: how many bytes they take, and then these bytes.

use crate::cursor::Cursor;
use crate::field::Column;

pub enum Refusal {
    /// A value is too large for its type.
    TooLarge,
    /// A column that no Arrow makes.
    Malformed(&'static str),
}

pub struct Rows<'a> {
    /// What each row begins with: how many fields it has, and those that are the same in each.
    head: Vec<u8>,
    columns: Vec<Column<'a>>,
    count: usize,
}

impl<'a> Rows<'a> {
    pub fn new(
        columns: Vec<Column<'a>>,
        job_id: Option<[u8; 16]>,
        count: usize,
    ) -> Result<Self, Refusal> {
        let fields = i16::try_from(columns.len() + usize::from(job_id.is_some()))
            .map_err(|_| Refusal::Malformed("no row has so many fields"))?;
        let mut head = fields.to_be_bytes().to_vec();
        if let Some(id) = job_id {
            head.extend_from_slice(&(id.len() as i32).to_be_bytes());
            head.extend_from_slice(&id);
        }
        Ok(Rows { head, columns, count })
    }

    pub fn size(&self) -> usize {
        let fields: usize = self.columns.iter().map(|column| column.size(self.count)).sum();
        self.head.len() * self.count + fields
    }

    /// Fill a place of just this size.
    pub fn put(&self, place: &mut [u8]) -> Result<(), Refusal> {
        let mut to = Cursor::new(place);
        for row in 0..self.count {
            to.put(&self.head);
            for column in &self.columns {
                column.put(row, &mut to)?;
            }
        }
        assert!(to.is_at_end(), "rows are as large as they were counted to be");
        Ok(())
    }
}
