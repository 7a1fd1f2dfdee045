"""HTTP edge: ingest, read API, what people do, /metrics, health."""
