"""What is to be done with an image, as an object that every door reads: recipes, volumes, batches, reports."""
