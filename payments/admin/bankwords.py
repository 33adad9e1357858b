"""What a bank's line says beside what we asked for: masked, in words, for the person who clears it up."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from bureau.identity import mask_account
from bureau.pages import NOTHING, badge, day, money
from payments.models import BankLine, Instruction, LineText

FIELDS = 10
_LONG_NUMBER = re.compile(r"[0-9]{12,}")


@dataclass(frozen=True)
class Said:
    """The fields of a line's text as the bank wrote them; empty where the text cannot be split."""

    account: str = ""
    holder: str = ""
    due: str = ""
    paid: str = ""
    code: str = ""
    note: str = ""
    serial: str = ""
    debited_on: str = ""
    ref: str = ""


def split(text: str) -> Said | None:
    """The fields of layout A's result line, or None where there are not ten of them."""
    fields = text.rstrip("\r\n").removesuffix("|").split("|")
    return Said(*fields[1:]) if len(fields) == FIELDS else None


def masked_text(text: str) -> str:
    """The line as it came, its account masked; in a line that cannot be split every long number is."""
    fields = text.rstrip("\r\n").split("|")
    if split(text) is not None:
        fields[1] = mask_account(fields[1])
        return "|".join(fields)
    return _LONG_NUMBER.sub(lambda found: mask_account(found.group()), text.rstrip("\r\n"))


def texts_of(lines: Iterable[BankLine]) -> dict[int, LineText]:
    """The kept texts of these lines, by line."""
    return LineText.objects.in_bulk([line.pk for line in lines])


def instructions_of(lines: Iterable[BankLine]) -> dict[int, Instruction]:
    """The instructions these lines answer, by number, with their persons."""
    wanted = {line.instruction_id for line in lines if line.instruction_id is not None}
    return {row.pk: row for row in Instruction.objects.filter(pk__in=wanted).select_related("person")}


def comparison(line: BankLine, asked: Instruction | None, text: LineText | None) -> list[list[Any]]:
    """Rows of (field, what we asked, what the bank says, whether they differ)."""
    said = split(text.text) if text is not None else None
    said = said or Said()
    ours = {
        "ref": asked.ref if asked else "",
        "account": asked.account if asked else "",
        "holder": asked.holder if asked else "",
        "due": money(asked.amount) if asked else "",
        "paid": money(asked.amount) if asked else "",
    }
    theirs = {
        "ref": said.ref,
        "account": said.account,
        "holder": said.holder,
        "due": money(line.due) if line.due is not None else said.due,
        "paid": money(line.debited) if line.debited is not None else said.paid,
    }
    names = {
        "ref": _("reference"),
        "account": _("account"),
        "holder": _("account holder"),
        "due": _("amount due"),
        "paid": _("amount debited"),
    }
    rows = []
    for key, name in names.items():
        one, other = ours[key], theirs[key]
        compared = one and other and (key != "paid" or line.ok)
        differs = badge(_("differs"), "danger") if compared and one != other else ""
        show = mask_account if key == "account" else str
        rows.append([name, show(one) or NOTHING, show(other) or NOTHING, differs])
    debited = day(line.debited_on) if line.debited_on else said.debited_on or NOTHING
    rows.append([_("debit date"), _debit_days(asked), debited, ""])
    rows.append([_("bank serial"), NOTHING, line.serial or said.serial or NOTHING, ""])
    rows.append([_("bank's words"), NOTHING, said.note or NOTHING, ""])
    return rows


def _debit_days(asked: Instruction | None) -> str:
    return f"{day(asked.batch.debit_from)} – {day(asked.batch.debit_to)}" if asked else NOTHING
