-- The rows of the batch whose values another row of it has before them, and the first that has them.
SELECT sluice_line, kept
  FROM (SELECT sluice_line, first_value(sluice_line) OVER (PARTITION BY {key} ORDER BY sluice_line) AS kept
          FROM {stage}
         WHERE ({key}) IS NOT NULL) AS d
 WHERE kept <> sluice_line
