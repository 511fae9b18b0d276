-- The NOT NULL, CHECK and foreign key constraints of a table, as data for the naming queries; also
-- those that are not valid for old rows, for they hold for new ones.
SELECT 'not_null' AS kind, a.attname::text AS name, ARRAY[a.attname::text] AS columns,
       NULL::text AS expression, NULL::text AS other_table, NULL::text[] AS other_columns,
       false AS of_itself
  FROM pg_attribute a
 WHERE a.attrelid = %(table)s::regclass AND a.attnum > 0 AND a.attnotnull AND NOT a.attisdropped
 UNION ALL
SELECT CASE c.contype WHEN 'c' THEN 'check' ELSE 'foreign_key' END, c.conname::text,
       (SELECT array_agg(a.attname::text ORDER BY k.position)
          FROM unnest(c.conkey) WITH ORDINALITY AS k (attnum, position)
          JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.attnum),
       CASE c.contype WHEN 'c' THEN pg_get_expr(c.conbin, c.conrelid) END,
       CASE c.contype WHEN 'f' THEN c.confrelid::regclass::text END,
       (SELECT array_agg(a.attname::text ORDER BY k.position)
          FROM unnest(c.confkey) WITH ORDINALITY AS k (attnum, position)
          JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.attnum),
       c.contype = 'f' AND c.confrelid = c.conrelid
  FROM pg_constraint c
 WHERE c.conrelid = %(table)s::regclass AND c.contype IN ('c', 'f')
 ORDER BY kind DESC, name
