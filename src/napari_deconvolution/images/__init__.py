"""Images: samples with axes, voxel size and channels; files; simulated specimens."""
