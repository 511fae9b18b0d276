"""Who calls upload-api: people and programs, by HTTP."""
