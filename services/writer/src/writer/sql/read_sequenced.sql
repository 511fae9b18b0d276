-- The columns that a table numbers by itself, and a first number that no row of it has by chance.
SELECT a.attname::text, CASE a.atttypid WHEN 'smallint'::regtype THEN 16384
                                        WHEN 'integer'::regtype THEN 1073741824
                                        ELSE 4611686018427387904 END
  FROM pg_attribute a
  LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
 WHERE a.attrelid = %(table)s::regclass AND a.attnum > 0 AND NOT a.attisdropped
   AND (a.attidentity <> ''
        OR a.attgenerated = '' AND pg_get_expr(d.adbin, d.adrelid) LIKE '%%nextval(%%')
