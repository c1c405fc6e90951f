"""Models of the objective: from a pupil to an intensity."""
