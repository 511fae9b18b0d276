-- Where a batch lies until its duplicates are named: the target's columns without its constraints.
CREATE TEMP TABLE IF NOT EXISTS {stage} ON COMMIT DELETE ROWS AS
SELECT 0::integer AS sluice_line, {columns}
  FROM {table}
  WITH NO DATA
