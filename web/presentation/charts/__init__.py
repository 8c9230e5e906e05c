"""The charts of `/stats`: what each shows, from telemetry's series."""
