"""From a blurred image to an estimate of the specimen: pure numpy."""
