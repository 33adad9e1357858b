"""Logs without numbers: anything that looks like an ID or account number is masked before it is written."""

import logging
import re

_LONG_NUMBER = re.compile(r"[0-9]{14,}[Xx]?")
"""Shorter runs of digits are keys, dates and times."""


def hide_numbers(text: str) -> str:
    """Mask every run of 14 digits or more (X allowed at its end), keeping its first six and last two characters."""
    return _LONG_NUMBER.sub(lambda found: f"{found.group(0)[:6]}****{found.group(0)[-2:]}", text)


class MaskedLines(logging.Formatter):
    """One record is one line: message and traceback are masked as a whole, line breaks escaped."""

    def format(self, record: logging.LogRecord) -> str:
        """The finished text, cleaned; nothing of the record itself is changed."""
        text = super().format(record)
        return hide_numbers(text).replace("\r", "\\r").replace("\n", "\\n")
