"""Whatever a partner sends: the record letter of the header tells which course of the river a file takes."""

from datetime import datetime
from typing import BinaryIO

from bureau.models import User
from payments.services import intake, pushes, results, settlements
from payments.services.courses import Identify
from payments.states import FileKind

_BY_RECORD: dict[bytes, tuple[FileKind, Identify, str]] = {
    b"S|": (FileKind.STATEMENT, settlements.statement_of(), settlements.ACTION),
    b"T|": (FileKind.TREASURY, settlements.treasury_of(), settlements.ACTION),
    b"V|": (FileKind.PUSH_ANSWER, pushes.identify, settlements.ACTION),
}
_RESULT = (FileKind.RESULT, results.identify, "file.upload")


def receive(*, source: BinaryIO, name: str, digest: bytes | None, by: User, at: datetime) -> intake.Received:
    """Receive a file of any kind as :func:`intake.receive` does; what has no known header is taken for a bank's result."""
    start = source.tell()
    head = source.read(2)
    source.seek(start)
    kind, course, action = _BY_RECORD.get(head, _RESULT)
    return intake.receive(
        source=source, name=name, digest=digest, by=by, at=at, kind=kind, course=course, action=action
    )
