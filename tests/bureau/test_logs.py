"""Logs without numbers: no ID or account number is written, whatever brings it there."""

import copy
import io
import logging
import logging.config
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from bureau.logs import hide_numbers

RESIDENT = "11010519491231002X"
OLD = "110105491231002"
CARD = "6228480012345678901"
SHORT_CARD = "6222021234567890"


@pytest.fixture
def log() -> Iterator[tuple[logging.Logger, io.StringIO]]:
    """A logger with the formatter of the settings, writing where we can read."""
    stream = io.StringIO()
    wanted = copy.deepcopy(settings.LOGGING)
    configured = logging.config.DictConfigurator(wanted)
    handler = logging.StreamHandler(stream)
    handler.setFormatter(configured.configure_formatter(wanted["formatters"]["line"]))
    logger = logging.getLogger("tests.numbers")
    logger.addHandler(handler)
    logger.propagate = False
    yield logger, stream
    logger.removeHandler(handler)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (RESIDENT, "110105****2X"),
        (RESIDENT.lower(), "110105****2x"),
        (OLD, "110105****02"),
        (CARD, "622848****01"),
        (f"id {RESIDENT}, account {CARD}.", "id 110105****2X, account 622848****01."),
        (f"身份证{RESIDENT}号", "身份证110105****2X号"),
        (f"({SHORT_CARD})", "(622202****90)"),
        (f"key=(01, {RESIDENT})", "key=(01, 110105****2X)"),
        (f"a_{RESIDENT}_b", "a_110105****2X_b"),
    ],
)
def test_long_numbers_are_masked(text: str, shown: str) -> None:
    assert hide_numbers(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "450800",
        "2025-01-15 10:00:00",
        "12345678",
        "file 42: 1000000 lines, 400000000.00 yuan",
        "20250115",
        "13800000000",
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert hide_numbers(text) == text


@pytest.mark.parametrize(
    "text", [f"A{CARD}", f"{CARD}B", f"id{RESIDENT}", f"{RESIDENT}{CARD}", f"SER{CARD}NO"]
)
def test_a_number_glued_to_other_signs_is_masked_too(text: str) -> None:
    shown = hide_numbers(text)
    assert RESIDENT not in shown
    assert CARD not in shown


@given(
    st.text(alphabet="X,;|= (身份证", max_size=5),
    st.from_regex(r"[1-9][0-9]{16}[0-9X]", fullmatch=True),
    st.text(alphabet=",;|= )号", max_size=5),
)
def test_no_id_number_survives(before: str, number: str, after: str) -> None:
    assert number not in hide_numbers(before + number + after)


def test_arguments_are_masked_like_the_message(log: tuple[logging.Logger, io.StringIO]) -> None:
    logger, stream = log
    logger.warning("person %s pays from %s", RESIDENT, CARD)
    assert "person 110105****2X pays from 622848****01" in stream.getvalue()


def test_an_object_is_masked_as_it_is_rendered(log: tuple[logging.Logger, io.StringIO]) -> None:
    logger, stream = log
    logger.warning("refused: %r", {"id_number": RESIDENT})
    assert RESIDENT not in stream.getvalue()
    assert "110105****2X" in stream.getvalue()


def test_one_record_is_one_line(log: tuple[logging.Logger, io.StringIO]) -> None:
    """Nobody forges a record with a line break."""
    logger, stream = log
    logger.warning("name: %s", "张三\r\n2025-01-15 ERROR forged")
    assert len(stream.getvalue().splitlines()) == 1
    assert "张三\\r\\n2025-01-15" in stream.getvalue()


def test_a_traceback_is_masked_too(log: tuple[logging.Logger, io.StringIO]) -> None:
    logger, stream = log
    try:
        raise ValueError(f"no such person: {RESIDENT}")
    except ValueError:
        logger.exception("failed")
    written = stream.getvalue()
    assert len(written.splitlines()) == 1
    assert "ValueError" in written
    assert RESIDENT not in written
    assert "110105****2X" in written


def test_what_the_database_says_of_a_double_is_masked(
    db: None, log: tuple[logging.Logger, io.StringIO]
) -> None:
    """PostgreSQL repeats the key in its message: Key (id_type, id_number)=(01, ...) already exists."""
    logger, stream = log
    insert = (
        "INSERT INTO enrollment_person (id_type, id_number, id_alias, name, gender, phone, person_class, region_id, "
        f"created_at) VALUES ('01', '{RESIDENT}', '', '张三', '0', '', '1501', '450800', now())"
    )
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(insert)
            cursor.execute(insert)
    except DatabaseError as error:
        logger.error("refused: %s", error, exc_info=True)
    assert "person_id_number_once" in stream.getvalue()
    assert RESIDENT not in stream.getvalue()


def test_every_handler_of_the_settings_hides_numbers() -> None:
    wanted = copy.deepcopy(settings.LOGGING)
    configured = logging.config.DictConfigurator(wanted)
    formatters = [
        configured.configure_formatter(wanted["formatters"][h["formatter"]])
        for h in wanted["handlers"].values()
    ]
    assert formatters
    record = logging.LogRecord("a", logging.INFO, "", 1, "person %s", (RESIDENT,), None)
    assert not [formatter for formatter in formatters if RESIDENT in formatter.format(record)]


def test_a_request_leaves_no_number_in_any_output(
    db: None, client: Client, capfd: pytest.CaptureFixture[str], settings: Settings, tmp_path: Path
) -> None:
    """What somebody typed into an address line is nowhere in the logs of the request."""
    settings.STATIC_ROOT = tmp_path
    client.get("/desk/enrollment/person/", {"q": RESIDENT}, secure=True, HTTP_USER_AGENT=f"x {CARD}")
    client.get(f"/desk/{CARD}/", secure=True)
    out, err = capfd.readouterr()
    assert RESIDENT not in out + err
    assert CARD not in out + err
