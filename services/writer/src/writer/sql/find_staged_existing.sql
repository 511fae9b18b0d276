-- Which rows of a batch the table has already: how updates are counted where there is no lineage.
SELECT s.sluice_line
  FROM {stage} AS s
 WHERE EXISTS (SELECT FROM {table} AS t WHERE {same})
