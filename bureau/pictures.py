"""Pictures and documents from outside: known by their content, never by their name; pictures are drawn anew.

Drawing anew drops what a camera adds (place, time, owner) and whatever else was hidden behind the pixels. A document (PDF)
is kept as it is and only ever handed out for download.
"""

from __future__ import annotations

import re
import unicodedata
import warnings
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageOps

from bureau.errors import BureauError, gettext_noop

MOST_BYTES = 8 * 2**20
MOST_PIXELS = 60_000_000
LONGEST_SIDE = 3_000
SHORTEST_SIDE = 32
NAME_LENGTH = 100
JPEG, PNG, PDF = "image/jpeg", "image/png", "application/pdf"
ENDINGS = {JPEG: "jpg", PNG: "png", PDF: "pdf"}
_MAGIC = ((b"\xff\xd8\xff", JPEG), (b"\x89PNG\r\n\x1a\n", PNG), (b"%PDF-", PDF))
# Pillow only warns of a picture that unfolds into too many pixels, up to twice its limit; here that is an error, in every thread.
warnings.simplefilter("error", Image.DecompressionBombWarning)
_ACTIVE = re.compile(rb"/(?:JavaScript|JS|Launch|EmbeddedFile|OpenAction|AA|RichMedia|XFA)\b")


class FileEmpty(BureauError):
    """Nothing was sent."""

    code = "FILE_EMPTY"
    message = gettext_noop("The file is empty.")


class FileTooLarge(BureauError):
    """More bytes than a picture of a certificate needs."""

    code = "FILE_TOO_LARGE"
    message = gettext_noop("The file is larger than %(limit)s MB.")


class FileTypeUnknown(BureauError):
    """Not a picture, whatever its name says."""

    code = "FILE_TYPE_UNKNOWN"
    message = gettext_noop(
        "Only JPEG and PNG pictures and PDF documents are accepted; this file is none of them."
    )


class PictureTooLarge(BureauError):
    """Few bytes can unfold into gigabytes of pixels."""

    code = "PICTURE_TOO_LARGE"
    message = gettext_noop("The picture has more than %(limit)s million pixels.")


class PictureTooSmall(BureauError):
    """Nothing can be read on it."""

    code = "PICTURE_TOO_SMALL"
    message = gettext_noop("The picture is too small to read: %(width)s × %(height)s pixels.")


class PictureDamaged(BureauError):
    """It begins like a picture and does not go on like one."""

    code = "PICTURE_DAMAGED"
    message = gettext_noop("The picture is damaged and cannot be opened.")


class DocumentActive(BureauError):
    """A document with scripts, launchers or files inside."""

    code = "DOCUMENT_ACTIVE"
    message = gettext_noop("The PDF document holds scripts or embedded files and is not accepted.")


@dataclass(frozen=True)
class Clean:
    """What is kept of a file."""

    content: bytes
    content_type: str
    width: int = 0
    height: int = 0


def clean(content: bytes) -> Clean:
    """The file as we keep it. Raises FileEmpty, FileTooLarge, FileTypeUnknown, PictureTooLarge, PictureTooSmall,
    PictureDamaged, DocumentActive.
    """
    if not content:
        raise FileEmpty()
    if len(content) > MOST_BYTES:
        raise FileTooLarge(limit=MOST_BYTES // 2**20)
    kind = next((kind for magic, kind in _MAGIC if content.startswith(magic)), None)
    if kind is None:
        raise FileTypeUnknown()
    if kind == PDF:
        if b"%%EOF" not in content[-2048:]:
            raise PictureDamaged()
        if _ACTIVE.search(content):
            raise DocumentActive()
        return Clean(content, PDF)
    return _drawn_anew(content, kind)


def _drawn_anew(content: bytes, kind: str) -> Clean:
    """The pixels alone, upright, no side longer than LONGEST_SIDE."""
    wanted = "JPEG" if kind == JPEG else "PNG"
    try:
        with Image.open(BytesIO(content), formats=(wanted,)) as probe:
            _check_pixels(*probe.size)
            probe.verify()
        with Image.open(BytesIO(content), formats=(wanted,)) as picture:
            picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            picture.load()
            upright = ImageOps.exif_transpose(picture)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureTooLarge(limit=MOST_PIXELS // 10**6) from error
    except BureauError:
        raise
    except Exception as error:  # Pillow's readers raise whatever a broken stream leads them to
        raise PictureDamaged() from error
    flat = _flat(upright)
    flat.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    written = BytesIO()
    if kind == JPEG:
        flat.save(written, "JPEG", quality=88, optimize=True)
    else:
        flat.save(written, "PNG")
    return Clean(written.getvalue(), kind, *flat.size)


def _check_pixels(width: int, height: int) -> None:
    if width * height > MOST_PIXELS:
        raise PictureTooLarge(limit=MOST_PIXELS // 10**6)
    if min(width, height) < SHORTEST_SIDE:
        raise PictureTooSmall(width=width, height=height)


def _flat(picture: Image.Image) -> Image.Image:
    """Red, green and blue on white: no palette, no transparency, and none of the notes that travel with a picture."""
    layered = picture.convert("RGBA")
    ground = Image.new("RGB", layered.size, "white")
    ground.paste(layered, mask=layered.getchannel("A"))
    return ground


def display_name(name: str, content_type: str) -> str:
    """A file's name for eyes: no path, no control or direction characters, of bearable length, with the true ending."""
    last = re.split(r"[\\/]", unicodedata.normalize("NFC", name))[-1]
    shown = "".join(char for char in last if unicodedata.category(char)[0] != "C" and char not in '<>"|?*:;%')
    stem = " ".join(shown.split()).rpartition(".")[0] or " ".join(shown.split())
    ending = ENDINGS[content_type]
    return f"{stem.strip(' .')[: NAME_LENGTH - len(ending) - 1] or 'file'}.{ending}"
