"""The program `sluice`: the stack, imports, workbooks, targets and users from a terminal."""
