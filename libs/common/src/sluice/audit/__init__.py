"""The audit: rows that only grow, a chain of seals over them, and its check."""
