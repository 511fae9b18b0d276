"""Step 1: accepts uploads, and owns the jobs' records from the outside."""
