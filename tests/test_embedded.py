"""The servers we bring along: they start, survive kills, are shared, and leave nothing behind."""

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from bureau import embedded, wheels
from bureau.children import Child, birth, command_line
from bureau.embedded import ROOT, EmbeddedError, Home, Servers, broker_url, ensure, environment, throwaway_var

pytestmark = pytest.mark.embedded

USER = [sys.executable, "-c", "import sys\nprint('in', flush=True)\nsys.stdin.read()"]


def processes_of(var: Path) -> list[str]:
    """Every living process whose command line names this directory."""
    found = [(int(name), command_line(int(name))) for name in os.listdir("/proc") if name.isdigit()]
    return [f"{pid} {line}" for pid, line in found if str(var) in line and pid != os.getpid() and birth(pid)]


def eventually(condition: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def ask(url: str, sql: str) -> object:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(sql).fetchone()
    return row[0] if row else None


def do(url: str, sql: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql)


def set_key(url: str, value: str) -> None:
    with redis.Redis.from_url(url) as broker:
        broker.set("kept", value)


def get_key(url: str) -> object:
    with redis.Redis.from_url(url) as broker:
        return broker.get("kept")


def start_user(var: Path) -> subprocess.Popen[str]:
    """Another command that uses the servers of this directory until its input is closed."""
    user = subprocess.Popen(
        [sys.executable, "-m", "bureau.embedded", "run", "--", *USER],
        cwd=ROOT,
        env=bare_environment() | {"BUREAU_VAR": str(var)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert user.stdout is not None
    assert user.stdout.readline() == "in\n"
    return user


def finish(user: subprocess.Popen[str]) -> int:
    user.communicate(timeout=60)
    return user.returncode


def bare_environment() -> dict[str, str]:
    hidden = {"DATABASE_URL", "REDIS_URL", "BUREAU_VAR"}
    return {name: value for name, value in os.environ.items() if name not in hidden}


@pytest.fixture
def empty() -> Iterator[Path]:
    """A data directory with a short path; what a failed test leaves running there is stopped by its pid."""
    with tempfile.TemporaryDirectory(prefix="b") as short:
        place = Path(short).resolve() / "var"
        yield place
        left = processes_of(place)
        for line in left:
            pid = int(line.split()[0])
            Child(pid, birth(pid)).stop((signal.SIGKILL, 10))
        assert left == []


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stopped installation to copy, which is quicker than a new one for each test."""
    place = tmp_path_factory.mktemp("template") / "var"
    with ensure(place, durable=False):
        assert Servers(place).running()
    return place


@pytest.fixture
def var(template: Path, empty: Path) -> Path:
    """A data directory that was used before."""
    shutil.copytree(template, empty)
    return empty


def test_a_record_that_changes_while_it_is_read_is_no_error(
    empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The supervisor writes a server down, or forgets it, between two reads of whoever waits: not running (yet)."""
    servers = Servers(empty)
    monkeypatch.setattr(servers, "pids", lambda: dict.fromkeys(servers.wanted, 1))
    assert not servers.running()


def test_servers_start_stop_and_keep_their_data(empty: Path) -> None:
    with ensure(empty) as urls:
        assert urls.database == f"postgres://bureau@/bureau?host={empty}/run&port=5432"
        assert urls.redis == f"unix://{empty}/run/valkey.sock?db=0"
        do(urls.database, "CREATE TABLE note (text text); INSERT INTO note VALUES ('桂平市')")
        set_key(urls.redis, "bell")
        assert Servers(empty).running()
    assert not Servers(empty).running()
    assert processes_of(empty) == []
    with ensure(empty) as urls:
        assert ask(urls.database, "SELECT text FROM note") == "桂平市"
        assert get_key(urls.redis) == b"bell"


def test_the_cluster_is_durable_and_set_up_as_designed(empty: Path) -> None:
    expected = {
        "server_encoding": "UTF8",
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "shared_buffers": "512MB",
        "max_wal_size": "4GB",
        "TimeZone": "UTC",
        "jit": "off",
        "listen_addresses": "",
    }
    with ensure(empty) as urls:
        for name, value in expected.items():
            assert ask(urls.database, f"SHOW {name}") == value
        collation = (
            "SELECT datlocprovider::text || datlocale FROM pg_database WHERE datname = current_database()"
        )
        assert ask(urls.database, collation) == "bC.UTF-8"
        assert int(str(ask(urls.database, "SHOW server_version_num"))) >= 180000
        with redis.Redis.from_url(urls.redis) as broker:
            assert broker.config_get("appendonly") == {"appendonly": "yes"}


def test_only_the_owner_can_read_the_data(var: Path) -> None:
    with ensure(var):
        open_to_others = [
            path
            for path in [var, *var.rglob("*")]
            if not path.is_symlink() and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)
        ]
        assert open_to_others == []


def test_only_what_is_missing_is_started(var: Path) -> None:
    with ensure(var, (embedded.VALKEY,)) as urls:
        assert urls.database == ""
        assert set(Servers(var).pids()) == {"valkey"}
        with ensure(var) as both:
            assert ask(both.database, "SELECT 1") == 1
        assert get_key(urls.redis) is None
    assert processes_of(var) == []


@pytest.mark.parametrize("name", ["postgres", "valkey"])
def test_a_killed_server_is_started_again_at_the_same_address(var: Path, name: str) -> None:
    with ensure(var) as urls:
        do(urls.database, "CREATE TABLE note AS SELECT 1 AS one")
        before = Servers(var).pids()
        os.kill(before[name], signal.SIGKILL)
        eventually(
            lambda: Servers(var).pids().get(name) not in {None, before[name]} and Servers(var).running()
        )
        assert ask(urls.database, "SELECT one FROM note") == 1
        assert get_key(urls.redis) is None


def test_a_busy_child_of_a_killed_server_does_not_block_the_next(var: Path) -> None:
    """It would go on computing for minutes, for it notices the end of its server only when it has to wait."""
    busy = "SELECT count(*) FROM generate_series(1, 1000000) a, generate_series(1, 1000000) b"
    with ensure(var) as urls, psycopg.connect(urls.database, autocommit=True) as connection:

        def compute() -> None:
            with pytest.raises(psycopg.OperationalError):
                connection.execute(busy)

        worker = threading.Thread(target=compute, daemon=True)
        worker.start()
        eventually(
            lambda: ask(urls.database, "SELECT count(*) FROM pg_stat_activity WHERE state = 'active'") == 2
        )
        before = Servers(var).pids()["postgres"]
        os.kill(before, signal.SIGKILL)
        eventually(
            lambda: Servers(var).pids().get("postgres") not in {None, before} and Servers(var).running()
        )
        worker.join(timeout=30)
        assert not worker.is_alive()
        assert ask(urls.database, "SELECT 1") == 1


def test_servers_of_a_killed_supervisor_go_on_and_are_stopped_by_the_last_user(var: Path) -> None:
    with ensure(var) as urls:
        before = Servers(var).pids()
        supervisor = embedded.read_state(Home(var))["supervisor"]
        os.kill(supervisor, signal.SIGKILL)
        eventually(lambda: not embedded.supervised(var))
        assert Servers(var).pids() == before
        with ensure(var) as again:
            assert again == urls
            assert Servers(var).pids() == before  # adopted, not restarted
            assert ask(again.database, "SELECT 1") == 1
            assert embedded.supervised(var)
        assert Servers(var).running()
        os.kill(embedded.read_state(Home(var))["supervisor"], signal.SIGKILL)
    assert processes_of(var) == []


def test_everything_killed_at_once_starts_again_with_its_data(var: Path) -> None:
    user = start_user(var)
    urls = embedded.planned_urls(var)
    do(urls.database, "CREATE TABLE note AS SELECT 42 AS answer")
    victims = [*Servers(var).pids().values(), embedded.read_state(Home(var))["supervisor"], user.pid]
    for pid in victims:
        os.kill(pid, signal.SIGKILL)
    finish(user)
    eventually(lambda: not any(birth(pid) for pid in victims))
    with ensure(var) as after:
        assert ask(after.database, "SELECT answer FROM note") == 42


def test_a_killed_command_leaves_nothing_running(var: Path) -> None:
    user = start_user(var)
    assert Servers(var).running()
    user.kill()
    finish(user)
    eventually(lambda: processes_of(var) == [])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_the_command_and_its_servers(var: Path, number: signal.Signals) -> None:
    """SIGINT goes to the whole foreground group, as a terminal sends it."""
    user = start_user(var)
    children = Path(f"/proc/{user.pid}/task/{user.pid}/children").read_text().split()
    (child,) = (int(pid) for pid in children if "stdin.read" in command_line(int(pid)))
    for pid in (child, user.pid) if number == signal.SIGINT else (user.pid,):
        os.kill(pid, number)
    assert user.wait(timeout=60) != 0
    finish(user)
    assert processes_of(var) == []


def test_two_commands_at_once_share_the_servers_and_the_last_one_stops_them(var: Path) -> None:
    first: list[subprocess.Popen[str]] = []
    starter = threading.Thread(target=lambda: first.append(start_user(var)))
    starter.start()
    second = start_user(var)
    starter.join()
    servers = Servers(var).pids()
    assert len([line for line in processes_of(var) if " supervise " in line]) == 1
    assert finish(first[0]) == 0
    assert Servers(var).pids() == servers
    assert ask(embedded.planned_urls(var).database, "SELECT 1") == 1
    assert finish(second) == 0
    assert processes_of(var) == []


def test_a_path_too_long_for_a_socket_uses_a_port_with_a_password(tmp_path: Path) -> None:
    var = tmp_path / ("深" * 20) / ("x" * 60)
    with ensure(var) as urls:
        assert "@127.0.0.1:" in urls.database
        assert urls.redis.startswith("redis://:")
        assert ask(urls.database, "SELECT 1") == 1
        set_key(urls.redis, "bell")
        hashed = "SELECT rolpassword LIKE 'SCRAM-SHA-256$%' FROM pg_authid WHERE rolname = 'bureau'"
        assert ask(urls.database, hashed) is True
        secret = (var / "password").read_text()
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(urls.database.replace(secret, "wrong"))
        with redis.Redis.from_url(urls.redis.replace(secret, "wrong")) as stranger:
            with pytest.raises(redis.AuthenticationError):
                stranger.ping()
        assert not any(secret in line for line in processes_of(var))
    with ensure(var) as urls:
        assert get_key(urls.redis) == b"bell"
    assert processes_of(var) == []


def test_it_works_below_a_folder_nobody_else_may_enter(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o700)
    var = tmp_path / "closed" / "var"
    with ensure(var) as urls:
        assert ask(urls.database, "SELECT 1") == 1
    assert processes_of(var) == []


class AsRoot:
    """What root does where user namespaces are refused, and in the checkout of somebody else."""

    def test_without_namespaces_it_becomes_nobody(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        closed = tmp_path / "closed"
        closed.mkdir(mode=0o700)
        with Servers(closed / "var", names=(embedded.POSTGRES,)) as servers:
            assert ask(servers.database_url, "SELECT 1") == 1
        real = wheels.disguises
        monkeypatch.setattr(wheels, "disguises", lambda **who: real(**who)[1:])
        with Servers(closed / "var", names=(embedded.POSTGRES,)) as servers:
            do(servers.database_url, "CREATE TABLE note AS SELECT 1 AS one")
            pid = servers.pids()["postgres"]
            assert Path(f"/proc/{pid}").stat().st_uid == wheels.NOBODY
            assert (closed / "var" / "pg18").stat().st_uid == wheels.NOBODY
        with Servers(closed / "new", names=(embedded.POSTGRES,)) as servers:
            assert ask(servers.database_url, "SELECT 1") == 1
            assert (closed / "new" / "pg18").stat().st_uid == wheels.NOBODY
        monkeypatch.undo()
        with Servers(closed / "var", names=(embedded.POSTGRES,)) as servers:
            assert ask(servers.database_url, "SELECT one FROM note") == 1

    @pytest.mark.parametrize("uid", [wheels.NOBODY, 4711])
    def test_a_user_needs_no_switch(self, empty: Path, uid: int) -> None:
        """As another user, with a name and without, and the right to reach this interpreter at root's."""
        os.chown(empty.parent, uid, uid)
        (switch,) = wheels.disguises(uid=0, owner=(uid, uid))
        shown = "import os; print(os.geteuid(), os.path.isdir(os.environ['BUREAU_VAR']))"
        done = subprocess.run(
            [*switch, sys.executable, "-m", "bureau.embedded", "run", "--", sys.executable, "-c", shown],
            cwd=ROOT,
            env=bare_environment() | {"BUREAU_VAR": str(empty)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.stdout.split(), done.stderr) == ([str(uid), "True"], "")
        owners = {path.stat().st_uid for path in empty.rglob("*") if not path.is_symlink()}
        assert owners == {uid}
        assert processes_of(empty) == []

    def test_the_data_of_a_user_stay_the_users(self, tmp_path: Path) -> None:
        home = tmp_path / "home"
        home.mkdir(mode=0o700)
        os.chown(home, 4711, 4711)
        with Servers(home / "var", throwaway=False, names=(embedded.POSTGRES,)) as servers:
            do(servers.database_url, "CREATE TABLE note AS SELECT 1 AS one")
            data = home / "var" / "pg18"
        for path in [data, *data.rglob("*")]:
            os.chown(path, 4711, 4711, follow_symlinks=False)
        with Servers(home / "var", names=(embedded.POSTGRES,)) as servers:
            assert ask(servers.database_url, "SELECT one FROM note") == 1
            assert Path(f"/proc/{servers.pids()['postgres']}").stat().st_uid == 4711


if os.geteuid() == 0:  # anybody else has nobody to become; the command lines are tested below for all

    class TestAsRoot(AsRoot):
        """The same, collected where it can run."""


def test_command_lines_for_each_kind_of_caller() -> None:
    assert wheels.disguises(uid=1000, owner=None) == [[]]
    assert wheels.disguises(uid=1000, owner=(1000, 1000)) == [[]]
    (nameless,) = wheels.disguises(uid=1000, owner=None, named=False)
    assert nameless[1:] == ["--user", "--map-user=65534", "--map-group=65534", "--"]
    fresh = wheels.disguises(uid=0, owner=None)
    assert fresh[0][1:] == ["--user", "--map-user=65534", "--map-group=65534", "--"]
    assert fresh[1][1:4] == ["--reuid=65534", "--regid=65534", "--clear-groups"]
    assert wheels.disguises(uid=0, owner=(0, 0)) == fresh
    (users,) = wheels.disguises(uid=0, owner=(1000, 100))
    assert users[1:4] == ["--reuid=1000", "--regid=100", "--clear-groups"]


def test_a_throwaway_run_is_fast_and_removed(tmp_path: Path) -> None:
    place = throwaway_var(tmp_path)
    with ensure(place, throwaway=True) as urls:
        assert ask(urls.database, "SHOW fsync") == "off"
        assert ask(urls.database, "SHOW synchronous_commit") == "off"
        assert ask(urls.database, "SHOW full_page_writes") == "off"
    assert not place.exists()
    assert processes_of(tmp_path) == []


def test_a_killed_throwaway_run_is_removed_with_its_directory(tmp_path: Path) -> None:
    run = subprocess.Popen(
        [sys.executable, "-m", "bureau.embedded", "run", "--throwaway", "--", *USER],
        cwd=ROOT,
        env=bare_environment() | {"BUREAU_VAR": str(tmp_path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert run.stdout is not None
    assert run.stdout.readline() == "in\n"
    (place,) = (path for path in (tmp_path / "t").iterdir() if path.is_dir())
    supervisor = embedded.read_state(Home(place))["supervisor"]
    run.kill()
    finish(run)
    eventually(lambda: not place.exists() and not birth(supervisor))
    assert processes_of(tmp_path) == []


def test_what_killed_throwaway_runs_left_is_swept_by_the_next(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "--version"], stdout=subprocess.DEVNULL)
    gone.wait()
    left = tmp_path / "t" / f"{gone.pid}-abcd"
    servers = Servers(left, throwaway=True)
    servers.start()
    servers.stop(keep=True)
    mine = throwaway_var(tmp_path)
    assert not left.exists()
    assert throwaway_var(tmp_path) != mine
    assert mine.exists()


def test_stale_pid_files_and_sockets_do_not_block_a_start(var: Path) -> None:
    """After a crash of the machine the recorded pids may belong to anybody: nobody else is touched."""
    with ensure(var):
        lock = (var / "pg18" / "postmaster.pid").read_text().splitlines(keepends=True)
    bystander = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    (var / "pg18" / "postmaster.pid").write_text("".join([f"{bystander.pid}\n", *lock[1:]]))
    (var / "run" / ".s.PGSQL.5432.lock").write_text(f"{bystander.pid}\n")
    (var / "run" / ".s.PGSQL.5432").touch()
    (var / "valkey" / "valkey.pid").write_text(f"{bystander.pid}\n")
    (var / "run" / "valkey.sock").touch()
    entry = {"pid": bystander.pid, "born": "long ago", "port": 0, "url": "", "ready": True}
    state = {"supervisor": bystander.pid, "error": "", "services": {"postgres": entry, "valkey": entry}}
    (var / "run" / "servers.json").write_text(json.dumps(state))
    with ensure(var) as urls:
        assert ask(urls.database, "SELECT 1") == 1
        assert get_key(urls.redis) is None
    assert bystander.poll() is None
    bystander.communicate(b"\n")


def test_servers_whose_record_is_lost_are_stopped_by_their_pid_first(var: Path) -> None:
    user = start_user(var)
    before = Servers(var).pids()
    os.kill(embedded.read_state(Home(var))["supervisor"], signal.SIGKILL)
    user.kill()
    finish(user)
    (var / "run" / "servers.json").unlink()
    with ensure(var) as urls:
        assert ask(urls.database, "SELECT 1") == 1
        assert set(Servers(var).pids().values()).isdisjoint(before.values())
        assert not any(birth(pid) for pid in before.values())


def test_an_interrupted_initialisation_is_done_again(empty: Path) -> None:
    half = empty / "pg18.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    with ensure(empty, (embedded.POSTGRES,)) as urls:
        assert ask(urls.database, "SELECT current_database()") == "bureau"
    assert not half.exists()


def test_a_server_that_cannot_start_says_why_and_leaves_nothing(var: Path) -> None:
    (var / "pg18" / "postgresql.conf").write_text("no_such_setting = 1\n")
    with pytest.raises(EmbeddedError, match="no_such_setting"):
        with ensure(var):
            pytest.fail("it must not start")
    assert processes_of(var) == []


def test_a_second_holder_is_refused(var: Path) -> None:
    with Servers(var, names=(embedded.VALKEY,)) as servers:
        assert servers.running()
        with pytest.raises(EmbeddedError, match="already have a supervisor"):
            Servers(var).start()
    assert not servers.running()


def test_the_environment_names_servers_and_keeps_one_secret(tmp_path: Path) -> None:
    urls = embedded.planned_urls(tmp_path)
    first = environment(tmp_path, urls, env={})
    assert set(first) == {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "BUREAU_DEMO", "BUREAU_VAR"}
    assert len(first["SECRET_KEY"]) >= 50
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600
    assert environment(tmp_path, urls, env={}) == first
    given = {"DATABASE_URL": "postgres://a@b/c", "SECRET_KEY": "k" * 50}
    second = environment(tmp_path, urls, env=given)
    assert {name: second[name] for name in given} == given
    assert second["REDIS_URL"] == urls.redis
    assert embedded.missing(given) == (embedded.VALKEY,)


def test_the_broker_address_as_celery_wants_it() -> None:
    assert broker_url("unix:///a/valkey.sock?db=3") == "redis+socket:///a/valkey.sock?virtual_host=3"
    assert (
        broker_url("unix:///a/valkey.sock?virtual_host=2") == "redis+socket:///a/valkey.sock?virtual_host=2"
    )
    assert broker_url("redis://:secret@127.0.0.1:7000/0") == "redis://:secret@127.0.0.1:7000/0"


def test_a_zombie_is_dead() -> None:
    process = subprocess.Popen([sys.executable, "--version"], stdout=subprocess.DEVNULL)
    known = birth(process.pid)
    eventually(lambda: not birth(process.pid))
    assert not Child(process.pid, known).alive()
    process.wait()
