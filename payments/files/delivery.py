"""How files change hands: SM3 digest files, and a name that appears only when the file is complete.

A receiver that polls a folder sees a data file no sooner than its digest file, and never half of either
(design: bank-files 8.1, "ready flag by rename").
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from payments.files.refusals import DigestDiffers

DIGEST_SUFFIX = ".sm3"
_DIGEST_LINE = re.compile(rb"([0-9a-fA-F]{64}) [ *]([^\r\n]{1,200})\r?\n?")


@dataclass(frozen=True, slots=True)
class Delivered:
    """A file that was written: its path, that of its digest file, its size in bytes, its SM3 and SHA-256."""

    path: Path
    digest_path: Path
    size: int
    sm3: str
    sha256: str


def sm3(data: bytes) -> str:
    """The SM3 digest (GB/T 32905) of some bytes, as 64 hexadecimal digits."""
    return hashlib.new("sm3", data).hexdigest()


def digest_bytes(hexdigest: str, name: str) -> bytes:
    """The content of a digest file: digest, two blanks, name of the data file, LF."""
    return f"{hexdigest}  {name}\n".encode()


def check_digest(digest_file: bytes, *, hexdigest: str, name: str) -> None:
    """Compare a digest file that came with a data file with what the data file has.

    Raises DigestDiffers when the digest or the name in it is another one, or when it cannot be read.
    """
    match = _DIGEST_LINE.fullmatch(digest_file)
    if match is None:
        raise DigestDiffers(expected="?", found=hexdigest)
    expected, named = match[1].decode().lower(), match[2].decode(errors="replace")
    if expected != hexdigest:
        raise DigestDiffers(expected=expected, found=hexdigest)
    if named != name:
        raise DigestDiffers(expected=named, found=name)


def write_atomically(path: Path, chunks: Iterable[bytes], *, digest: bytes | None = None) -> Delivered:
    """Write a file and its digest file so that each appears whole, the digest file first, the data file last.

    Everything is on disk (fsync) before the data file gets its name. When a chunk cannot be made the error
    passes through and neither file appears. `digest` replaces the content of the digest file (the simulator's
    faults). Files of these names are replaced.
    """
    part = path.with_name(f".{path.name}.part")
    digest_path = path.with_name(path.name + DIGEST_SUFFIX)
    hashes = hashlib.new("sm3"), hashlib.sha256()
    size = 0
    try:
        with part.open("wb") as file:
            for chunk in chunks:
                size += file.write(chunk)
                for one in hashes:
                    one.update(chunk)
            file.flush()
            os.fsync(file.fileno())
        hexdigest = hashes[0].hexdigest()
        _write_small(digest_path, digest_bytes(hexdigest, path.name) if digest is None else digest)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)
    return Delivered(path, digest_path, size, hexdigest, hashes[1].hexdigest())


def _write_small(path: Path, content: bytes) -> None:
    part = path.with_name(f".{path.name}.part")
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def _sync_folder(folder: Path) -> None:
    """Make the new names last through a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
