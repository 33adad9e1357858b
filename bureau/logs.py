"""Logs without numbers: anything that looks like an ID or account number is masked before it is written."""

import logging
import re

_LONG_NUMBER = re.compile(r"(?<![0-9A-Za-z])([0-9]{6})([0-9]{6,22})([0-9Xx]{0,4})(?![0-9A-Za-z])")


def hide_numbers(text: str) -> str:
    """Mask every run of 14 to 32 digits (X allowed at its end) and keep its first six and last characters."""

    def mask(found: re.Match[str]) -> str:
        whole = found.group(0)
        return whole if len(whole) < 14 else f"{whole[:6]}****{whole[-2:]}"

    return _LONG_NUMBER.sub(mask, text)


class HideNumbers(logging.Filter):
    """Renders the record, masks it, and escapes line breaks so that one record stays one line."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always lets the record pass, cleaned."""
        message = record.getMessage()
        record.msg = hide_numbers(message).replace("\r", "\\r").replace("\n", "\\n")
        record.args = ()
        return True
