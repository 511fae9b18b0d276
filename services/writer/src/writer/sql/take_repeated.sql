-- Takes out of the batch the rows whose key another row of the batch has, and says which line it is.
DELETE FROM {stage} AS s
 USING (SELECT sluice_line,
               first_value(sluice_line) OVER (PARTITION BY {key} ORDER BY sluice_line {order}) AS kept
          FROM {stage}
         WHERE ({key}) IS NOT NULL) AS d
 WHERE s.sluice_line = d.sluice_line AND d.kept <> d.sluice_line
RETURNING s.sluice_line, d.kept
