-- The index of a table, if a try that failed left it; and whether somebody still makes it.
SELECT EXISTS (SELECT FROM pg_stat_progress_create_index AS p WHERE p.relid = i.indrelid)
FROM pg_index AS i
INNER JOIN pg_class AS c ON i.indexrelid = c.oid
WHERE i.indrelid = %(table)s AND c.relname = %(name)s AND NOT i.indisvalid
