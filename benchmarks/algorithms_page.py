"""The page that `algorithms.py` writes: its words, which are to be checked against the tables whenever these change."""

TEXT = """# What every algorithm reaches

Written by `benchmarks/algorithms.py`; {done} of {all} measurements are in it. Four specimens (filaments 0.3 µm wide,
beads of 0.5 µm, a textured nucleus on a pedestal, hollow bars with walls of 0.3 µm), drawn on a finer grid, going on
beyond the field and imaged by an independent path; widefield and confocal, NA 1.3, 520 nm; 24x96x96 voxels of
0.3x0.1x0.1 µm; 20, 200, 2000 photons (99.8th percentile of the blurred signal), gain 0.5, 1 electron of background;
seed 1 for specimen and noise. Camera and PSF are known; the PSF comes without margins that hold 1 % of its light
along an axis.

* *Gain*: PSNR above that of the image, offset and background taken off, in dB; PSNR and SSIM after one fitted scale.
* *Default*: without any setting, at most 200 iterations. *Best*: the best, by PSNR, of all iterations of that run and
  of runs of 100 iterations with other settings: weights in powers of ten, momentum. Without the truth nobody knows
  the best iteration: it is a limit.
* *Time*: of the processor, all searches included, over that of plain Richardson–Lucy to its best iteration on the
  same image; median, as of the iterations.

## Summary

{summary}

\\* Five times as costly an iteration as the others: measured at 200 photons on filaments and bars alone, so not to be
compared by this mean.

## By optics and photons

Mean gain in dB, default / best.

{light}

## Image by image

{cases}

## Presets

Mean gain in dB. `quantitative` and `very-noisy` are the default with a map next to the result.

{presets}

## What this says

* **The default needs no choice and is ahead.** At its own defaults no other method reaches it on average; image by
  image, another one passes it only on the beads (total variation, 0.3 dB in widefield at 20 photons, 1.7 dB confocal
  at 2000) and on the bars (up to 1.7 dB). What beats it with the truth at hand is total variation on the bars (up to
  4.9 dB) and the beads (up to 2.2 dB), and `iterative-constrained-tikhonov-miller` with a better weight on confocal
  bars (2.2 dB) and filaments (0.9 dB) of 20 photons and, less, on a confocal nucleus of 2000.
* **When to stop matters more than the method.** 200 iterations of Richardson–Lucy leave confocal filaments of 20
  photons 0.7 dB *worse* than the image, 14 gain 4.0 dB; a confocal nucleus of 20 photons 5.1 dB worse, and 4.6 dB
  better at its best. `cgls`, with the automatic stop, is within 0.2 dB of its best everywhere; `mrnsd` mostly within
  0.3 dB, at worst 1.8 dB (of itself with the preconditioner).
* **Then positivity.** `cgls`, `hybr`, `landweber` and `tikhonov-miller`, which may fall below 0, gain 2 dB; with
  nothing below zero least squares come to 3 to 6. With a Laplacian in addition,
  `iterative-constrained-tikhonov-miller` comes second only to the default, together with total variation; but its
  weight has to be set: 0.0001 for bright widefield stacks, 0.01 and more for dim confocal ones.
* **Momentum costs nothing**: at most 0.04 dB of the best estimate, in a half to a quarter of the iterations where
  there are many.
* **Direct filters are for confocal stacks**, where `regularized-inverse` gains 5 dB at 200 photons in a single step.
  In widefield stacks they gain little or do harm (3 dB on the nucleus): the missing cone and the haze that enters
  from beyond the edges, where they have to mirror the image, are divided by almost nothing.
* `gradient-consensus` does not end within 200 iterations: dark voxels, which both halves push towards zero, go on
  agreeing. From 200 photons on it holds noise back, but not fully; at 20 it does not.
* Proximal methods cost five times as much per iteration and, except on the bars, come no nearer than Richardson–Lucy
  at its best: `primal-dual` has not converged after 200 iterations, and `fista` overshoots in confocal stacks from
  the 40th on, where its default weight is too small.
* `bounded-least-squares` assumes that the specimen is nowhere brighter than the brightest datum, which a sharpened
  image must exceed. `van-cittert` and `naive-inverse` are there for teaching.
* **Presets.** `quick-look` reaches on average three quarters of what the default gains, in a tenth of its time or
  less: nearly all in confocal stacks, but a quarter on the dim nucleus of 20 photons; four to nine tenths in
  widefield ones. `flat-walls` is the best there is on bars and, from 200 photons on, on confocal beads; on filaments
  the default is 1 to 6 dB better. For dim images the default already takes the strongest roughness by itself, so
  `very-noisy` adds the uncertainty of every voxel instead.
* One seed for each image, one aperture, the true PSF, three dimensions: treat differences below half a dB as none. In
  two dimensions the default loses on flat walls ([how the stop was measured](stopping.md)).

## Run it again

```sh
python benchmarks/algorithms.py algorithms.jsonl
```

It continues where the file ends and writes this page; from scratch it takes about 50 minutes of one free core. Delete
lines of the file to measure them again, for instance after a change to an algorithm. A part of it, on one small
stack, is the test `tests/oracle/test_comparison.py`.
"""
