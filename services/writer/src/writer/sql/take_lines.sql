-- Takes some lines out of the batch.
DELETE FROM {stage} WHERE sluice_line = ANY(%(lines)s)
