"""Forms, fields and panels that the widgets share."""
