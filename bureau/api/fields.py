"""The fields of a call: each takes the one JSON type it is described with, bounded, and nothing that merely resembles it."""

from __future__ import annotations

import base64
import binascii
import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from django.core.validators import RegexValidator
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

LARGEST_WHOLE = 10**15
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})"
)
_AMOUNT = re.compile(r"(0|[1-9][0-9]{0,9})\.[0-9]{2}")
_ODD = r"\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff"
_DIRECTIONS = set("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")


class Body(serializers.Serializer):
    """An object that has the fields it is described with and no others."""

    def to_internal_value(self, data: Any) -> Any:
        """The values; unknown fields are errors like wrong ones."""
        if not isinstance(data, Mapping):
            raise ValidationError({"non_field_errors": [ErrorDetail("", code="not_object")]})
        errors: dict[str, Any] = {
            name: [ErrorDetail("", code="unknown_field")] for name in data if name not in self.fields
        }
        values: Any = {}
        try:
            values = super().to_internal_value(data)
        except ValidationError as error:
            errors |= error.detail  # type: ignore[operator]
        if errors:
            raise ValidationError(errors)
        return values


def _plain(text: str) -> bool:
    return not any(char in _DIRECTIONS or unicodedata.category(char) in ("Cc", "Cs") for char in text)


class Text(serializers.CharField):
    """A text without control, direction or lone surrogate characters."""

    described: ClassVar[Mapping[str, Any]] = {
        "pattern": rf"^[^\s{_ODD}]([^{_ODD}]*[^\s{_ODD}])?$",
        "minLength": 1,
    }
    default_error_messages = {"not_text": "", "characters": ""}

    def to_internal_value(self, data: Any) -> str:
        """The text, blanks at its ends dropped."""
        if not isinstance(data, str):
            self.fail("not_text")
        if not _plain(data):
            self.fail("characters")
        return super().to_internal_value(data)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        """Other types are refused before anything is made of them."""
        if data is not serializers.empty and data is not None and not isinstance(data, str):
            self.fail("not_text")
        return super().run_validation(data)


class RegionCode(Text):
    """A region by its six digits."""

    described: ClassVar[Mapping[str, Any]] = {"pattern": "^[1-9][0-9]{5}$"}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.validators.append(RegexValidator(r"^[1-9][0-9]{5}\Z", code="invalid"))


class Whole(serializers.IntegerField):
    """A whole number, within ``min_value`` and ``max_value``; no text, no fraction, no truth value."""

    default_error_messages = {"not_whole": ""}

    def to_internal_value(self, data: Any) -> int:
        """The number; 2025.0 is one too, as JSON has it."""
        if isinstance(data, Decimal) and abs(data) < LARGEST_WHOLE and data == data.to_integral_value():
            data = int(data)
        if not isinstance(data, int) or isinstance(data, bool):
            self.fail("not_whole")
        return int(data)


class Day(serializers.DateField):
    """A day, ``YYYY-MM-DD``, between 1900 and 2199."""

    described: ClassVar[Mapping[str, Any]] = {"pattern": "^(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}$"}
    default_error_messages = {"not_day": ""}

    def to_internal_value(self, data: Any) -> date:
        """The day."""
        if isinstance(data, str) and _DAY.fullmatch(data) and data.isascii():
            try:
                found = date.fromisoformat(data)
            except ValueError:
                self.fail("not_day")
            if FIRST_DAY <= found <= LAST_DAY:
                return found
        return self.fail("not_day")


class Moment(serializers.DateTimeField):
    """A moment with its zone (RFC 3339), between 1900 and 2199."""

    described: ClassVar[Mapping[str, Any]] = {
        "pattern": "^(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})$"
    }
    default_error_messages = {"not_moment": ""}

    def to_internal_value(self, data: Any) -> datetime:
        """The moment."""
        if isinstance(data, str) and _MOMENT.fullmatch(data) and data.isascii():
            try:
                found = datetime.fromisoformat(data)
            except ValueError:
                self.fail("not_moment")
            if FIRST_DAY <= found.date() <= LAST_DAY:
                return found
        return self.fail("not_moment")


class Amount(serializers.CharField):
    """Yuan with two decimals as a text: ``"400.00"``; larger than nothing."""

    described: ClassVar[Mapping[str, Any]] = {
        "pattern": "^(0\\.(0[1-9]|[1-9][0-9])|[1-9][0-9]{0,9}\\.[0-9]{2})$"
    }
    default_error_messages = {"not_amount": ""}

    def run_validation(self, data: Any = serializers.empty) -> Any:
        """A Decimal."""
        if data is serializers.empty or data is None:
            return super().run_validation(data)
        if not isinstance(data, str) or not _AMOUNT.fullmatch(data) or Decimal(data) == 0:
            self.fail("not_amount")
        return Decimal(data)


class Choice(serializers.ChoiceField):
    """One of the texts of the description."""

    def to_internal_value(self, data: Any) -> str:
        """The text."""
        if not isinstance(data, str) or data not in self.choices:
            self.fail("invalid_choice", input="")
        return data


class Picture(serializers.CharField):
    """Bytes in base64."""

    described: ClassVar[Mapping[str, Any]] = {
        "pattern": "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"
    }
    default_error_messages = {"not_base64": "", "max_length": ""}

    def __init__(self, *, most_bytes: int, **kwargs: Any) -> None:
        self.most_bytes = most_bytes
        super().__init__(**kwargs)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        """The bytes."""
        if data is serializers.empty or data is None:
            return super().run_validation(data)
        if not isinstance(data, str):
            self.fail("not_base64")
        if len(data) > self.most_bytes * 4 // 3 + 4:
            self.fail("max_length")
        try:
            return base64.b64decode(data.encode("ascii"), validate=True)
        except (binascii.Error, ValueError):
            return self.fail("not_base64")
