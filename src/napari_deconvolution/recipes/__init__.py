"""How to deconvolve an image, and what came of it: recipes, volumes, batches, checks, records, reports."""
