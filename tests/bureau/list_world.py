"""A list of aid members that waits for its second person, made when a page first asks for it."""

from typing import Any

from bureau import proposals
from enrollment.models import ListFile, ListKind, ListLease, ListLine
from enrollment.services.lists import RELEASE_KIND
from tests import builders
from tests.payments.bookbuilders import AT

NAME = "附件3.xlsx"
TALLIES = {"NEW": 1, "ENDED": 1, "ERROR": 1, "UNKNOWN": 1, "SAME": 3}


def listed(world: Any) -> ListFile:
    """The list, the same at each call."""
    found = ListFile.objects.filter(name=NAME).order_by("id").first()
    if found is not None:
        return found
    clerk = world.books.home.clerk
    file = ListFile.objects.create(
        kind=ListKind.AID_MEMBERS, issuer="CIVIL", region_id=builders.GUIGANG, month=AT.date().replace(day=1), name=NAME,
        stored_as="none.xlsx", size=10, sha256="a" * 64, rows=6, last_line=8, tallies=TALLIES, state="READ",
        uploaded_by=clerk, uploaded_at=AT,
        warnings=[{"code": "HIDDEN_ROWS", "params": {"number": 2},
                   "message": "%(number)s rows are hidden or filtered out; they are read like all others."}],
    )  # fmt: skip
    ListLease.objects.create(list=file)
    person = world.person.pk
    kept: tuple[tuple[int, str, str, dict[str, Any]], ...] = (
        (
            2,
            "NEW",
            "CATEGORY_NEW",
            {"person_id": person, "params": {"category": "DIBAO", "since": "2025-01-01"}},
        ),
        (3, "ERROR", "CELL_NUMBER", {"column": "身份证号", "value": "45080********001"}),
        (4, "UNKNOWN", "PERSON_UNKNOWN", {"column": "身份证号", "value": "450802********0013"}),
        (8, "ENDED", "CATEGORY_ENDED", {"person_id": person, "params": {"category": "DIBAO"}}),
    )
    for line, outcome, code, more in kept:
        ListLine.objects.create(list=file, line_no=line, outcome=outcome, code=code, **more)
    proposals.propose(
        kind=RELEASE_KIND, subject=file, region_id=builders.GUIGANG, title=NAME, by=clerk, at=AT,
        difference={"tallies": TALLIES, "warnings": file.warnings},
    )  # fmt: skip
    return file
