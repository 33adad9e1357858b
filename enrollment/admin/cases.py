"""What cases of the register change, in words for the second person: numbers masked, codes named."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from bureau import differences
from bureau.identity import CERT_TYPES, mask_id
from bureau.models import Proposal, Region
from bureau.pages import NOTHING, Table
from enrollment.models import Person, PersonClass
from enrollment.services import corrections, merging, transfers

HIDDEN = frozenset({"initials"})


def _number(value: Any) -> str:
    return mask_id(str(value))


def _cert(value: Any) -> str:
    kind = CERT_TYPES.get(str(value))
    return _(kind.en) if kind else str(value)


def _region(value: Any) -> str:
    region = Region.objects.filter(pk=value).order_by("pk").first()
    return region.name if region else str(value)


READ: dict[str, Callable[[Any], str]] = {
    "id_number": _number,
    "id_alias": _number,
    "id_type": _cert,
    "region_id": _region,
    "gender": lambda value: str(dict(Person.Gender.choices).get(value, value)),
    "person_class": lambda value: str(dict(PersonClass.choices).get(value, value)),
}


def _names() -> dict[str, str]:
    return {
        "name": pgettext("person", "name"),
        "id_type": _("ID type"),
        "id_number": _("ID number"),
        "id_alias": _("old ID number"),
        "birth_date": _("date of birth"),
        "gender": _("gender"),
        "person_class": _("person class"),
        "region_id": _("region"),
    }


def _said(key: str, value: Any) -> str:
    if value is None or value == "":
        return NOTHING
    return READ.get(key, str)(value)


def correction(proposal: Proposal) -> list[Table]:
    """Old and new values, and the document."""
    names, fields = _names(), proposal.difference["fields"]
    # Beside a masked ID number the birth would give the number away.
    hidden = HIDDEN | ({"birth_date"} if "id_number" in fields else set())
    rows = [
        [names.get(key, key), _said(key, old), _said(key, new)]
        for key, (old, new) in fields.items()
        if key not in hidden
    ]
    note = _("document: %(document)s") % {"document": proposal.difference["document"]}
    return [Table(_("What it changes"), [_("what"), _("until now"), _("afterwards")], rows, note=note)]


def merge(proposal: Proposal) -> list[Table]:
    """The two records side by side."""
    names = _names()
    rows = [
        [
            names.get(key, key),
            _said(key, drop) if key != "id_number" else drop,
            _said(key, keep) if key != "id_number" else keep,
        ]
        for key, (drop, keep) in proposal.difference["records"].items()
    ]
    keep = proposal.difference["keep"]
    columns = [
        _("what"),
        _("record #%(number)s, which goes into the other") % {"number": proposal.subject_id},
        _("record #%(number)s, which stays") % {"number": keep},
    ]
    return [Table(_("The two records"), columns, rows)]


def transfer(proposal: Proposal) -> list[Table]:
    """From where to where, and the last day."""
    told = proposal.difference
    rows = [
        [_("pooling region"), _region(told["from"]), _region(told["to"])],
        [_("last day there"), NOTHING, told["last_day"]],
    ]
    return [Table(_("What it changes"), [_("what"), _("until now"), _("afterwards")], rows)]


differences.register(corrections.KIND, correction)
differences.register(merging.KIND, merge)
differences.register(transfers.KIND, transfer)
