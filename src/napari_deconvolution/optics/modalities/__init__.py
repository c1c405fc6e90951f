"""How the light is excited and detected: confocal, light sheet, STED and others, on top of a model of the objective."""
