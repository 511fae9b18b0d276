-- The foreign keys that point at a table, also at it as a partition or at one of its partitions.
SELECT c.conname::text, c.conrelid::regclass::text, c.confdeltype,
       c.conrelid = c.confrelid OR c.conrelid IN (SELECT relid FROM pg_partition_tree(%(table)s)),
       (SELECT array_agg(a.attname::text ORDER BY k.position)
          FROM unnest(c.conkey) WITH ORDINALITY AS k (attnum, position)
          JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.attnum),
       (SELECT array_agg(a.attname::text ORDER BY k.position)
          FROM unnest(c.confkey) WITH ORDINALITY AS k (attnum, position)
          JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.attnum)
  FROM pg_constraint c
 WHERE c.contype = 'f' AND c.conparentid = 0
   AND c.confrelid IN (SELECT %(table)s::regclass
                        UNION SELECT relid FROM pg_partition_tree(%(table)s)
                        UNION SELECT relid FROM pg_partition_ancestors(%(table)s))
 ORDER BY c.conname, c.oid
