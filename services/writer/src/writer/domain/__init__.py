"""What the writer decides: pure functions and values, no I/O."""
