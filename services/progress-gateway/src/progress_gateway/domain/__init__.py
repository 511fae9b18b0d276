"""Step 4, the decisions: what facts make of a job, what is shown, told and repaired. No I/O."""
