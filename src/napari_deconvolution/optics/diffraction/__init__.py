"""Diffraction integrals and the numerics below the models."""
