"""What is kept of a file from outside, and what is refused."""

import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image

from bureau import pictures
from bureau.errors import BureauError
from tests.bureau.drawings import DOCUMENT, picture, with_place


@pytest.mark.parametrize(("kind", "wanted"), [("JPEG", pictures.JPEG), ("PNG", pictures.PNG)])
def test_the_type_is_read_from_the_content(kind: str, wanted: str) -> None:
    kept = pictures.clean(picture(kind))
    assert (kept.content_type, kept.width, kept.height) == (wanted, 320, 200)
    assert Image.open(BytesIO(kept.content)).format == kind


def test_what_the_camera_adds_is_dropped_and_the_picture_stands_upright() -> None:
    sent = with_place()
    assert b"Zhang San" in sent
    kept = pictures.clean(sent)
    drawn = Image.open(BytesIO(kept.content))
    assert dict(drawn.getexif()) == {}
    assert "exif" not in drawn.info
    assert b"Zhang San" not in kept.content
    assert (kept.width, kept.height) == (200, 320)


def test_what_hides_behind_the_pixels_is_dropped() -> None:
    """A page or a program appended to a picture does not survive."""
    kept = pictures.clean(picture("PNG") + b"<script>alert(1)</script>PK\x03\x04")
    assert b"script" not in kept.content


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "CMYK"])
def test_every_kind_of_pixel_becomes_plain(mode: str) -> None:
    kind = "JPEG" if mode == "CMYK" else "PNG"
    colour = {"L": 7, "P": 3, "RGBA": (1, 2, 3, 0), "CMYK": (0, 0, 0, 0)}[mode]
    kept = pictures.clean(picture(kind, mode=mode, colour=colour))
    assert Image.open(BytesIO(kept.content)).mode == "RGB"


def test_large_pictures_become_smaller() -> None:
    kept = pictures.clean(picture(size=(6000, 2000)))
    assert (kept.width, kept.height) == (3000, 1000)


def _png_of(width: int, height: int) -> bytes:
    """A PNG that claims a size and carries next to nothing."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 100))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", pictures.FileEmpty),
        (b"\xff\xd8\xff" + b"0" * pictures.MOST_BYTES, pictures.FileTooLarge),
        (b"GIF89a" + b"0" * 100, pictures.FileTypeUnknown),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", pictures.FileTypeUnknown),
        (b"MZ" + b"0" * 100, pictures.FileTypeUnknown),
        (b"\xff\xd8\xff" + b"0" * 100, pictures.PictureDamaged),
        (b"\x89PNG\r\n\x1a\n" + b"0" * 100, pictures.PictureDamaged),
        (picture("PNG")[:-40], pictures.PictureDamaged),
        (_png_of(9000, 9000), pictures.PictureTooLarge),
        (_png_of(12000, 12000), pictures.PictureTooLarge),
        (_png_of(60000, 60000), pictures.PictureTooLarge),
        (_png_of(500, 500), pictures.PictureDamaged),
        (picture(size=(20, 400)), pictures.PictureTooSmall),
        (DOCUMENT[:-10], pictures.PictureDamaged),
        (DOCUMENT.replace(b"/Type", b"/JavaScript (app.alert) /Type"), pictures.DocumentActive),
        (DOCUMENT.replace(b"/Type", b"/OpenAction 2 0 R /Type"), pictures.DocumentActive),
    ],
)
def test_what_is_refused(content: bytes, error: type[BureauError]) -> None:
    with pytest.raises(error):
        pictures.clean(content)


def test_a_document_is_kept_as_it_is() -> None:
    assert pictures.clean(DOCUMENT) == pictures.Clean(DOCUMENT, pictures.PDF)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd.jpg"),
        ("C:\\scans\\身份证.png", "身份证.jpg"),
        ("a.csv.exe", "a.csv.jpg"),
        ("gpj.\u202eexe", "gpj.jpg"),
        ("a\r\nSet-Cookie: x=1.jpg", "aSet-Cookie x=1.jpg"),
        ("", "file.jpg"),
        ("..", "file.jpg"),
        ("\x00", "file.jpg"),
        ("n" * 300 + ".jpg", "n" * 96 + ".jpg"),
        ('"><img src=x>.jpg', "img src=x.jpg"),
    ],
)
def test_the_name_for_eyes(name: str, shown: str) -> None:
    """F12: no path, no direction marks, no quotes, the true ending."""
    assert pictures.display_name(name, pictures.JPEG) == shown
