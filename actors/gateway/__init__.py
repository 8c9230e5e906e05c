"""The operator surface: `host.sock`, `web.sock` and the stream of operator events."""
