-- An earlier line of the same job takes the place of a later one that was faster.
UPDATE {table} AS t
   SET {assignments}, sluice_line = s.sluice_line
  FROM {stage} AS s
 WHERE {same} AND s.sluice_line = ANY(%(lines)s)
