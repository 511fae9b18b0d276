-- Empties the stage with all that DELETE leaves behind, which each later statement would read again.
TRUNCATE {stage}
