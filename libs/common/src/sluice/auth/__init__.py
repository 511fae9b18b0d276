"""Who is asking: tokens and rights, the same in every service that speaks HTTP."""
