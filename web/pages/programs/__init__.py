"""Addresses for programs: rows as JSON, the live stream, the figures for monitoring."""
