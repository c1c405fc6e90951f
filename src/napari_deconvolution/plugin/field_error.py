"""Errors that name the field that they are about; without Qt, for commands raise them too."""

import re


class FieldError(ValueError):
    """A value that cannot be used, in a field of a form that is not that of a parameter.

    Parameters
    ----------
    sentence
        What is wrong, and what to do.
    field
        The name of the field.
    """

    def __init__(self, sentence: str, field: str) -> None:
        super().__init__(sentence)
        self.field = field


def field_of(error: Exception) -> str:
    """The field that an error is about: that which it names, else the parameter with which its sentence begins.

    >>> field_of(ValueError("na = 1.6: must be 0.05 to 1.7")), field_of(FieldError("No voxel size.", "spacing"))
    ('na', 'spacing')
    >>> field_of(ValueError("The image is empty."))
    ''
    """
    named: str | None = getattr(error, "field", None)
    begun = re.match(r"(\w+) = ", str(error))
    return named or (begun[1] if begun else "")
