"""The record of a run in tiles: that of every volume, and how it was cut."""

import math
from typing import Any

from ..images.image import Image
from ..recipes.record import PsfOrigin, Record, VolumeRecord, software
from .folder import RunFolder


def tiles_record(folder: RunFolder, image: Image) -> Record:
    """What is told of a run whose tiles are all done. It holds nothing that another run of the same would not hold."""
    job, tiling = folder.job, folder.tiling
    sums: dict[tuple[tuple[str, int], ...], dict[str, float]] = {}
    for tile in tiling:
        told, at = folder.told(tile.number), tuple(tile.index.items())
        total = sums.setdefault(at, {"sum_before": 0.0, "sum_after": 0.0, "left_out": 0})
        for name in total:
            total[name] = math.fsum((total[name], told.get(name, 0)))
    runs = [VolumeRecord.of(_volume(folder, dict(at), total)) for at, total in sums.items()]
    channels = job["channels"].values()
    cut: dict[str, Any] = {
        "count": len(tiling),
        "edge": tiling.edge,
        "margin": list(tiling.margin),
        "seam": [each["seam"] for each in channels],
        "settings_found_on": [each["tile"] for each in channels],
    }
    return Record(
        software=software(),
        recipe=job["recipe"],
        psf=tuple(PsfOrigin.of(each["origin"]) for each in channels),
        voxel=image.voxel,
        runs=tuple(runs),
        name=image.name,
        source=job["source"][0],
        image=image.record,
        command=job["command"],
        further={"tiles": cut},
    )


def _volume(folder: RunFolder, index: dict[str, int], total: dict[str, float]) -> dict[str, Any]:
    channels = folder.job["channels"]
    channel = channels[str(index["c"])] if "c" in index else next(iter(channels.values()))
    iterations = channel["recipe"]["iterations"]
    form = {name: value for name, value in channel["told"].items() if name != "stop"}
    form |= {"index": index, "iterations": iterations, "sum_before": total["sum_before"]}
    form |= {"sum_after": total["sum_after"], "stop": channel["told"].get("stop", "")}
    form["reason"] = f"{iterations} iterations, as found on {folder.tiling[channel['tile']].words}"
    return form | ({"left_out": {"voxels": int(total["left_out"])}} if total["left_out"] else {})
