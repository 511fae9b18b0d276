"""Who calls the writer: the topic of chunks."""
