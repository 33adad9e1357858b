"""F1, the floor: the same reconciliation in plain psycopg and SQL, without the product around it.

sha256 + decode + checked COPY into an unlogged table + ANALYZE + one join and one sort by instruction + INSERT of answers,
payments (three unique indexes) and exceptions in chunks bounded by id range. No history, cover, holds, foreign keys.
"""

import hashlib
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg

CHUNK = 200_000
_COLUMNS = "seq, account, holder, due, paid, code, note, serial, debited_on, ref, tail"
_SETUP = """
DROP SCHEMA IF EXISTS floor CASCADE;
CREATE SCHEMA floor;
CREATE TABLE floor.instruction (id bigint PRIMARY KEY, ref text NOT NULL UNIQUE, receivable bigint NOT NULL,
  amount numeric(12, 2) NOT NULL, account text NOT NULL, holder text NOT NULL);
CREATE TABLE floor.answer (instruction bigint NOT NULL, file bigint NOT NULL, line int NOT NULL, bucket smallint NOT NULL,
  code text NOT NULL);
CREATE TABLE floor.payment (id bigint PRIMARY KEY, receivable bigint NOT NULL UNIQUE, serial text NOT NULL UNIQUE,
  instruction bigint NOT NULL UNIQUE, amount numeric(12, 2) NOT NULL, debited_on date NOT NULL);
CREATE TABLE floor.exception (file bigint NOT NULL, line int NOT NULL, reason text NOT NULL, paid text);
"""
_STAGE = """
CREATE UNLOGGED TABLE floor.stage (line int GENERATED ALWAYS AS IDENTITY, seq text, account text, holder text, due text,
  paid text, code text, note text, serial text, debited_on text, ref text, tail text)
"""
_CLASSIFY = """
CREATE UNLOGGED TABLE floor.classified AS
SELECT row_number() OVER (ORDER BY i.id, s.line) AS place,
       row_number() OVER (PARTITION BY i.id ORDER BY s.line) AS rank,
       s.line, i.id AS instruction, i.receivable, i.amount, s.code, s.serial, s.debited_on, s.paid,
       CASE WHEN i.id IS NULL THEN 5
            WHEN s.code NOT IN ('0000', '4000') THEN 3
            WHEN s.paid <> i.amount::text OR s.due <> i.amount::text OR s.account <> i.account OR s.holder <> i.holder THEN 5
            ELSE 1 END AS bucket
  FROM floor.stage s LEFT JOIN floor.instruction i ON i.ref = s.ref
 ORDER BY place
"""


def connect(url: str) -> psycopg.Connection:
    """A plain connection to the same database that the product uses."""
    parts = urlsplit(url)
    host = parse_qs(parts.query).get("host", [parts.hostname or ""])[0]
    return psycopg.connect(
        dbname=parts.path.lstrip("/"), user=parts.username, password=parts.password, host=host, port=parts.port,
        autocommit=True,
    )  # fmt: skip


def prepare(connection: psycopg.Connection, batch_ids: list[int]) -> None:
    """Copy the frozen instructions of the batches into the floor's own table (not timed)."""
    connection.execute(_SETUP)
    connection.execute(
        "INSERT INTO floor.instruction SELECT id, region_id || '-' || id / 1000000000000 || '-' || "
        "lpad((id / 100 %% 10000000000)::text, 9, '0') || '-' || lpad((id %% 100)::text, 2, '0'), id / 100, amount, account, "
        "holder FROM payments_instruction WHERE batch_id = ANY(%s) ORDER BY id",
        [batch_ids],
    )
    connection.execute("ANALYZE floor.instruction")
    connection.execute("CHECKPOINT")


def run(connection: psycopg.Connection, path: Path) -> float:
    """Reconcile the file at ``path``; returns seconds."""
    started = time.perf_counter()
    connection.execute(_STAGE)
    digest = hashlib.sha256()
    with path.open("rb") as stream, connection.cursor() as cursor:
        digest.update(stream.readline())
        rest = b""
        copy_sql = f"COPY floor.stage ({_COLUMNS}) FROM STDIN (FORMAT text, DELIMITER '|', NULL '\\N')"
        with cursor.copy(copy_sql) as copy:
            while block := stream.read(1 << 20):
                digest.update(block)
                block = rest + block
                cut = block.rfind(b"\n") + 1
                block, rest = block[:cut], block[cut:]
                text = block.decode("gb18030")
                if text.count("|") != 10 * text.count("\n"):
                    raise ValueError("a line has another number of fields: the floor takes clean files only")
                copy.write(text.replace("\\", "\\\\"))
    connection.execute("ANALYZE floor.stage")
    connection.execute(_CLASSIFY)
    lines = connection.execute("SELECT count(*) FROM floor.classified").fetchone()[0]  # type: ignore[index]
    connection.execute("CREATE INDEX ON floor.classified USING brin (place)")
    for first in range(1, lines + 1, CHUNK):
        with connection.transaction():
            _apply(connection, first, first + CHUNK - 1)
    return time.perf_counter() - started


def _apply(connection: psycopg.Connection, first: int, last: int) -> None:
    within = [first, last]
    connection.execute(
        "INSERT INTO floor.answer SELECT instruction, 1, line, bucket, code FROM floor.classified "
        "WHERE place BETWEEN %s AND %s AND instruction IS NOT NULL AND rank = 1 ORDER BY place",
        within,
    )
    connection.execute(
        "INSERT INTO floor.payment SELECT receivable * 100, receivable, serial, instruction, amount, "
        "to_date(debited_on, 'YYYYMMDD') FROM floor.classified "
        "WHERE place BETWEEN %s AND %s AND bucket = 1 AND rank = 1 ORDER BY place",
        within,
    )
    connection.execute(
        "INSERT INTO floor.exception SELECT 1, line, 'see bucket ' || bucket, paid FROM floor.classified "
        "WHERE place BETWEEN %s AND %s AND (bucket <> 1 OR rank > 1) ORDER BY place",
        within,
    )


def drop(connection: psycopg.Connection) -> None:
    """Leave nothing behind."""
    connection.execute("DROP SCHEMA IF EXISTS floor CASCADE")
