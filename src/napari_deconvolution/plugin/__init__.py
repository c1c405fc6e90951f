"""napari: readers, a writer, sample data, commands and widgets."""
