"""What stands beside a policy's terms, in words: notes and marks of the shipped versions, errors at a term, differences."""

from __future__ import annotations

import re
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from bureau import doors
from bureau.pages import NOTHING, Table
from enrollment.models import Policy
from enrollment.policy import PolicyError, Terms
from enrollment.words import TERMS, term_value

#: The notes and source marks of the versions that ship with the project; what people write themselves is shown as it is.
SHIPPED = (
    gettext_noop("Beijing; pay days 5 to 20, batch debit on the 15th or the next working day"),
    gettext_noop("Chengdu; 90 days, the 90th not covered; a higher grade exists, its amount is not known"),
    gettext_noop("Fujian"),
    gettext_noop(
        "GD25 with subsidised enrolment where the status was recognised; recognised after paying: aid from the next year"
    ),
    gettext_noop(
        "GZ25 with subsidised enrolment; stable ex-poor: the source says aid 340 and pays 200, which do not add up to 400, "
        "taken as pays 200"
    ),
    gettext_noop("Guangdong"),
    gettext_noop("Guigang 2018, city inferred; three counties without online payment"),
    gettext_noop("Guigang 2025, terms as Sichuan 2025; the counties of 2018 still without online payment"),
    gettext_noop(
        "Guizhou; full cost from 2025-03-01 except newborns and ex-employees; two pages disagree on the last pay day"
    ),
    gettext_noop("Hebei; aid of at least 60 % taken as 60"),
    gettext_noop("Hohhot; the month of payment is month 1"),
    gettext_noop("Hubei, window as first published"),
    gettext_noop("Hubei, window extended to 2025-02-28 after it had closed"),
    gettext_noop(
        "Inner Mongolia; amounts secondary, opening day as in Chifeng; vouchers take 2 to 3 working days"
    ),
    gettext_noop(
        "JX25 with subsidised enrolment; DIBAO stands for all who get aid 320 and pay 80, some of them pay 30"
    ),
    gettext_noop("Jiangxi"),
    gettext_noop("Jingmen, window of Hubei as extended; stable ex-poor pay the whole 400"),
    gettext_noop(
        "Langfang; severe disability at least 90 % taken as 90; EX_POOR: other people out of poverty"
    ),
    gettext_noop(
        "Sichuan; price published 2024-12-02; wait_rule, special_start, switch_start and newborn_late assumed"
    ),
    gettext_noop(
        "Ulanqab, window of Inner Mongolia; the source says aid 280 and pays 220, which do not add up to 400, taken as "
        "pays 220"
    ),
    gettext_noop("secondary"),
    gettext_noop("secondary; window_open assumed"),
    gettext_noop("secondary; window assumed"),
    gettext_noop("assumed"),
    gettext_noop("seed"),
    gettext_noop("seed; price secondary"),
    gettext_noop("seed; opening day assumed"),
    gettext_noop("seed; amounts secondary"),
    gettext_noop("official (aid); window, amounts assumed"),
)
_REPEATS = re.compile(r"repeats ([A-Z]{2}[0-9]{2}[a-z]?)")


def shown(text: str) -> str:
    """A note or a source mark in the reader's language where it is one of the shipped ones."""
    repeated = _REPEATS.fullmatch(text)
    if repeated is not None:
        return _("repeats %(key)s") % {"key": repeated.group(1)}
    return _(text) if text in SHIPPED else text or NOTHING


def term_error(error: PolicyError) -> str:
    """What is wrong with a term, with the term's name as people call it."""
    params = dict(error.params)
    key = str(params.get("key", "")).partition(".")[0]
    params["key"] = TERMS.get(key, key)
    for name in ("wanted", "because"):
        if name in params:
            params[name] = _(params[name])
    return doors.words(type(error)(**params))


def stored_term(key: str, value: Any) -> str:
    """A stored JSON value in words; read through the terms' own readers, shown as it is where they refuse it."""
    if value is None or key not in Terms.__dataclass_fields__:
        return NOTHING if value is None else str(value)
    try:
        return term_value(key, Terms.__dataclass_fields__[key].metadata["kind"].read(key, value))
    except PolicyError:
        return str(value)


def difference_table(told: dict[str, Any]) -> Table:
    """What a publication would change (the difference of services.policydrafts), as people read it."""
    rows = [
        [TERMS.get(key, key), stored_term(key, old), stored_term(key, new)]
        for key, (old, new) in told.get("terms", {}).items()
    ]
    return Table(
        _("Terms that change"),
        [_("term"), _("until now"), _("afterwards")],
        rows,
        _("No term changes."),
        note=_against(told),
        anchor="difference",
    )


def _against(told: dict[str, Any]) -> str:
    if told.get("base"):
        return _("compared with version %(version)s") % {"version": told["base"]}
    compared = told.get("compared")
    if compared:
        return _("compared with %(region)s %(year)s, version %(version)s") % compared
    return _("the first version of this year")


def name_of(policy: Policy) -> str:
    """A version by region, year and number."""
    return f"{policy.region.name} {policy.benefit_year} v{policy.version}"
