-- The lines of the batch that nothing has taken out.
SELECT coalesce(array_agg(sluice_line ORDER BY sluice_line), '{{}}')
  FROM {stage}
