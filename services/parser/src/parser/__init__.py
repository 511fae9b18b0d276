"""Step 2: the sheet becomes chunks of rows, read in a child process, within a window."""
