"""What a point of a transform costs by the prime factors of its length: the numbers in `arrays.py`.

Run: python benchmarks/lengths.py
"""

import time

import numpy as np

from napari_deconvolution.arrays import FACTORS, DuccFFT, ScipyFFT, ducc


def exponents(n):
    found = []
    for factor in FACTORS:
        found.append(0)
        while n % factor == 0:
            n //= factor
            found[-1] += 1
    return found if n == 1 else None


def best(work, runs=9):
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return min(times)


def cost(engine, n):
    """Nanoseconds per point of one complex and one real transform, with as many lines as stay in the cache."""
    lines = max(32, (1 << 17) // n // 16 * 16)
    columns, rows = np.ones((n, lines), np.complex64), np.ones((lines, n), np.float32)
    half = np.empty((lines, n // 2 + 1), np.complex64)
    complex_ = best(lambda: engine.c2c(columns, columns, -1, axis=0))
    real = best(lambda: engine.r2c(rows, half, -1)) + best(lambda: engine.c2r(half, rows, +1))
    return 1e9 * (complex_ + real / 2) / (n * lines)


if __name__ == "__main__":
    lengths = [n for n in range(60, 1400) if exponents(n)]
    design = np.array([[1, *exponents(n), n % 2] for n in lengths], float)
    for engine in [ScipyFFT(), *([DuccFFT()] if ducc else [])]:
        costs = np.array([cost(engine, n) for n in lengths])
        fit, *_ = np.linalg.lstsq(design, costs)
        names = ["at all", *map(str, FACTORS), "odd"]
        spread = np.std(design @ fit - costs)
        print(
            engine.name,
            *(f"{name}: {value:.2f}" for name, value in zip(names, fit, strict=True)),
            f"± {spread:.2f} ns",
            sep="  ",
        )
