-- The rows that one transaction works on.
CREATE TEMP TABLE IF NOT EXISTS undo_batch (
    row_tid       tid NOT NULL,
    row_table     oid NOT NULL,
    sheet_line    integer NOT NULL,
    replaced_line integer,
    PRIMARY KEY (row_tid, row_table)
) ON COMMIT DELETE ROWS
