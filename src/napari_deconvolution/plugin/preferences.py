"""What a user sets once, in the preferences of napari."""

from dataclasses import dataclass
from typing import Any, Self

PLUGIN = "napari-deconvolution"


@dataclass(frozen=True)
class Preferences:
    """As declared in the manifest; the defaults where napari has none."""

    threads: int = 0
    """0 for all cores."""
    memory: float = 0.0
    """Memory limit of a run in GB; 0 for all that is free."""
    output: str = ""
    """Folder for results of a batch; empty: next to their images."""
    microscope: str = ""
    """Microscope file to start with; the one last loaded or saved."""

    @classmethod
    def read(cls) -> Self:
        """The present settings."""
        settings = _settings()
        return (
            cls() if settings is None else cls(**{name: getattr(settings, name) for name in cls.__dataclass_fields__})
        )

    @staticmethod
    def remember_microscope(path: str) -> None:
        """Start with this microscope next time."""
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
