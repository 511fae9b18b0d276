-- The types of a table's columns, with their limits: numeric(12,2) is none of numeric(12,4).
SELECT attname::text, format_type(atttypid, atttypmod)
  FROM pg_attribute
 WHERE attrelid = to_regclass(%(table)s) AND attnum > 0 AND NOT attisdropped
