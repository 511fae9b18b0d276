-- Inserts or updates by rising key in a table without lineage: the last writer wins.
INSERT INTO {table} ({columns})
SELECT {staged_columns}
  FROM {stage} AS s
 ORDER BY {order}
    ON CONFLICT {action}
