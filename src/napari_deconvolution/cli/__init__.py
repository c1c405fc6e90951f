"""The command line: every option is read off the parameter that it sets.

Results and what was used go to standard output; progress, warnings and errors to standard error. The exit codes are in
`EXIT_CODES`.
"""

import difflib
import io
import os
import sys
import warnings
from collections.abc import Sequence
from typing import TextIO

from ..options import PROGRAM
from . import beads, blur, deconvolve, demo, info, listing, psf, run
from .ending import Incomplete, Terminated, terminable

COMMANDS = {
    "psf": psf,
    "beads": beads,
    "deconvolve": deconvolve,
    "run": run,
    "info": info,
    "blur": blur,
    "list": listing,
    "demo": demo,
}
"""Modules with a function `run`; their first line is their help."""

EXIT_CODES = {
    0: "all went well",
    1: "results were written, but some volumes or files could not be deconvolved; which and why is said at the end",
    2: "an error, for instance in an option or a file; nothing was written",
    130: "stopped by Ctrl-C (SIGINT); what is kept is said",
    143: "stopped by SIGTERM, as at the end of a job's time; what is kept is said",
}
"""What they mean."""

LIBRARIES = (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning)
"""Warnings that are meant for whoever writes the program."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit code.

    Parameters
    ----------
    argv
        The command and its options; None for what was typed.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # terminals of other encodings have no µ
    with warnings.catch_warnings(), terminable():
        warnings.simplefilter("default")
        for category in LIBRARIES:
            warnings.simplefilter("ignore", category)
        warnings.showwarning = _show
        try:
            _run(sys.argv[1:] if argv is None else list(argv))
            sys.stdout.flush()
        except SystemExit as end:  # a parser that has shown its help
            return int(end.code or 0)
        except BrokenPipeError:  # whoever reads the output has seen enough, as `head` has
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        except KeyboardInterrupt as stop:
            print(f"{PROGRAM}: interrupted; {_sentence(stop) or 'nothing was written.'}", file=sys.stderr)
            return 143 if isinstance(stop, Terminated) else 130
        except Incomplete as error:
            print(f"{PROGRAM}: incomplete: {_sentence(error)}", file=sys.stderr)
            return 1
        except (ValueError, OSError, ImportError, MemoryError) as error:
            print(f"{PROGRAM}: error: {_sentence(error)}", file=sys.stderr)
            return 2
    return 0


def _run(argv: list[str]) -> None:
    if not argv or argv[0] in ("-h", "--help"):
        print(f"usage: {PROGRAM} COMMAND [options]\n")
        for name, command in COMMANDS.items():
            print(f"  {name:11} {(command.__doc__ or '').partition(chr(10))[0]}")
        print(f"\nOptions of a command: {PROGRAM} deconvolve --help")
        print(f"Options of a method:  {PROGRAM} deconvolve --algorithm wiener --help")
    elif argv[0] == "--version":
        from importlib.metadata import version

        print(f"{PROGRAM} {version(PROGRAM)}")
    elif argv[0] in COMMANDS:
        COMMANDS[argv[0]].run(argv[1:])
    else:
        close = difflib.get_close_matches(argv[0], COMMANDS, 1)
        hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(COMMANDS)}."
        raise ValueError(f"there is no command {argv[0]!r}; {hint}")


def _show(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    print(f"{PROGRAM}: warning: {_sentence(message)}", file=sys.stderr)


def _sentence(said: object) -> str:
    """An error or a warning in one line."""
    if isinstance(said, MemoryError) and not str(said).endswith("."):
        remedy = "deconvolve a smaller part of the image, or use a computer with more memory."
        return f"there is not enough memory ({said}): {remedy}"
    if isinstance(said, OSError) and said.strerror:
        return f"{said.filename}: {said.strerror}." if said.filename else f"{said.strerror}."
    return " ".join(str(said).split())
