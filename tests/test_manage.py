"""The command line's own decisions, and the processes beside a demonstration."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import manage
from bureau import schema
from bureau.children import birth, wait_until
from bureau.embedded import ROOT
from bureau.home import EmbeddedError, Home
from bureau.sidecars import Sidecars, free_port_from, listens

SLEEPER = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(600)"]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    place = Home(tmp_path / "var")
    place.prepare()
    return place


@pytest.mark.parametrize(
    ("line", "needs"),
    [
        ("manage.py", False),
        ("manage.py help", False),
        ("manage.py migrate --help", False),
        ("manage.py check", False),
        ("manage.py decide_coverage cases.csv", False),
        ("manage.py embedded", False),
        ("manage.py migrate", True),
        ("manage.py check_books --json", True),
        ("manage.py demo", True),
    ],
)
def test_which_commands_need_servers(line: str, needs: bool) -> None:
    assert manage.needs_servers(line.split()) is needs


@pytest.mark.embedded
def test_a_command_without_a_database_starts_nothing(tmp_path: Path) -> None:
    hidden = {"DATABASE_URL", "REDIS_URL", "SECRET_KEY"}
    env = {name: value for name, value in os.environ.items() if name not in hidden}
    var = tmp_path / "var"
    done = subprocess.run(
        [sys.executable, "manage.py", "version"],
        cwd=ROOT,
        env=env | {"BUREAU_VAR": str(var)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("5.2")
    assert sorted(path.name for path in var.iterdir()) == ["log", "run", "secret_key"]


def test_a_new_migration_or_package_asks_for_a_migration(tmp_path: Path) -> None:
    shutil.copy(ROOT / "requirements.txt", tmp_path)
    (tmp_path / "payments" / "migrations").mkdir(parents=True)
    seen = {schema.fingerprint(tmp_path)}
    (tmp_path / "payments" / "migrations" / "0001_initial.py").touch()
    seen.add(schema.fingerprint(tmp_path))
    (tmp_path / "payments" / "migrations" / "0002_more.py").touch()
    seen.add(schema.fingerprint(tmp_path))
    (tmp_path / "requirements.txt").write_text("Django==5.2.99\n")
    seen.add(schema.fingerprint(tmp_path))
    assert len(seen) == 4
    (tmp_path / "payments" / "migrations" / "__init__.py").touch()
    assert schema.fingerprint(tmp_path) in seen


def test_sidecars_are_stopped_with_the_block(home: Home) -> None:
    with Sidecars(home) as sidecars:
        sidecars.start("sleeper", SLEEPER)
        sidecars.check()
        ((pid, _),) = sidecars.running()
        assert birth(pid)
    assert not birth(pid)


def test_a_sidecar_that_ends_is_reported_with_its_last_words(home: Home) -> None:
    with Sidecars(home) as sidecars:
        sidecars.start("brief", [sys.executable, "-c", "raise SystemExit('no broker')"])
        ((pid, _),) = sidecars.running()
        assert wait_until(lambda: not birth(pid), 30)
        with pytest.raises(EmbeddedError, match="no broker"):
            sidecars.check()


def test_sidecars_of_a_killed_demonstration_are_stopped_by_the_next(home: Home) -> None:
    """Where the kernel cannot end them with their parent, the recorded pid and birth do."""
    left = subprocess.Popen(SLEEPER, stdout=subprocess.DEVNULL)
    (home.run / "sidecars.json").write_text(json.dumps([(left.pid, birth(left.pid))]))
    with Sidecars(home) as after:
        assert not birth(left.pid)
        assert after.running() == []
    assert left.wait() == -signal.SIGTERM


def test_sidecars_end_with_a_killed_parent(home: Home) -> None:
    parent = (
        "import sys, time\nfrom pathlib import Path\n"
        "from bureau.home import Home\nfrom bureau.sidecars import Sidecars\n"
        f"with Sidecars(Home(Path({str(home.var)!r}))) as sidecars:\n"
        f"    sidecars.start('sleeper', {SLEEPER!r})\n"
        "    print(sidecars.running()[0][0], flush=True)\n    time.sleep(600)\n"
    )
    demo = subprocess.Popen([sys.executable, "-c", parent], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert demo.stdout is not None
    pid = int(demo.stdout.readline())
    os.kill(demo.pid, signal.SIGKILL)
    demo.communicate()
    assert wait_until(lambda: not birth(pid), 30)


def test_a_port_in_use_is_passed_over(home: Home) -> None:
    port = free_port_from(8000)
    server = [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(port)]
    with Sidecars(home) as sidecars:
        sidecars.start("web", server, port=port)
        assert listens(port)
        assert free_port_from(port) > port
    assert not listens(port)
