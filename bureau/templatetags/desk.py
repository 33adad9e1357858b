"""Values as the desk's pages write them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template

from bureau import pages

register = template.Library()


@register.filter
def yuan(amount: Decimal | None) -> str:
    """1,234.50."""
    return pages.money(amount)


@register.filter
def number(value: int | None) -> str:
    """1,234."""
    return pages.count(value)


@register.filter
def day(value: date | None) -> str:
    """2025-01-15."""
    return pages.day(value)


@register.filter
def moment(value: datetime | None) -> str:
    """2025-01-15 10:30, Beijing time."""
    return pages.moment(value)


@register.filter
def person_name(user: Any) -> str:
    """A member of staff by full name, else by user name."""
    return pages.NOTHING if user is None else user.get_full_name() or user.get_username()
