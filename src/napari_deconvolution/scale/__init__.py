"""Larger than memory: images in tiles, in one process or many."""
