-- One session makes a job's twin, the others wait for it; tells whether it is there by now.
SELECT pg_advisory_xact_lock(hashtextextended('sluice_dry.' || %(table)s, 0))
