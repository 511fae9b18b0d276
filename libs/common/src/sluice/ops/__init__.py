"""What operators ask of the whole: taken in one place, for metrics, pages and the command line."""
