"""What stands on a voucher: its text and its QR code, read back from the PDF."""

import pypdfium2
import zxingcpp


def text_of(pdf: bytes, page: int = 0) -> str:
    """The text of a page, as a reader would copy it."""
    document = pypdfium2.PdfDocument(pdf)
    return str(document[page].get_textpage().get_text_range())


def pages_of(pdf: bytes) -> int:
    """How many pages."""
    return len(pypdfium2.PdfDocument(pdf))


def code_of(pdf: bytes, page: int = 0) -> str:
    """What the QR code says, read from the drawn page as a telephone reads it from the paper."""
    picture = pypdfium2.PdfDocument(pdf)[page].render(scale=3).to_pil()
    (found,) = zxingcpp.read_barcodes(picture)
    return str(found.text)
