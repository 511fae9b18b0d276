-- The table and those of its partitions that hold rows, which come first.
SELECT c.oid, n.nspname, c.relname, c.relkind = 'p' AS is_parent
FROM pg_class AS c
INNER JOIN pg_namespace AS n ON c.relnamespace = n.oid
WHERE
    c.relkind IN ('r', 'p')
    AND (
        c.oid = to_regclass(%(table)s)
        OR c.oid IN (SELECT t.relid FROM pg_partition_tree(to_regclass(%(table)s)) AS t WHERE t.isleaf)
    )
ORDER BY is_parent, c.oid
