"""Papers as PDF with the Chinese font that travels with us; A4 ones have a title, labelled rows, paragraphs, places to sign.

A character that the font lacks is written as its code point, never as an empty box.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path

from fontTools.ttLib import TTFont
from fpdf import FPDF

FAMILY = "paper"
LEFT, WIDTH, LABEL, LINE = 20.0, 170.0, 42.0, 9.0


def font_path() -> Path:
    """The font, from its package: nothing need be installed on the machine."""
    return Path(str(files("pylopdf_fonts_zh_cn") / "NotoSansSC-Regular.otf"))


@cache
def _glyphs() -> frozenset[int]:
    with TTFont(font_path(), lazy=True) as font:
        return frozenset(font.getBestCmap())


def unprintable(text: str) -> str:
    """The characters of ``text`` that the font lacks, each once."""
    return "".join(dict.fromkeys(char for char in text if ord(char) not in _glyphs() and char != "\n"))


def shown(text: str) -> str:
    """The text as the font can write it."""
    missing = set(unprintable(text))
    return "".join(f"[U+{ord(char):04X}]" if char in missing else char for char in text)


def document(page: str | tuple[float, float], margin: float | None = None) -> FPDF:
    """An empty document of that page size (a name, or width and height in mm) with our font; ``margin``: pages break by
    themselves, so far above their end.
    """
    pdf = FPDF(orientation="portrait", unit="mm", format=page)
    pdf.set_auto_page_break(margin is not None, margin=margin or 0)
    pdf.add_font(FAMILY, fname=font_path())
    return pdf


class Paper:
    """A paper that grows from top to bottom."""

    def __init__(self, title: str, number: str) -> None:
        self._pdf = document("A4", margin=18)
        self._pdf.set_margins(LEFT, 18, LEFT)
        self._pdf.add_page()
        self._pdf.set_font(FAMILY, size=17)
        self._pdf.cell(WIDTH, 12, shown(title), align="C", new_x="LMARGIN", new_y="NEXT")
        self._pdf.set_font(FAMILY, size=9)
        self._pdf.cell(WIDTH, 8, shown(number), align="R", new_x="LMARGIN", new_y="NEXT")

    def rows(self, rows: Sequence[tuple[str, str]]) -> None:
        """Labels on the left, values on the right, in boxes."""
        self._pdf.set_font(FAMILY, size=10.5)
        for label, value in rows:
            top = self._pdf.get_y()
            self._pdf.set_x(LEFT + LABEL)
            self._pdf.multi_cell(
                WIDTH - LABEL, LINE, shown(value) or " ", border=1, new_x="LMARGIN", new_y="NEXT"
            )
            height = self._pdf.get_y() - top
            self._pdf.set_xy(LEFT, top)
            self._pdf.cell(LABEL, height, shown(label), border=1, new_x="LMARGIN", new_y="NEXT")

    def text(self, words: str, size: float = 11) -> None:
        """A paragraph."""
        self._pdf.ln(3)
        self._pdf.set_font(FAMILY, size=size)
        self._pdf.multi_cell(WIDTH, 7.5, shown(words), new_x="LMARGIN", new_y="NEXT")

    def signatures(self, names: Sequence[str]) -> None:
        """Places to sign, side by side."""
        self._pdf.ln(12)
        self._pdf.set_font(FAMILY, size=10.5)
        for name in names:
            self._pdf.cell(WIDTH / len(names), 10, shown(name))
        self._pdf.ln(12)

    def output(self) -> bytes:
        """The file."""
        return bytes(self._pdf.output())
