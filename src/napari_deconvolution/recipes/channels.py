"""What differs from channel to channel."""

from dataclasses import dataclass

from ..parameters import Parameters, param

ONE_EACH = "of each channel; none: one for all"


@dataclass(frozen=True)
class Channels(Parameters):
    """Numbers for each channel of an image, in its order; none where one number holds for all of them.

    >>> Channels(backgrounds=(20, 35)).chosen(1, 2)
    {'background': 35.0}
    """

    emissions: tuple[float, ...] = param(
        (),
        "Emission wavelength of each channel; none: as stated by the image",
        label="Emission wavelengths",
        low=0.2,
        high=2.0,
        unit="µm",
        shown="nm",
    )
    offsets: tuple[float, ...] = param(
        (), f"Camera offset {ONE_EACH}", label="Camera offsets", importance="advanced", unit="counts"
    )
    backgrounds: tuple[float, ...] = param((), f"Background {ONE_EACH}", label="Backgrounds", low=0, unit="counts")
    gains: tuple[float, ...] = param(
        (), f"Camera gain {ONE_EACH}", label="Camera gains", importance="advanced", low=1e-6, unit="electrons/count"
    )
    read_noises: tuple[float, ...] = param(
        (), f"Read noise {ONE_EACH}", label="Read noises", importance="advanced", low=0, unit="electrons"
    )

    def chosen(self, number: int, count: int) -> dict[str, float]:
        """Wavelength and camera of one of so many channels, by the names that a recipe takes.

        Raises
        ------
        ValueError
            If there are not as many numbers as channels.
        """
        found = {}
        for parameter in self.parameters():
            values = getattr(self, parameter.name)
            if values and len(values) != count:
                raise ValueError(
                    f"{parameter.name} = {values}: give one number for each of the {count} channels, or none."
                )
            if values:
                found["wavelength" if parameter.name == "emissions" else parameter.name[:-1]] = values[number]
        return found
