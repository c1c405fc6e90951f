"""Forward models: how a specimen becomes an image."""
