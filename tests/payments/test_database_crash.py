"""X16: PostgreSQL dies in the middle of posting; after its restart the file ends in the same books."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.embedded
def test_the_database_is_killed_in_the_middle_of_posting(tmp_path: Path) -> None:
    environment = {
        k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "REDIS_URL", "PYTEST_XDIST_WORKER")
    }
    servers = [sys.executable, "-m", "bureau.embedded", "run", "--throwaway", "--durable", "--"]
    ended = subprocess.run(
        [*servers, sys.executable, "-m", "tests.payments.dbcrash", str(tmp_path / "out")],
        env=environment | {"BUREAU_VAR": str(tmp_path / "var")},
        capture_output=True,
        timeout=400,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr.decode()[-3000:]
    assert ended.stdout.decode().strip().endswith("APPLIED after 2 attempts")
