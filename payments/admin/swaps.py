"""The swap of two payments as a second person reads it: what carries the year now, and what would."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from bureau import differences
from bureau.models import Proposal, Region
from bureau.pages import NOTHING, Table
from payments.services import swaps


def swap_difference(proposal: Proposal) -> list[Table]:
    """Both payments field by field, with the way to the whole comparison."""
    told: dict[str, Any] = proposal.difference
    if told["payment"] is None:
        return _alone(proposal)
    names = dict(
        Region.objects.filter(pk__in={told["now_region"], told["then_region"]}).values_list("code", "name")
    )
    rows = [
        [label, shown(told[f"now_{name}"]), shown(told[f"then_{name}"])]
        for name, label, shown in (
            ("region", _("region"), lambda code: names.get(code, code)),
            ("debited_on", _("debit date"), str),
            ("amount", _("amount"), str),
            ("cover_start", _("first day of cover"), lambda day: day or NOTHING),
        )
    ]
    columns = [_("what"), _("carries the year now"), _("would carry the year")]
    compare = reverse("desk:duplicate", args=[proposal.subject_id])
    return [Table(_("What it changes"), columns, rows, link=(_("Compare the two"), compare))]


def _alone(proposal: Proposal) -> list[Table]:
    """The money that would carry the year, where nothing does."""
    told: dict[str, Any] = proposal.difference
    region = Region.objects.get(pk=told["then_region"])
    rows = [
        [_("region"), NOTHING, region.name],
        [_("debit date"), NOTHING, told["then_debited_on"]],
        [_("amount"), NOTHING, told["then_amount"]],
        [_("first day of cover"), _("no cover"), told["then_cover_start"] or _("no cover")],
    ]
    columns = [_("what"), _("nothing carries the year now"), _("would carry the year")]
    compare = reverse("desk:duplicate", args=[proposal.subject_id])
    return [Table(_("What it changes"), columns, rows, link=(_("Compare the two"), compare))]


differences.register(swaps.KIND, swap_difference)
