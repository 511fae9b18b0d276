//! Rows gathered by column, as the buffers that Arrow uses.

/// One column: `offsets[k]..offsets[k + 1]` of `text` is row k; `tags[k]` is 0 where it is empty.
#[derive(Default)]
pub struct Column {
    pub offsets: Vec<i32>,
    pub text: Vec<u8>,
    pub tags: Vec<u8>,
}

impl Column {
    /// Stand before `row`: rows without a cell here are empty.
    #[inline]
    fn pad_to(&mut self, row: usize) {
        if self.offsets.is_empty() {
            self.offsets.push(0);
        }
        let end = self.text.len() as i32;
        if self.tags.len() < row {
            self.tags.resize(row, 0);
            self.offsets.resize(row + 1, end);
        }
    }

    /// The bits of the rows that are not empty, and how many are.
    pub fn validity(&self) -> (Vec<u8>, usize) {
        let mut bits = vec![0u8; self.tags.len().div_ceil(8)];
        let mut nulls = 0;
        for (row, &tag) in self.tags.iter().enumerate() {
            let is_filled = tag != 0;
            bits[row / 8] |= u8::from(is_filled) << (row % 8);
            nulls += usize::from(!is_filled);
        }
        (bits, nulls)
    }
}

/// The rows since the last `take`.
#[derive(Default)]
pub struct Columns {
    pub lines: Vec<i32>,
    pub columns: Vec<Column>,
    pub text_bytes: usize,
}

impl Columns {
    /// The column to append the text of the row's next cell to; `put` ends the cell.
    #[inline]
    pub fn cell(&mut self, index: usize) -> &mut Column {
        if index >= self.columns.len() {
            self.columns.resize_with(index + 1, Column::default);
        }
        let column = &mut self.columns[index];
        column.pad_to(self.lines.len());
        column
    }

    /// Keep the row that was put in; without a filled cell it is left out.
    #[inline]
    pub fn end_row(&mut self, line: u32, is_filled: bool) {
        if is_filled {
            self.lines.push(line as i32);
        }
    }

    /// Forget the cells of a row that was not ended.
    pub fn drop_row(&mut self) {
        let row = self.lines.len();
        for column in &mut self.columns {
            if column.tags.len() > row {
                column.tags.truncate(row);
                column.offsets.truncate(row + 1);
            }
            let end = column.offsets.get(row).or(column.offsets.last());
            column.text.truncate(end.map_or(0, |&end| end as usize));
        }
    }

    /// Whether what is held is enough for a run, whatever the region still has.
    pub fn is_full(&self) -> bool {
        const MOST_TEXT_BYTES: usize = 8 << 20;
        const MOST_CELLS: usize = 2 << 20;
        self.text_bytes > MOST_TEXT_BYTES || self.lines.len() * self.columns.len() > MOST_CELLS
    }

    /// Empty, with room for as much as is held now.
    fn as_roomy(&self) -> Columns {
        let columns = self.columns.iter().map(|column| Column {
            offsets: Vec::with_capacity(column.offsets.len()),
            text: Vec::with_capacity(column.text.len()),
            tags: Vec::with_capacity(column.tags.len()),
        });
        Columns {
            lines: Vec::with_capacity(self.lines.len()),
            columns: columns.collect(),
            text_bytes: 0,
        }
    }

    /// Give the rows away, all columns of one length, the last of them not blank.
    pub fn take(&mut self) -> Columns {
        let rows = self.lines.len();
        let mut taken = std::mem::replace(self, self.as_roomy());
        while taken.columns.last().is_some_and(|last| last.tags.iter().all(|&tag| tag == 0)) {
            taken.columns.pop();
        }
        for column in &mut taken.columns {
            column.pad_to(rows);
        }
        taken
    }
}

impl Column {
    /// End the cell whose text was appended.
    #[inline]
    pub fn put(&mut self, tag: u8) {
        self.offsets.push(self.text.len() as i32);
        self.tags.push(tag);
    }
}
