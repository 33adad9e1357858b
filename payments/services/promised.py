"""Money that goes back by an approved refund already: nobody else may give it back as well."""

from collections.abc import Callable

from bureau.errors import BureauError, gettext_noop
from payments.models import Reversal

Guard = Callable[[int | None, int | None], str]
_guards: dict[str, Guard] = {}


class GoesBackAlready(BureauError):
    """The same money would go back twice."""

    code = "PAYMENT_GOES_BACK"
    message = gettext_noop(
        "This money goes back by refund %(refund)s already: it cannot be taken back as well."
    )


def guard(name: str, call: Guard) -> None:
    """Let an app above say what is promised: ``call(payment_id, duplicate_id)`` returns the number of an approved refund of
    either, or "". It is asked under the person's lock, which whoever approves takes as well. The same name again replaces it.
    """
    _guards[name] = call


def check(*, payment_id: int | None, duplicate_id: int | None) -> None:
    """Raises GoesBackAlready where a payment or a duplicate was given back, or a part of it is promised."""
    refund = next((found for call in _guards.values() if (found := call(payment_id, duplicate_id))), "")
    gone = Reversal.objects.filter(payment_id=payment_id, duplicate_id=duplicate_id)
    if refund or gone.exists():
        raise GoesBackAlready(refund=refund or "-")
