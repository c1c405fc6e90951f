"""Penalties: what is held small next to the misfit."""
