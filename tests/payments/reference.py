"""A second, slow and plain reading of the rules for result files: the oracle is held against it.

One line after the other, one dictionary of instructions, the twelve rules in their order.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from bureau.money import parse_yuan
from bureau.names import fold_name
from payments.files.characters import is_clean
from payments.files.delimited import RequestHeader, RequestLine, read_day
from payments.files.resultcodes import lookup
from payments.files.results import read_header
from payments.states import Bucket

ZERO = Decimal("0.00")


@dataclass
class Outcome:
    """What a file came to."""

    state: str
    refused_because: str | None
    buckets: dict[str, dict[str, object]]
    no_answer: dict[str, object]


@dataclass
class Line:
    """A line as read: fields, amounts, what the code means."""

    fields: list[str] | None
    due: Decimal | None = None
    paid: Decimal | None = None
    ok: bool = False
    internal: str | None = None
    problem: str = ""


@dataclass
class Book:
    """What is known of one instruction."""

    line: RequestLine
    booked: tuple[Bucket, str, Decimal] | None = None
    reversed: bool = False
    declined: bool = False


@dataclass
class Books:
    """One batch, all its answers so far, and the bank's serials."""

    header: RequestHeader
    lines: list[RequestLine]
    today: date
    code_set: str = "AIPG"
    paid_elsewhere: frozenset[str] = frozenset()
    books: dict[str, Book] = field(default_factory=dict)
    serials: dict[str, str] = field(default_factory=dict)
    loose: set[tuple[str, str, Decimal]] = field(default_factory=set)
    answered: set[str] = field(default_factory=set)
    contents: list[list[str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.books = {line.ref: Book(line) for line in self.lines}

    def receive(self, content: bytes) -> Outcome:
        """What a file comes to that the reader did not refuse. HELD changes nothing."""
        texts = [one.removesuffix("\r") for one in _text(content).split("\n")]
        while texts and not texts[-1]:
            texts.pop()
        header = read_header(texts[0].encode("gb18030"))
        read = [self._read(text) for text in texts[1:]]
        reason = self._held(header, read, texts)
        before = (dict(self.serials), set(self.loose), set(self.answered))
        held = reason is not None
        outcome = self._judge(read, held=held)
        outcome.state, outcome.refused_because = ("HELD", reason) if held else ("APPLIED", None)
        if held:
            self.serials, self.loose, self.answered = before
        else:
            self.contents.append(texts)
        return outcome

    def _read(self, text: str) -> Line:
        fields = text.split("|")
        if len(fields) != 11 or fields.pop():
            return Line(None, problem="LINE_UNREADABLE")
        line = Line(fields)
        line.internal = lookup(self.code_set, fields[5], fields[6])
        line.ok = line.internal == "OK"
        for name, text_of in (("due", fields[3]), ("paid", fields[4])):
            try:
                setattr(line, name, parse_yuan(text_of))
            except Exception as error:
                over = getattr(error, "code", "") == "amount_over_limit"
                line.problem = "AMOUNT_OVER_LIMIT" if over else "AMOUNT_UNREADABLE"
        if not line.problem and (
            not is_clean(text) or not fields[0].isdigit() or (line.ok and not read_day(fields[8]))
        ):
            line.problem = "unreadable"
        return line

    def _held(self, header: object, read: list[Line], texts: list[str]) -> str | None:
        good = [line for line in read if line.ok]
        others = [line for line in read if not line.ok]
        problems = {line.problem for line in read}
        if header.lines != len(read):
            return "COUNT_DIFFERS"
        for problem in ("LINE_UNREADABLE", "AMOUNT_UNREADABLE", "AMOUNT_OVER_LIMIT"):
            if problem in problems:
                return problem
        said = (header.amount, header.ok_lines, header.ok_amount, header.failed_lines, header.failed_amount)
        counted = (_sum(read, "due"), len(good), _sum(good, "paid"), len(others), _sum(others, "due"))
        if said != counted:
            return "TOTAL_DIFFERS"
        seen: set[str] = set()
        rejected = 0
        for line in read:
            rejected += self._early(line, seen) is Bucket.REJECTED
        if rejected > 20 and rejected / len(read) > 0.01:
            return "TOO_MANY_REJECTED"
        return "SAME_CONTENT" if texts in self.contents else None

    def _early(self, line: Line, seen: set[str]) -> Bucket | None:
        """Rules 1 to 4."""
        if line.fields is None:
            return Bucket.REJECTED
        ref = line.fields[9]
        again = ref in seen
        seen.add(ref)
        if line.problem or again:
            return Bucket.REJECTED
        if (line.ok and (line.paid == 0 or not line.fields[7])) or (not line.ok and line.paid > 0):
            return Bucket.REJECTED
        if ref not in self.books:
            return Bucket.UNMATCHED if line.ok else Bucket.REJECTED
        return None

    def _judge(self, read: list[Line], *, held: bool) -> Outcome:
        buckets: dict[str, dict[str, object]] = {
            bucket.name: {"lines": 0, "amount": ZERO, "debited": ZERO, "repeated": 0} for bucket in Bucket
        }
        seen: set[str] = set()
        for line in read:
            early = self._early(line, seen)
            if line.fields is not None and line.fields[9] in self.books:
                self.answered.add(line.fields[9])
            bucket, repeated = (early, False) if early is not None else self._late(line, held=held)
            if line.ok and bucket is not Bucket.REJECTED:
                repeated = self._take_serial(line, bucket, repeated)
            total = buckets[bucket.name]
            total["lines"] += 1
            total["amount"] += line.due or ZERO
            total["debited"] += (line.paid or ZERO) if line.ok else ZERO
            total["repeated"] += repeated
        for total in buckets.values():
            total["amount"], total["debited"] = f"{total['amount']:.2f}", f"{total['debited']:.2f}"
        missing = [line.amount for line in self.lines if line.ref not in self.answered]
        no_answer = {"lines": len(missing), "amount": f"{sum(missing, ZERO):.2f}"}
        return Outcome("", None, buckets, no_answer)

    def _take_serial(self, line: Line, bucket: Bucket, repeated: bool) -> bool:
        self.serials.setdefault(line.fields[7], line.fields[9])
        if bucket is Bucket.UNMATCHED:
            loose = (line.fields[7], line.fields[9], line.paid)
            repeated = loose in self.loose
            self.loose.add(loose)
        return repeated

    def _late(self, line: Line, *, held: bool) -> tuple[Bucket, bool]:
        """Rules 5 to 12, for a line whose instruction is known."""
        _seq, _account, _holder, _due, _paid, _code, _note, serial, _day, ref = line.fields
        book = self.books[ref]
        if book.booked:
            bucket, booked_serial, booked_paid = book.booked
            if line.ok:
                same = (serial, line.paid) == (booked_serial, booked_paid) and not book.reversed
                return (bucket, True) if same else (Bucket.UNMATCHED, False)
            if not held and line.internal == "REVERSED":
                book.reversed = True
            return Bucket.DECLINED, False
        if line.internal in (None, "PENDING"):
            return Bucket.PENDING, False
        if not line.ok:
            again = book.declined
            book.declined = book.declined if held else True
            return Bucket.DECLINED, again
        if self.serials.get(serial, ref) != ref or self._differs(line, book.line):
            return Bucket.UNMATCHED, False
        bucket = Bucket.DUPLICATE if ref in self.paid_elsewhere else Bucket.SETTLED
        if not held:
            book.booked = (bucket, serial, line.paid)
        return bucket, False

    def _differs(self, line: Line, asked: RequestLine) -> bool:
        _seq, account, holder, _due, _paid, _code, _note, _serial, day, _ref = line.fields
        debited_on = read_day(day)
        return (
            account != asked.account
            or fold_name(holder) != fold_name(asked.holder)
            or line.due != asked.amount
            or line.paid != asked.amount
            or not self.header.debit_from <= debited_on <= self.header.debit_to
            or debited_on > self.today
        )


def _text(content: bytes) -> str:
    content = content.removesuffix(b"\x1a")
    try:
        return content.decode("gb18030")
    except UnicodeDecodeError as error:
        return content[: error.start].decode("gb18030")


def _sum(lines: Iterable[Line], name: str) -> Decimal:
    return sum((getattr(line, name) for line in lines), ZERO)
