"""Named points at which a test may kill the process (FAULT_POINT=name:n); outside tests they do nothing."""

import os
import signal
from collections import Counter

from django.conf import settings

_hits: Counter[str] = Counter()


def hit(name: str) -> None:
    """SIGKILL this process at the n-th hit of the point that FAULT_POINT names; only while TESTING."""
    if not settings.TESTING or not settings.FAULT_POINT:
        return
    wanted, _, times = settings.FAULT_POINT.partition(":")
    if name != wanted:
        return
    _hits[name] += 1
    if _hits[name] == int(times or 1):
        os.kill(os.getpid(), signal.SIGKILL)
