"""Terms of a channel in a region: changed by one supervisor, approved by another, in the region's own row.

What holds everywhere comes with the product; a region that wants it otherwise gets a row of its own, complete.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from bureau import access, audit, proposals
from bureau.errors import BureauError, gettext_noop
from bureau.models import Proposal, Region, User
from payments.models import ChannelTerms
from payments.services import channels

KIND, ACTION = "CHANNEL_TERMS", "channel.edit"
FIELDS = (
    "enabled",
    "mode",
    "keyed_by",
    "settlement_days",
    "debit_cards_only",
    "max_persons",
    "lock_minutes",
    "refund_route",
    "answer_final",
    "past_year_end",
    "status_url",
)


class TermsSame(BureauError):
    """Nothing would change."""

    code = "CHANNEL_TERMS_SAME"
    message = gettext_noop("These are the terms already.")


class TermsWait(BureauError):
    """One change at a time."""

    code = "CHANNEL_TERMS_WAIT"
    message = gettext_noop("A change of this channel already waits for a second person.")


class TermsMoved(BureauError):
    """What was proposed rests on terms that are no longer in force."""

    code = "CHANNEL_TERMS_MOVED"
    message = gettext_noop("The terms changed since this was proposed: propose it again.")


class TermsWrong(BureauError):
    """The terms cannot hold together."""

    code = "CHANNEL_TERMS_WRONG"
    message = gettext_noop("These terms cannot be: %(why)s")


def values_of(terms: ChannelTerms) -> dict[str, Any]:
    """The terms as plain values."""
    return {name: getattr(terms, name) for name in FIELDS}


def propose(
    *, channel: str, region_id: str, values: Mapping[str, Any], reason: str, by: User, at: datetime
) -> Proposal:
    """Propose terms for a channel in a region and below it; a second supervisor approves.

    Raises ChannelUnknown, TermsSame, TermsWrong, TermsWait, NotAllowed, OutOfScope.
    """
    try:
        with transaction.atomic(), audit.acting(by=by, why=reason or "change the terms of a channel"):
            access.require(by, ACTION, region_id)
            terms = channels.terms_of(channel=channel, region_id=region_id)
            before = values_of(terms)
            changed = {name: [before[name], values[name]] for name in FIELDS if values[name] != before[name]}
            if not changed:
                raise TermsSame()
            _check(ChannelTerms(channel=channel, region_id=region_id, **{**before, **values}))
            region = Region.objects.get(pk=region_id)
            return proposals.propose(
                kind=KIND,
                subject=terms,
                region_id=region_id,
                title=f"{terms.get_channel_display()} {region.name}",
                difference={"channel": channel, "region": region_id, "terms": changed},
                by=by,
                at=at,
                reason=reason,
            )
    except IntegrityError as error:
        if "proposal_one_open" in str(error):
            raise TermsWait() from None
        raise


def _check(terms: ChannelTerms) -> None:
    try:
        terms.full_clean(validate_unique=False, validate_constraints=True, exclude=["channel", "region"])
    except ValidationError as error:
        messages = " ".join(error.messages)
        raise TermsWrong(why=messages) from error


def _approve(proposal: Proposal, by: User, at: datetime) -> None:
    """Write the region's own row, on the terms it was proposed upon."""
    channel, region_id = proposal.difference["channel"], proposal.difference["region"]
    changed: dict[str, list[Any]] = proposal.difference["terms"]
    own = (
        ChannelTerms.objects.select_for_update(of=("self",))
        .filter(channel=channel, region_id=region_id)
        .order_by("pk")
        .first()
    )
    now = values_of(own or channels.terms_of(channel=channel, region_id=region_id))
    if any(now[name] != old for name, (old, _after) in changed.items()):
        raise TermsMoved()
    row = own or ChannelTerms(channel=channel, region_id=region_id)
    for name, value in {**now, **{name: new for name, (_before, new) in changed.items()}}.items():
        setattr(row, name, value)
    row.save()


proposals.register(proposals.Kind(KIND, _("terms of a channel"), ACTION, _approve))
