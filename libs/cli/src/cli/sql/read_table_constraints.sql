-- The foreign keys and the CHECK rules of a table, those of its domains among them.
SELECT c.contype::text, c.conname::text, pg_get_expr(c.conbin, c.conrelid),
       c.confrelid::regclass::text,
       ARRAY(SELECT a.attname::text FROM unnest(c.conkey) WITH ORDINALITY AS k (attnum, position)
               JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.attnum
              ORDER BY k.position),
       ARRAY(SELECT a.attname::text FROM unnest(c.confkey) WITH ORDINALITY AS k (attnum, position)
               JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.attnum
              ORDER BY k.position)
  FROM pg_constraint c
 WHERE c.conrelid = %(table)s::regclass AND c.contype IN ('c', 'f') AND c.conparentid = 0
UNION ALL
SELECT 'c', c.conname::text, pg_get_constraintdef(c.oid), NULL, ARRAY[a.attname::text], '{}'
  FROM pg_attribute a
  JOIN pg_constraint c ON c.contypid = a.atttypid AND c.contype = 'c'
 WHERE a.attrelid = %(table)s::regclass AND a.attnum > 0 AND NOT a.attisdropped
 ORDER BY 2
