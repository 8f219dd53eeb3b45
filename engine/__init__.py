"""What the product knows: providers, retrieval, ingestion, prompts. No HTTP to clients, no queue, no request."""
