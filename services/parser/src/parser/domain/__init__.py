"""What the parser decides: where chunks end, how many may be on their way."""
