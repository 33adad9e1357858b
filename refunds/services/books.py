"""The books of refunds, added to those of payments (design: reliability I07, I09)."""

from collections.abc import Callable
from typing import Any

from bureau.errors import gettext_noop
from payments.services import books
from refunds.services import statements
from refunds.states import CASE_MOVES


def _from_file(
    stage: str, values: Callable[[], dict[str, Any]] = dict
) -> Callable[[], tuple[str, dict[str, Any]]]:
    def query() -> tuple[str, dict[str, Any]]:
        return statements.text(stage), values()

    return query


def _moves() -> dict[str, Any]:
    pairs = [(old, new) for old, news in CASE_MOVES.items() for new in news]
    return {"olds": [str(old) for old, _new in pairs], "news": [str(new) for _old, new in pairs]}


CHECKS = (
    books.Check("I07", gettext_noop("No more goes back than was paid"), _from_file("books_I07")),
    books.Check("I09R", gettext_noop("Four persons sign a refund"), _from_file("books_I09R")),
    books.Check("I10R", gettext_noop("Refunds made only listed moves"), _from_file("books_I10R", _moves)),
    books.Check("R09", gettext_noop("Refunds and what they gave back"), _from_file("books_R09")),
)
for _check in CHECKS:
    books.register(_check)
