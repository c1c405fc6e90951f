"""Simulated specimens and images, and sample data."""
