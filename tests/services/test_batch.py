"""The garbage collector waits for a batch, and never for longer."""

from __future__ import annotations

import gc

import pytest

from calendar_app.services.batch import collector_paused


def test_the_collector_waits_until_the_batch_is_done():
    with collector_paused():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_a_batch_that_fails_lets_the_collector_run_again():
    with pytest.raises(ValueError, match="invalid literal"), collector_paused():
        int("a bad row")
    assert gc.isenabled()


def test_a_batch_within_a_batch_leaves_the_collector_to_the_outer_one():
    with collector_paused():
        with collector_paused():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()
