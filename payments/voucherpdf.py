"""Vouchers as PDF: A5 across, the font embedded, a QR code that leads to the public verification.

A character that the font lacks is never drawn as an empty box: it is written as its code point between brackets, told
below, and reported to whoever prints.
"""

import re
from collections.abc import Sequence

import segno
from django.utils import translation
from django.utils.translation import gettext as _
from fpdf import FPDF
from PIL import Image

from bureau.money import yuan
from bureau.printing import FAMILY, document, shown, unprintable
from payments import verification
from payments.capitals import capitals
from payments.models import Channel
from payments.services.voucherbatches import Printed
from payments.services.vouchers import Content

PAGE = (210.0, 148.0)
LEFT, TOP, WIDTH, LINE = 15.0, 12.0, 180.0, 8.5
QR_SIDE = 34.0
QR_MASK = 3
"""Any of the eight masks is a valid code; weighing all eight takes longer than the rest of a page."""
QR_BORDER = 2
_DOTS = bytes([255, 0]) + bytes(254)
"""A dark module is 1 in the matrix and black in the image."""
MISSING = re.compile(r"\[U\+[0-9A-F]{4,6}\]")


def render(content: Content, base: str, *, print_no: int = 0, collector: str = "") -> bytes:
    """One voucher; ``print_no`` says which print on paper it is (0: electronic)."""
    pdf = document(PAGE)
    with translation.override("zh-hans"):
        _page(pdf, content, base, print_no, collector)
    return bytes(pdf.output())


def print_part(contents: Sequence[Content], base: str) -> Printed:
    """Many vouchers in one file, a page each; those whose name the font cannot write are left out and reported."""
    odd = [(one.number, unprintable(one.name)) for one in contents]
    reported = [(number, missing) for number, missing in odd if missing]
    refused = {number for number, _missing in reported}
    good = [one for one in contents if one.number not in refused]
    if not good:
        return Printed(b"", 0, reported)
    pdf = document(PAGE)
    with translation.override("zh-hans"):
        for one in good:
            _page(pdf, one, base, 0, "")
    return Printed(bytes(pdf.output()), len(good), reported)


def _page(pdf: FPDF, content: Content, base: str, print_no: int, collector: str) -> None:
    pdf.add_page()
    _title(pdf, content)
    rows = _rows(content)
    pdf.set_draw_color(120, 120, 120)
    pdf.set_line_width(0.2)
    top = TOP + 24
    for nth, (label, value) in enumerate(rows):
        _row(pdf, top + nth * LINE, label, value)
    _code(pdf, content, base, top + len(rows) * LINE + 3)
    _notes(pdf, content, print_no, collector, top + len(rows) * LINE + 4)
    if content.cancelled_on is not None:
        _stamp(pdf, content)


def _title(pdf: FPDF, content: Content) -> None:
    pdf.set_text_color(0, 0, 0)
    pdf.set_font(FAMILY, size=16)
    pdf.set_xy(LEFT, TOP)
    pdf.cell(WIDTH, 10, _("Payment voucher of the resident basic medical insurance"), align="C")
    pdf.set_font(FAMILY, size=9)
    pdf.set_xy(LEFT, TOP + 14)
    pdf.cell(WIDTH / 2, 6, _("Voucher number: %(number)s") % {"number": content.number})
    pdf.cell(WIDTH / 2, 6, _("Issued on: %(day)s") % {"day": content.issued_on.isoformat()}, align="R")


def _rows(content: Content) -> list[tuple[str, str]]:
    treasury = content.in_treasury.isoformat() if content.in_treasury else _("not yet told by the treasury")
    return [
        (_("Insured"), shown(content.name)),
        (_("ID number"), content.id_number),
        (_("Pooling region"), shown(content.region)),
        (_("Benefit year"), str(content.year)),
        (_("Amount"), f"¥{yuan(content.amount)}　{capitals(content.amount)}"),
        (_("Channel"), str(Channel(content.channel).label)),
        (_("Debit date"), content.debited_on.isoformat()),
        (_("Treasury date"), treasury),
    ]


def _row(pdf: FPDF, y: float, label: str, value: str) -> None:
    pdf.rect(LEFT, y, 35, LINE)
    pdf.rect(LEFT + 35, y, WIDTH - 35, LINE)
    pdf.set_xy(LEFT + 1, y)
    pdf.set_font(FAMILY, size=10)
    pdf.cell(33, LINE, label)
    pdf.set_xy(LEFT + 37, y)
    # A long name (the register takes 80 characters) is written smaller, never cut.
    size = 11.0
    pdf.set_font(FAMILY, size=size)
    while pdf.get_string_width(value) > WIDTH - 40 and size > 4:
        size -= 0.5
        pdf.set_font(FAMILY, size=size)
    pdf.cell(WIDTH - 39, LINE, value)


def _code(pdf: FPDF, content: Content, base: str, y: float) -> None:
    address = verification.address_of(base, number=content.number, code=content.code)
    matrix = segno.make(address, error="m", micro=False, mask=QR_MASK).matrix
    side = len(matrix)
    dots = Image.frombytes("L", (side, side), b"".join(matrix).translate(_DOTS))
    image = Image.new("L", (side + 2 * QR_BORDER, side + 2 * QR_BORDER), 255)
    image.paste(dots, (QR_BORDER, QR_BORDER))
    scaled = image.resize((image.width * 4, image.height * 4), Image.Resampling.NEAREST).convert("1")
    pdf.image(scaled, x=LEFT + WIDTH - QR_SIDE, y=y, w=QR_SIDE, h=QR_SIDE)


def _notes(pdf: FPDF, content: Content, print_no: int, collector: str, y: float) -> None:
    groups = " ".join(content.code[nth : nth + 4] for nth in range(0, len(content.code), 4))
    said = [
        _("Verification code: %(code)s") % {"code": groups},
        _("Scan the code to verify: enter name and amount as printed; the page says match or no match."),
    ]
    missing = unprintable(content.name)
    if missing:
        points = " ".join(f"U+{ord(char):04X}" for char in missing)
        said.append(_("The font lacks a character of the name (%(points)s).") % {"points": points})
    if print_no:
        said.append(_("Print on paper no. %(number)s") % {"number": print_no})
    if collector:
        said.append(_("Collected by %(name)s") % {"name": shown(collector)})
    pdf.set_font(FAMILY, size=8.5)
    for nth, text in enumerate(said):
        pdf.set_xy(LEFT, y + nth * 5.5)
        pdf.cell(WIDTH - QR_SIDE - 4, 5.5, text)


def _stamp(pdf: FPDF, content: Content) -> None:
    """The mark that nobody overlooks."""
    pdf.set_text_color(200, 0, 0)
    pdf.set_draw_color(200, 0, 0)
    pdf.set_line_width(0.8)
    day = content.cancelled_on.isoformat() if content.cancelled_on else ""
    with pdf.rotation(18, x=PAGE[0] / 2, y=PAGE[1] / 2):
        pdf.rect(PAGE[0] / 2 - 45, PAGE[1] / 2 - 14, 90, 28)
        pdf.set_font(FAMILY, size=30)
        pdf.set_xy(PAGE[0] / 2 - 45, PAGE[1] / 2 - 13)
        pdf.cell(90, 17, _("Cancelled"), align="C")
        pdf.set_font(FAMILY, size=11)
        pdf.set_xy(PAGE[0] / 2 - 45, PAGE[1] / 2 + 4)
        pdf.cell(90, 8, day, align="C")
