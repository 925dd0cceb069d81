"""The poster of a campaign: drawn once, as PNG for a screen and as PDF for a printer, on A4 or A5.

Black on white, so that an office copies it on any machine: the PDF keeps every line as it is at 300 dots an inch.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import segno

if TYPE_CHECKING:
    from PIL import Image, ImageDraw, ImageFont

DOTS = 300  # an inch
SIZES: Final = {"a4": (210, 297), "a5": (148, 210)}  # mm
WAYS: Final = {"png": "image/png", "pdf": "application/pdf"}
MARGIN = 16  # mm of A4, as every measure below: A5 is the same sheet, smaller
BLACK, WHITE, GREY = 0, 255, 90


@dataclass(frozen=True, slots=True)
class Door:
    """A way in from the poster: a link as a code to be photographed, with the channel and its name in words."""

    channel: str
    link: str
    shown: str


@dataclass(frozen=True, slots=True)
class Poster:
    """What stands on a poster, from top to bottom. ``office``: its name, address, phone."""

    title: str
    text: str
    how: str
    doors: tuple[Door, ...]
    promise: str
    office: tuple[str, ...]
    stamp: str = ""  # across the top of one that leads nowhere


def code_of_link(link: str) -> bytes:
    """A link as an SVG picture of its code."""
    out = io.BytesIO()
    segno.make(link, error="m", micro=False).save(
        out, kind="svg", scale=6, border=4, light="#fff", svgclass=None, lineclass=None
    )
    return out.getvalue()


def drawn(poster: Poster, size: str, kind: str) -> bytes:
    """The poster as a file: ``size`` of SIZES, ``kind`` of WAYS. Takes about half a second of one processor."""
    sheet = _Sheet(size)
    sheet.draw(poster)
    out = io.BytesIO()
    if kind == "pdf":
        sheet.image.point(_sharp, "1").save(out, "PDF", resolution=DOTS, title=poster.title)
    else:
        sheet.image.save(out, "PNG", dpi=(DOTS, DOTS), optimize=True)
    return out.getvalue()


def _sharp(grey: int) -> int:
    return WHITE if grey > 127 else BLACK


class _Sheet:
    """A sheet of paper; measures are mm of A4."""

    def __init__(self, size: str) -> None:
        from PIL import Image, ImageDraw  # only whoever draws a poster loads it

        width, height = (round(mm * DOTS / 25.4) for mm in SIZES[size])
        self.image: Image.Image = Image.new("L", (width, height), WHITE)
        self._pen: ImageDraw.ImageDraw = ImageDraw.Draw(self.image)
        self._mm, self._at = width / 210, float(MARGIN)

    def draw(self, poster: Poster) -> None:
        if poster.stamp:
            self._words(poster.stamp, 9, fill=GREY)
        self._words(poster.title, 15, bold=True)
        self._at += 4
        self._words(poster.text, 7)
        self._at += 8
        self._codes(poster.doors)
        self._at += 6
        self._words(poster.how, 6)
        self._at += 6
        self._words(poster.promise, 6, bold=True)
        self._office(poster.office)

    def _codes(self, doors: Sequence[Door]) -> None:
        side = 78 if len(doors) > 1 else 98
        between = (210 - side * len(doors)) / (len(doors) + 1)
        for number, door in enumerate(doors):
            left = between + number * (side + between)
            self._code(door.link, left, side)
            for words, down, tall in ((door.channel, side + 2, 8.0), (door.shown, side + 12, 5.5)):
                self._line(words, left + side / 2, self._at + down, tall, side + between / 2, bold=tall > 6)
        self._at += side + 20

    def _code(self, link: str, left: float, side: float) -> None:
        rows = [list(row) for row in segno.make(link, error="m", micro=False).matrix_iter(border=4)]
        dot = int(side * self._mm / len(rows))  # whole dots: no line of the code is broader than another
        x0 = round(left * self._mm + (side * self._mm - dot * len(rows)) / 2)
        y0 = round(self._at * self._mm)
        for y, row in enumerate(rows):
            for x, dark in enumerate(row):
                if dark:
                    at = (x0 + x * dot, y0 + y * dot)
                    self._pen.rectangle((*at, at[0] + dot - 1, at[1] + dot - 1), fill=BLACK)

    def _office(self, lines: Sequence[str]) -> None:
        height = self.image.height / self._mm
        self._at = max(self._at + 4, height - MARGIN - 8.5 * len(lines))
        top = round((self._at - 4) * self._mm)
        self._pen.rectangle(
            (round(MARGIN * self._mm), top, self.image.width - round(MARGIN * self._mm), top + 3), fill=BLACK
        )
        for number, line in enumerate(lines):
            self._words(line, 6.5 if number == 0 else 5, bold=number == 0)

    def _words(self, words: str, tall: float, *, bold: bool = False, fill: int = BLACK) -> None:
        """Words in the middle, in as many lines as they need."""
        for line in self._lines(words, tall, 210 - 2 * MARGIN):
            self._line(line, 105, self._at, tall, 210 - 2 * MARGIN, bold=bold, fill=fill)
            self._at += tall * 1.3

    def _lines(self, words: str, tall: float, wide: float) -> list[str]:
        lines = [""]
        for word in words.split():
            longer = f"{lines[-1]} {word}".strip()
            if lines[-1] and self._width(longer, tall) > wide:
                lines.append(word)
            else:
                lines[-1] = longer
        return lines

    def _line(
        self, words: str, middle: float, top: float, tall: float, wide: float, *, bold: bool = False, fill: int = BLACK
    ) -> None:
        """One line around a middle, smaller where it is wider than ``wide``."""
        if (width := self._width(words, tall)) > wide:
            tall *= wide / width
        weight = round(tall * self._mm / 44) if bold else 0  # the font that comes with Pillow has one weight
        at = (round(middle * self._mm), round(top * self._mm))
        self._pen.text(at, words, fill, self._font(tall), anchor="ma", stroke_width=weight, stroke_fill=fill)

    def _width(self, words: str, tall: float) -> float:
        return float(self._pen.textlength(words, self._font(tall))) / self._mm

    def _font(self, tall: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
        from PIL import ImageFont

        return ImageFont.load_default(round(tall * self._mm))
