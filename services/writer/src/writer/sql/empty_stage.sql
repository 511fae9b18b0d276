-- Forgets a batch within its transaction, for the next part of a bisection.
DELETE FROM {stage}
