"""Pictures as they come in: drawn here, never copied from anybody's card."""

from io import BytesIO
from typing import Any

from PIL import Image


def picture(
    kind: str = "JPEG",
    size: tuple[int, int] = (320, 200),
    colour: Any = (200, 30, 30),
    mode: str = "RGB",
    **options: Any,
) -> bytes:
    """The bytes of a plain picture."""
    written = BytesIO()
    Image.new(mode, size, colour).save(written, kind, **options)
    return written.getvalue()


def with_place(kind: str = "JPEG") -> bytes:
    """A picture that says where it was taken, by whom, and that it lies on its side."""
    notes = Image.Exif()
    notes[0x010F], notes[0x9C9D], notes[0x0112] = "Camera of Zhang San", "Zhang San".encode("utf-16le"), 6
    notes.get_ifd(0x8825).update({1: "N", 2: (23.0, 6.0, 0.0)})
    return picture(kind, exif=notes)


DOCUMENT = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"
