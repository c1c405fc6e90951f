"""What runs owe each other: results reach the end, closing reaches the beginning."""

import pytest

from napari_deconvolution.runs import finished, relayed


def steps(log):
    try:
        for number in range(3):
            log.append(number)
            yield number
        return "result"
    finally:
        log.append("closed")


def test_a_relay_changes_what_is_yielded_before_the_run_goes_on():
    log, seen = [], []
    relay = relayed(steps(log), lambda number: (number, list(log)))
    assert finished(relay, seen.append) == "result"
    assert seen == [(0, [0]), (1, [0, 1]), (2, [0, 1, 2])]


def test_closing_a_relay_closes_the_run():
    log = []
    outer = relayed(relayed(steps(log), str), str)
    assert next(outer) == "0"
    outer.close()
    assert log == [0, "closed"]


def test_errors_pass_through_and_close_the_run():
    log = []

    def refuse(number):
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        finished(relayed(steps(log), refuse))
    assert log == [0, "closed"]
