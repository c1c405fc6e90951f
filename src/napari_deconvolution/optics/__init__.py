"""From a microscope to a point spread function."""
