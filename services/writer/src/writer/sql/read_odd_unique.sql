-- Unique indexes on expressions, or on a part of the rows, as the texts of their keys and condition.
SELECT (SELECT array_agg(pg_get_indexdef(i.indexrelid, k, false) ORDER BY k)
          FROM generate_series(1, i.indnkeyatts) AS k),
       coalesce(pg_get_expr(i.indpred, i.indrelid), 'true'),
       (SELECT array_agg(DISTINCT a.attname::text)
          FROM pg_depend d
          JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
         WHERE d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid
           AND d.refclassid = 'pg_class'::regclass AND d.refobjid = i.indrelid
           AND d.refobjsubid > 0)
  FROM pg_index i
 WHERE i.indrelid = %(table)s::regclass
   AND i.indisunique AND i.indisvalid AND (i.indpred IS NOT NULL OR i.indexprs IS NOT NULL)
 ORDER BY i.indexrelid
