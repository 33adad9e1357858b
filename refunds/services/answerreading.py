"""Reading an answer to a payout: whose batch it answers, its lines, what its header claims."""

import io
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bureau import access
from bureau.errors import gettext_noop
from bureau.models import User
from payments.files.blocks import BlockReader
from payments.files.delivery import check_digest, sm3
from payments.files.limits import RESULT_COLUMNS, Limits
from payments.files.refusals import EmptyFile, FileRefused, TooLarge
from payments.files.results import LineUnreadable, ResultLine, parse_result_line
from refunds.models import PayoutBatch
from refunds.pain import VERSIONS, looks_like_xml, read_pain002
from refunds.payoutfile import TREASURY_KEY, answer_header
from refunds.states import PayoutState

MOST_BYTES = 64 * 2**20


class UnknownPayout(FileRefused):
    """The header names a batch that was never released here."""

    code = "UNKNOWN_BATCH"
    message = gettext_noop("This answers no payout batch of your regions: %(batch)s.")


@dataclass(frozen=True)
class Read:
    """A readable answer: its batch, its lines (None where one cannot be read), and what its header claims."""

    batch: PayoutBatch
    lines: list[ResultLine | None]
    lines_said: int | None
    amount_said: Decimal | None
    ok_said: tuple[int, Decimal] | None = None


def identify(content: bytes, name: str, digest: bytes | None, by: User) -> Read:
    """An answer to a batch of the regions of ``by``. Raises a FileRefused."""
    if not content:
        raise EmptyFile()
    if len(content) > MOST_BYTES:
        raise TooLarge(what=gettext_noop("bytes"), limit=MOST_BYTES)
    if digest is not None:
        check_digest(digest, hexdigest=sm3(content), name=name)
    return read(content, _batch_of(content, by))


def _batch_of(content: bytes, by: User) -> PayoutBatch:
    released = access.for_user(PayoutBatch.objects.filter(state=PayoutState.RELEASED), by)
    if looks_like_xml(content):
        message = read_message(content)
        rows = released.filter(
            layout__in=VERSIONS, bank=message[:3], region=message[3:9], number=message[17:21] or 0
        )
        batch = next((one for one in rows.order_by("-day") if f"{one.day:%Y%m%d}" == message[9:17]), None)
        wanted = message
    else:
        header = answer_header(BlockReader(io.BytesIO(content)).first_line())
        where: dict[str, Any] = {"region_id": header.region, "day": header.day, "number": int(header.batch)}
        bank = {"bank": None} if header.bank == TREASURY_KEY else {"bank_id": header.bank}
        batch = released.filter(**where, **bank).order_by("pk").first()
        wanted = f"{header.bank}_{header.region}_{header.day:%Y%m%d}_{header.batch}"
        if batch is not None and header.agency != batch.unit:
            batch = None
    if batch is None:
        raise UnknownPayout(batch=wanted[:60])
    return batch


def read_message(content: bytes) -> str:
    """The answered message of a pain.002, as it stands in a number of ours, or nothing of ours."""
    message = read_pain002(content).message
    return message if len(message) == 21 and message.isdigit() else "0" * 21


def read(content: bytes, batch: PayoutBatch) -> Read:
    """The answer to a batch that is known. Raises a FileRefused."""
    if batch.layout in VERSIONS:
        report = read_pain002(content)
        return Read(batch, list(report.lines), report.lines_said, report.amount_said)
    reader = BlockReader(io.BytesIO(content), limits=Limits(max_file_bytes=MOST_BYTES))
    header = answer_header(reader.first_line())
    rows = b"".join(reader.blocks()).decode().splitlines()
    ok = (header.ok_lines, header.ok_amount)
    return Read(batch, [_line(row) for row in rows], header.lines, header.amount, ok)


def _line(row: str) -> ResultLine | None:
    """A line of the reader's; None where it cannot be read."""
    parts = row.split("|")
    if len(parts) != len(RESULT_COLUMNS) + 1 or parts.pop() or parts[0] == "\\N":
        return None
    try:
        return parse_result_line([part.replace("\\\\", "\\") for part in parts])
    except LineUnreadable:
        return None
