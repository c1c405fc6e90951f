"""The camera: offset, gain, noise and defective voxels."""
