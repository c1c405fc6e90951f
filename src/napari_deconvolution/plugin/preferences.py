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
    opened: str = ""
    """Names of the sections of the forms that are open, separated by commas."""

    @classmethod
    def read(cls) -> Self:
        """The present settings."""
        settings = _settings()
        if settings is None:
            return cls()
        return cls(**{name: getattr(settings, name) for name in cls.__dataclass_fields__})

    @staticmethod
    def remember_microscope(path: str) -> None:
        """Start with this microscope next time."""
        settings = _settings()
        if settings is not None:
            settings.microscope = path

    @staticmethod
    def remember_opened(name: str, shown: bool) -> None:
        """Start with this section open, or not, next time."""
        settings = _settings()
        if settings is not None:
            others = {each for each in settings.opened.split(",") if each and each != name}
            settings.opened = ",".join(sorted(others | ({name} if shown else set())))


def _settings() -> Any:
    """The plugin's part of napari's settings; None where there is none, as in an older napari."""
    try:
        from napari.settings import get_plugin_settings

        return get_plugin_settings(PLUGIN).deconvolution
    except (ImportError, AttributeError, KeyError, ValueError):
        return None
