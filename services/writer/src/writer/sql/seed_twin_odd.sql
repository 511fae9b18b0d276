-- The same for a unique index that is no plain list of columns: the names in its texts mean the
-- stage's columns within the brackets, and the table's outside.
INSERT INTO {twin} ({columns})
SELECT {columns}
  FROM {real}
 WHERE {condition} AND ({keys}) IN (SELECT {keys} FROM {stage} WHERE {condition})
    ON CONFLICT DO NOTHING
