"""Duplicates of a bank run, all the way: found, made cases, signed twice, paid out, 3 % bounced, corrected, paid again; every
yuan back once. A few here; tests/benchmarks/refunds.py walks the same way with 10,000 that the river itself made.
"""

from pathlib import Path
from typing import Any

import pytest

from tests.refunds import refundkit, wholeway

FEW = 34


@pytest.mark.django_db
def test_every_yuan_goes_back_once(settings: Any, tmp_path: Path) -> None:
    """One of them bounces."""
    settings.MEDIA_ROOT = tmp_path
    desk = refundkit.desk()
    refundkit.paid_twice(desk, FEW)
    walked = wholeway.walk(desk, tmp_path, region=refundkit.REGION, bank="103", year=2025, at=refundkit.AT)
    assert walked == (FEW, 1)
    wholeway.every_yuan_once(refundkit.REGION)
