-- Takes out of the batch the rows that break one constraint, by name instead of by refusal.
DELETE FROM {stage} AS s
 WHERE {fault}
RETURNING s.sluice_line
