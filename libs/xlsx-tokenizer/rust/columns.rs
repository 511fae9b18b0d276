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
    #[inline(always)]
    fn pad_to(&mut self, row: usize) {
        if self.offsets.is_empty() || self.tags.len() < row {
            self.fill_to(row);
        }
    }

    #[inline(never)]
    fn fill_to(&mut self, row: usize) {
        if self.offsets.is_empty() {
            self.offsets.push(0);
        }
        let end = self.text.len() as i32;
        if self.tags.len() < row {
            self.tags.resize(row, 0);
            self.offsets.resize(row + 1, end);
        }
    }

    /// How many rows are empty.
    pub fn nulls(&self) -> usize {
        self.tags.iter().filter(|&&tag| tag == 0).count()
    }

    /// The bits of the rows that are not empty.
    pub fn validity(&self) -> Vec<u8> {
        let bits_of = |tags: &[u8]| {
            tags.iter().enumerate().fold(0, |bits, (row, &tag)| bits | u8::from(tag != 0) << row)
        };
        self.tags.chunks(8).map(bits_of).collect()
    }
}

/// The rows since the last `take`.
#[derive(Default)]
pub struct Columns {
    pub lines: Vec<i32>,
    pub columns: Vec<Column>,
    pub size: Size,
}

/// What is held: text in bytes, and filled cells.
#[derive(Default, Clone, Copy)]
pub struct Size {
    pub text_bytes: usize,
    pub cells: usize,
}

/// How much a run may have: so many rows, and text with so many bytes more for each cell.
#[derive(Clone, Copy)]
pub struct Room {
    pub rows: usize,
    pub bytes: usize,
}

const CELL_BYTES: usize = 8;

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

    /// Count a cell that was put in.
    #[inline]
    pub fn grow(&mut self, text_bytes: usize) {
        self.size.text_bytes += text_bytes;
        self.size.cells += 1;
    }

    /// Keep the row that was put in; without a filled cell it is left out.
    #[inline]
    pub fn end_row(&mut self, line: u32, is_filled: bool) {
        if is_filled {
            self.lines.push(line as i32);
        }
    }

    /// Forget the cells behind the first `rows` rows, which are of that size.
    pub fn cut_to(&mut self, rows: usize, size: Size) {
        let row = rows;
        self.lines.truncate(rows);
        self.size = size;
        for column in &mut self.columns {
            if column.tags.len() > row {
                column.tags.truncate(row);
                column.offsets.truncate(row + 1);
            }
            let end = column.offsets.get(row).or(column.offsets.last());
            column.text.truncate(end.map_or(0, |&end| end as usize));
        }
    }

    /// Whether the rows are more than the room has bytes for.
    #[inline]
    pub fn is_beyond(&self, room: Room) -> bool {
        self.size.text_bytes + CELL_BYTES * self.size.cells > room.bytes
    }

    /// Whether what is held is enough for a run, whatever the region still has.
    #[inline]
    pub fn is_full(&self, room: Room) -> bool {
        const MOST_TEXT_BYTES: usize = 8 << 20;
        const MOST_CELLS: usize = 2 << 20;
        let rows = self.lines.len();
        rows >= room.rows
            || self.is_beyond(room)
            || self.size.text_bytes > MOST_TEXT_BYTES
            || rows * self.columns.len() > MOST_CELLS
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
            size: Size::default(),
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
