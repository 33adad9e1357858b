"""Statements of channels and settlements of the treasury: two courses of the river that hold each line against our books.

A line gets one outcome, a row and, where two lists differ, a work item with its money. A channel's statement also tells what
the channel never said: money for one of our orders is booked from it, and a return closes the debit that was never posted
(design: bank-files 7, 8.5 C and D).
"""

from abc import abstractmethod
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from bureau import faults
from bureau.calendars import load_calendar
from bureau.clock import day_of
from bureau.errors import BureauError, gettext_noop
from bureau.models import User
from payments.files.exchanges import named, read_statement_header, read_treasury_header
from payments.files.layouts import STATEMENT, TREASURY, Layout
from payments.files.refusals import HELD_CODES, FileRefused, too_many_rejected
from payments.models import (
    BankFile,
    Channel,
    ChannelTerms,
    ClosedDay,
    FileChunk,
    OrderDebit,
    Side,
)
from payments.services import channels, courses, coverdates, debitcases, orderpayments, staging, statements
from payments.services.courses import Course, Report, Sums, SumsDiffer, Tally, Target
from payments.services.matching import twin_of
from payments.services.posting import DAYS_LATE, DAYS_SOON
from payments.services.results import UnknownRegion, check_region
from payments.states import FileKind, Outcome

ACTION = "settlement.upload"
ZERO = Decimal("0.00")
_MONEY = ("amount", "returned")
_BELOW = """
WITH RECURSIVE mine AS (SELECT code FROM bureau_region WHERE code = %s
UNION SELECT r.code FROM bureau_region r JOIN mine ON r.parent_id = mine.code) SELECT code FROM mine ORDER BY code
"""


class UnknownChannel(FileRefused):
    """The header names a channel that is none of ours."""

    code = "UNKNOWN_CHANNEL"
    message = gettext_noop("There is no channel %(channel)s.")


class WrongChannel(FileRefused):
    """The file was brought for another channel than its header says."""

    code = "WRONG_CHANNEL"
    message = gettext_noop("This is a statement of channel %(found)s, not of %(expected)s.")


class WrongDay(FileRefused):
    """The file was brought for another day than its header says."""

    code = "WRONG_DAY"
    message = gettext_noop("This file is of %(found)s, not of %(expected)s.")


def regions_below(code: str) -> list[str]:
    """A region and everything below it."""
    with connection.cursor() as cursor:
        cursor.execute(_BELOW, [code])
        return [row[0] for row in cursor.fetchall()]


def statement_of(*, channel: str | None = None, day: date | None = None) -> courses.Identify:
    """What reads the header of a channel's statement; ``channel`` and ``day`` as the person who brings it says.

    The reader raises HeaderUnreadable, WrongEncoding, UnknownRegion, UnknownChannel, WrongChannel, WrongDay.
    """

    def identify(first_line: bytes, by: User) -> Target:
        header = read_statement_header(first_line)
        if header.channel not in Channel.values:
            raise UnknownChannel(channel=header.channel)
        if channel not in (None, header.channel):
            raise WrongChannel(found=header.channel, expected=channel)
        _check_day(header.day, day)
        claims = {"lines": header.lines, "received": header.received, "returned": header.returned}
        return Target(
            region_id=check_region(header.region, by),
            header=named(claims | {"day": header.day}) | {"lines": header.lines},
            channel=header.channel,
            day=header.day,
        )

    return identify


def treasury_of(*, day: date | None = None) -> courses.Identify:
    """What reads the header of the treasury's settlement; raises as :func:`statement_of`."""

    def identify(first_line: bytes, by: User) -> Target:
        header = read_treasury_header(first_line)
        _check_day(header.day, day)
        claims = {"received": header.amount, "day": header.day, "treasury": header.treasury}
        return Target(
            region_id=check_region(header.region, by),
            header=named(claims) | {"lines": header.lines},
            day=header.day,
        )

    return identify


def _check_day(found: date, expected: date | None) -> None:
    if expected not in (None, found):
        raise WrongDay(found=found.isoformat(), expected=expected.isoformat() if expected else "")


class SettlementCourse(Course):
    """What statements and settlements share."""

    open_stage: ClassVar[str] = "settlement_open"
    side: ClassVar[Side]
    judge_stage: ClassVar[str]
    missing_stage: ClassVar[str]

    def __init__(self, file: BankFile, at: datetime, tables: staging.Tables | None = None) -> None:
        """Raises UnknownRegion, WrongDay for a row that was never identified (a defect)."""
        super().__init__(file, at, tables)
        if file.region_id is None or file.day is None:
            raise UnknownRegion(region="")
        self.day: date = file.day
        self._values: dict[str, Any] = {}
        self._totals: dict[str, Any] = {}

    def prepare(self) -> None:
        """Due days by the calendar; raises YearNotPublished."""
        self._common()

    def _common(self) -> dict[str, Any]:
        if not self._values:
            today = day_of(self.at)
            calendar = load_calendar(today, today + timedelta(days=21))
            self._values = {
                "file": self.file.pk or 0,
                "region": self.region,
                "regions": regions_below(self.region),
                "channel": self.file.channel,
                "day": self.day,
                "side": self.side.value,
                "at": self.at,
                "due_soon": calendar.add_workdays(today, DAYS_SOON),
                "due_late": calendar.add_workdays(today, DAYS_LATE),
                **self.more_values(),
            }
        return self._values

    def more_values(self) -> dict[str, Any]:
        """Values that only this kind's statements ask for."""
        return {}

    def match(self) -> None:
        """What each line says; the books are asked when a chunk is judged."""
        with transaction.atomic(), connection.cursor() as cursor:
            statements.run(
                cursor,
                "settlement_resolve",
                self.tables.names,
                treasury=self.side == Side.TREASURY,
                today=day_of(self.at),
            )

    def _read(self) -> dict[str, Any]:
        if not self._totals:
            self._totals = statements.rows("settlement_totals", self.tables.names)[0]
        return self._totals

    def sums(self) -> Sums:
        """Lines, what was received, what was returned."""
        read = self._read()
        return Sums(read["lines"], read["received"], read["returned"])

    def hold_reasons(self, staged: staging.Staged) -> list[dict[str, Any]]:
        """Totals, unreadable lines, twins, closed days (design: bank-files 8.1, HELD)."""
        header, read = self.file.header, self._read()
        found: list[dict[str, Any]] = []
        for claim, code in (
            ("lines", "COUNT_DIFFERS"),
            ("received", "TOTAL_DIFFERS"),
            ("returned", "TOTAL_DIFFERS"),
        ):
            said = Decimal(str(header.get(claim, "0.00")))
            if said != read[claim]:
                found.append({"code": code, "field": claim, "said": str(said), "read": str(read[claim])})
        for name, code in (
            ("unreadable", "LINE_UNREADABLE"),
            ("amount_unreadable", "AMOUNT_UNREADABLE"),
            ("over_limit", "AMOUNT_OVER_LIMIT"),
        ):
            if read[name]:
                found.append(
                    {"code": code, "lines": read[name], "first_line": (read["first_fault"] or 0) + 1}
                )
        if too_many_rejected(read["rejected"], read["lines"]):
            found.append({"code": "TOO_MANY_REJECTED", "lines": read["rejected"]})
        twin = twin_of(content_sha256=staged.content_sha256, file_id=self.file.pk or 0)
        if twin is not None:
            found.append({"code": "SAME_CONTENT", "file": twin})
        if ClosedDay.objects.filter(region_id=self.region, day=self.day).exists():
            found.append({"code": "DAY_CLOSED", "day": self.day.isoformat()})
        return sorted(found, key=lambda reason: HELD_CODES.index(reason["code"]))

    # ---------------------------------------------------------------- posting

    def post(self, chunk: FileChunk, *, probe: bool) -> Tally:
        """Rows, bookings of what was never told, work, closings. Raises StagingLost."""
        with connection.cursor() as cursor:
            self._judge(cursor, chunk.first, chunk.last)
            faults.hit("after_judging")
            self.compare_cover(cursor)
            values = self._common()
            changed = statements.run(cursor, "settlement_lines", **values)
            faults.hit("after_lines")
            booked = self.book_untold(cursor)
            faults.hit("after_payments")
            changed += statements.run(cursor, "settlement_items", **values)
            changed += statements.run(cursor, "settlement_found", **values)
            closed = self.close_cases(cursor)
            faults.hit("after_workitems")
            tally = self._tally(cursor)
            cursor.execute("DROP TABLE judged")
        return tally | {"changed": changed + booked + closed, "booked": booked, "closed": closed}

    def _judge(self, cursor: CursorWrapper, first: int, last: int) -> None:
        staging.require(cursor, self.tables, self.file.pk)
        cursor.execute("SET LOCAL enable_nestloop = on")
        statements.run(cursor, self.judge_stage, self.tables.names, **self._common(), first=first, last=last)

    def _tally(self, cursor: CursorWrapper) -> Tally:
        statements.run(cursor, "settlement_tally")
        columns = [column.name for column in cursor.description or ()]
        rows = [dict(zip(columns, values, strict=True)) for values in cursor.fetchall()]
        return {
            "outcomes": {
                str(row.pop("outcome")): {
                    key: value if isinstance(value, int) else f"{value:.2f}" for key, value in row.items()
                }
                for row in rows
            }
        }

    @abstractmethod
    def compare_cover(self, cursor: CursorWrapper) -> None:
        """Say of judged lines with another date whether cover would begin on another day."""

    @abstractmethod
    def book_untold(self, cursor: CursorWrapper) -> int:
        """Book money for orders that nobody told us of; how many orders changed."""

    @abstractmethod
    def close_cases(self, cursor: CursorWrapper) -> int:
        """Close debits that were never posted by the returns among the judged lines; how many."""

    # ---------------------------------------------------------------- reports

    def preview(self, ranges: Sequence[tuple[int, int]]) -> Report:
        """The outcomes that the lines would get now."""
        with transaction.atomic(), connection.cursor() as cursor:
            last = max((last for _, last in ranges), default=0)
            self._judge(cursor, 1, last)
            self.compare_cover(cursor)
            tally = self._tally(cursor)
            missing = self._missing(cursor)
            cursor.execute("DROP TABLE judged, missing")
        return body([tally], missing)

    def _missing(self, cursor: CursorWrapper) -> dict[str, Any]:
        """Make the table of ours that the file lacks, beside what stands judged; its tally."""
        statements.run(cursor, self.missing_stage, self.tables.names, **self._common())
        statements.run(cursor, "missing_tally")
        columns = [column.name for column in cursor.description or ()]
        return dict(zip(columns, cursor.fetchone(), strict=True))

    def prove(self, chunks: Sequence[FileChunk]) -> Report:
        """Outcomes add up to the lines read; what of ours the file lacks gets its rows. Raises SumsDiffer."""
        with connection.cursor() as cursor:
            self._judge(cursor, 1, 0)
            missing = self._missing(cursor)
            values = self._common()
            added = statements.run(cursor, "missing_lines", **values)
            if self.side == Side.CHANNEL:
                added += statements.run(cursor, "missing_items", **values)
            cursor.execute("DROP TABLE judged, missing")
        report = body([chunk.tally for chunk in chunks], missing)
        report["changed"] += added
        theirs = [row for name, row in report["outcomes"].items() if name != Outcome.OURS_ONLY.name]
        sums = (
            sum(row["lines"] for row in theirs),
            sum((Decimal(row["amount"]) for row in theirs), start=ZERO),
            sum((Decimal(row["returned"]) for row in theirs), start=ZERO),
        )
        if sums != (self.file.lines, self.file.amount, self.file.debited):
            raise SumsDiffer(file=self.file.pk)
        debitcases.pull(at=self.at)
        return report


def body(tallies: Sequence[Tally], missing: dict[str, Any]) -> Report:
    """The part of a report that tallies decide; OURS_ONLY counts rows of ours, all others lines of the file."""
    outcomes: dict[str, dict[str, Any]] = {
        outcome.name: {"lines": 0, "amount": ZERO, "returned": ZERO, "repeated": 0} for outcome in Outcome
    }
    for tally in tallies:
        for code, row in tally["outcomes"].items():
            total = outcomes[Outcome(int(code)).name]
            for key, value in row.items():
                total[key] += Decimal(value) if key in _MONEY else value
    outcomes[Outcome.OURS_ONLY.name] = dict(missing)
    return {
        "outcomes": {
            name: {key: f"{value:.2f}" if key in _MONEY else value for key, value in row.items()}
            for name, row in outcomes.items()
        },
        "booked": sum(tally.get("booked", 0) for tally in tallies),
        "closed": sum(tally.get("closed", 0) for tally in tallies),
        "changed": sum(tally.get("changed", 0) for tally in tallies),
    }


class StatementCourse(SettlementCourse):
    """A channel's statement of a day."""

    kind: ClassVar[FileKind] = FileKind.STATEMENT
    layout: ClassVar[Layout] = STATEMENT
    side: ClassVar[Side] = Side.CHANNEL
    judge_stage: ClassVar[str] = "statement_judge"
    missing_stage: ClassVar[str] = "statement_missing"

    def compare_cover(self, cursor: CursorWrapper) -> None:
        """DATE_DIFFERS becomes COVER_DIFFERS where the other date would begin cover on another day."""
        cursor.execute(
            "SELECT line_id, ours_kind, ours_id, ours_on, happened_on FROM judged WHERE fresh AND turn = 1 AND outcome = 5"
        )
        changed = [
            line_id
            for line_id, kind, key, ours, theirs in cursor.fetchall()
            if coverdates.differs(kind=kind, key=key, ours=ours, theirs=theirs)
        ]
        if changed:
            cursor.execute("UPDATE judged SET reason = 'COVER_DIFFERS' WHERE line_id = ANY (%s)", [changed])

    def book_untold(self, cursor: CursorWrapper) -> int:
        """Money for an order that the channel never told of, or a second debit, is booked from its statement."""
        cursor.execute(
            "SELECT order_number, serial, amount, happened_at FROM judged WHERE fresh AND told ORDER BY line_id"
        )
        booked = 0
        for number, serial, amount, happened_at in cursor.fetchall():
            try:
                orderpayments.pay(
                    number=number,
                    client=None,
                    serial=serial,
                    amount=amount,
                    debited_at=happened_at,
                    at=self.at,
                    source=OrderDebit.Source.STATEMENT,
                )
                booked += 1
            except (orderpayments.AmountDiffers, orderpayments.DebitedOutsideYear):
                booked += 1  # written down, with its work item
            except BureauError:
                continue  # not one of the order's life: the line itself becomes work
        return booked

    def close_cases(self, cursor: CursorWrapper) -> int:
        """Cases of the returns among the judged lines."""
        statements.run(cursor, "settlement_returned", **self._common())
        cursor.execute(
            "SELECT count(*) FROM judged WHERE fresh AND turn = 2 AND outcome = 1 AND ours_kind = 5"
        )
        return int(cursor.fetchone()[0])


class TreasuryCourse(SettlementCourse):
    """The treasury's settlement of a day."""

    kind: ClassVar[FileKind] = FileKind.TREASURY
    layout: ClassVar[Layout] = TREASURY
    side: ClassVar[Side] = Side.TREASURY
    judge_stage: ClassVar[str] = "treasury_judge"
    missing_stage: ClassVar[str] = "treasury_missing"

    def more_values(self) -> dict[str, Any]:
        """By channel, the last debit day whose working days to the treasury are over on the file's day."""
        calendar = load_calendar(self.day - timedelta(days=60), self.day)
        names = list(ChannelTerms.objects.order_by("channel").values_list("channel", flat=True).distinct())
        ends = []
        for name in names:
            days = channels.terms_of(channel=name, region_id=self.region).settlement_days
            # The last day from which `days` working days have passed by the file's day.
            last = calendar.previous_workday(self.day)
            ends.append(
                (calendar.add_workdays(last, 1 - days) if days > 1 else last) - timedelta(days=1)
                if days
                else self.day
            )
        return {"channels": names, "cutoffs": ends}

    def compare_cover(self, cursor: CursorWrapper) -> None:
        """The treasury's date decides nothing about cover."""

    def book_untold(self, cursor: CursorWrapper) -> int:
        """The treasury tells of payments that are booked."""
        return 0

    def close_cases(self, cursor: CursorWrapper) -> int:
        """The treasury returns nothing here (退库 is a file of its own)."""
        return 0


courses.register(StatementCourse)
courses.register(TreasuryCourse)
