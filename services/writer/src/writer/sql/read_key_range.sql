-- The rows of a table between the lowest and the highest key of a batch, if they are few.
SELECT t.{key}, {holder_job}, {holder_line}
  FROM {table} AS t
 WHERE t.{key} BETWEEN %(low)s AND %(high)s
 LIMIT %(most)s
