"""Admission: which requests of agents and peers are served at all. Suspended, paused and too fast ones are not."""
