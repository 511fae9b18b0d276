-- Where a dry run writes: the target's table without its triggers, foreign keys and sequences.
CREATE UNLOGGED TABLE {twin} (LIKE {table} INCLUDING ALL EXCLUDING COMMENTS EXCLUDING IDENTITY)
