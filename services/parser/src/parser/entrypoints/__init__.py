"""Who calls the parser: the wake-ups on `imports.jobs`, and the clock."""
