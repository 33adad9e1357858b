"""What every test may use: the database's two modes, staff, and a clean slate after committed work."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import setup_databases, teardown_databases
from hypothesis import settings as hypothesis_settings

from bureau.models import User
from tests import builders, slate

# A shared machine is slow by chance; a test never asserts on time.
hypothesis_settings.register_profile("bureau", deadline=None)
hypothesis_settings.load_profile("bureau")


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None,
    django_db_blocker: object,
    django_db_modify_db_settings: None,
    django_db_keepdb: bool,
    django_db_createdb: bool,
) -> Iterator[None]:
    """The test database, whatever fixture asks for it (the plugin's own counts only tests with its ``db``)."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        keep = django_db_keepdb and not django_db_createdb
        made = setup_databases(
            verbosity=0, interactive=False, aliases={"default"}, serialized_aliases=set(), keepdb=keep
        )
    yield
    if not django_db_keepdb:
        with django_db_blocker.unblock():  # type: ignore[attr-defined]
            teardown_databases(made, verbosity=0)


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: object) -> Iterator[None]:
    """Real commits (workers, threads, second connections see them); everything but reference data goes afterwards."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        if not connection.settings_dict["NAME"].startswith("test_"):
            raise RuntimeError("committed tests need the test database")
        mark = slate.mark()
        yield
        slate.wipe(mark)
        connection.close()


@pytest.fixture
def at() -> datetime:
    """A fixed moment for services that ask for one."""
    return datetime(2025, 1, 15, 2, 0, tzinfo=UTC)


@pytest.fixture
def staff() -> Callable[..., User]:
    """``staff("clerk")`` makes a member of staff of Guigang; ``staff("clerk", "510100")`` of another region."""
    return builders.make_staff
