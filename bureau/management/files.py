"""Files that commands read: a path, or ``-`` for standard input."""

import sys
from pathlib import Path

from django.core.management.base import CommandError


def read_text(path: str) -> str:
    """The file as UTF-8 text, with or without a byte-order mark; raises CommandError (exit 2) that names what is wrong."""
    try:
        data = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}", returncode=2) from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CommandError(f"{path}: is not UTF-8 (byte {error.start + 1})", returncode=2) from None
