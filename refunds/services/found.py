"""Cases, submitted at once, of what the system found: a batch of wishes is weighed, written and reserved together."""

from collections.abc import Mapping
from datetime import date, datetime

from bureau.clock import day_of
from bureau.errors import BureauError, gettext_noop
from bureau.models import User
from refunds.eligibility import Outcome
from refunds.models import PayeeAccount, RefundCase, RefundLine
from refunds.services import caselines, payees, steps
from refunds.services.deciding import Stated, Weighed, weigh
from refunds.services.facts import Source
from refunds.services.wishes import Form, new_case, stated
from refunds.states import CaseState


class NotOwed(BureauError):
    """What was found is refused by a rule, as things stand now."""

    code = "REFUND_NOT_OWED"
    message = gettext_noop("By the rules nothing goes back now: %(words)s")


def open_found(
    *, forms: Mapping[int, Form], by: User, at: datetime
) -> tuple[dict[int, RefundCase], dict[int, BureauError]]:
    """Cases, submitted at once, of what the system found; ``forms`` by a number of the caller's. In one transaction of the
    caller; a wish that cannot be met is left out with its error.
    """
    wanted = {key: stated(form, day_of(at)) for key, form in forms.items()}
    sources = {key: form.sources[0] for key, form in forms.items()}
    steps.lock_money(list(sources.values()))
    weighed, errors = _weigh_each(sources, wanted)
    for key, one in list(weighed.items()):
        if one.decision.outcome not in (Outcome.REFUND, Outcome.REVIEW):
            errors[key] = NotOwed(words=one.decision.explain_zh)
            del weighed[key]
    made: dict[int, RefundCase] = {}
    targets: dict[int, tuple[date, date]] = {}
    numbers = steps.new_numbers(day_of(at), len(weighed))
    for (key, one), number in zip(weighed.items(), numbers, strict=True):
        case = new_case(number, forms[key], [one], at, None)
        if one.policy.pk not in targets:
            targets[one.policy.pk] = steps.clocks(terms=one.policy.values, on=day_of(at))
        case.target_on, case.limit_on = targets[one.policy.pk]
        case.state = CaseState.SUBMITTED.value
        case.submitted_by, case.submitted_at, case.round = by, at, 1
        made[key] = case
    RefundCase.objects.bulk_create(made.values())
    steps.write_steps(list(made.values()), CaseState.SUBMITTED, by=by, at=at)
    RefundLine.objects.bulk_create(caselines.line_of(made[key], one) for key, one in weighed.items())
    PayeeAccount.objects.bulk_create(
        payees.account_row(made[key], one.money.account, PayeeAccount.Source.ORIGINAL, 1, None, at)
        for key, one in weighed.items()
        if one.money.account is not None
    )
    return made, errors


def _weigh_each(
    sources: Mapping[int, Source], wanted: Mapping[int, Stated]
) -> tuple[dict[int, Weighed], dict[int, BureauError]]:
    """All at once; where one fails, each by itself."""
    try:
        found = weigh(wanted={sources[key]: wanted[key] for key in sources})
        return {key: found[source] for key, source in sources.items()}, {}
    except BureauError:
        weighed: dict[int, Weighed] = {}
        errors: dict[int, BureauError] = {}
        for key, source in sources.items():
            try:
                weighed[key] = weigh(wanted={source: wanted[key]})[source]
            except BureauError as error:
                errors[key] = error
        return weighed, errors
