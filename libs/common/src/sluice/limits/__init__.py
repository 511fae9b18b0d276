"""How much one user may ask for: windows and slots, atomic in Redis, stricter without it."""
