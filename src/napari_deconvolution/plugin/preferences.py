"""What a user sets once, in napari's preferences."""

from dataclasses import dataclass
from typing import Any, Self

PLUGIN = "napari-deconvolution"


@dataclass(frozen=True)
class Preferences:
    """As the manifest declares them; the defaults where napari does not tell."""

    threads: int = 0
    """0 for all cores."""
    memory: float = 0.0
    """GB that a run may take; 0 for all that is free."""
    output: str = ""
    """Folder for results of a batch; empty for beside their images."""
    microscope: str = ""
    """File of the microscope to begin with; the last one that was loaded or saved."""

    @classmethod
    def read(cls) -> Self:
        """What is set now."""
        settings = _settings()
        return cls() if settings is None else cls(**{name: getattr(settings, name) for name in cls.__dataclass_fields__})

    @staticmethod
    def remember_microscope(path: str) -> None:
        """Begin with this microscope next time."""
        settings = _settings()
        if settings is not None:
            settings.microscope = path


def _settings() -> Any:
    """The plugin's part of napari's settings; None where there is none, as in an older napari."""
    try:
        from napari.settings import get_plugin_settings

        return get_plugin_settings(PLUGIN).deconvolution
    except (ImportError, AttributeError, KeyError, ValueError):
        return None
