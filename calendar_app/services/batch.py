"""For batches of work: the garbage collector waits until one is done."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def collector_paused() -> Iterator[None]:
    """Keep the garbage collector from running within; what is not used any more is freed all the same.

    It looks for objects that refer to each other in a ring, and to find none it would look several times at each of
    the hundreds of thousands of values that a whole calendar makes: a third of the time that comparing all events
    took. Other threads of the process do without it meanwhile, for the seconds that this lasts. Whoever finds it paused
    leaves it so, so that nobody can leave it off for good.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
