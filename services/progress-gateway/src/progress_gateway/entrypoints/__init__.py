"""Who calls us: Kafka (the fold), the clock (the settler), browsers and programs (HTTP)."""
