"""Drawn photos for the demo's visits: a landscape with SINTÉTICO written across it."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from PIL import Image, ImageDraw, ImageFont

SIZE = (640, 480)
SKY, FAR_FOREST, PASTURE = (176, 210, 226), (62, 98, 66), (132, 168, 84)
CATTLE = ((238, 232, 220), (150, 96, 60), (70, 56, 48))


def draw_photo(*, seed: int, caption: str) -> bytes:
    """A JPEG of about 20 KB: sky, forest edge, pasture, trees, a fence and a few cattle.

    `caption` in ASCII: Pillow's own font has no accented letters.
    """
    rng = np.random.default_rng(seed)
    image = Image.new("RGB", SIZE, SKY)
    pen = ImageDraw.Draw(image)
    horizon = int(rng.integers(170, 230))
    _forest(pen, horizon, rng)
    pen.rectangle((0, horizon, *SIZE), fill=PASTURE)
    for _ in range(int(rng.integers(3, 9))):
        _tree(pen, int(rng.integers(0, SIZE[0])), horizon, rng)
    _fence(pen, int(rng.integers(330, 380)))
    for _ in range(int(rng.integers(2, 7))):
        _cow(pen, int(rng.integers(30, SIZE[0] - 80)), int(rng.integers(horizon + 60, 420)), rng)
    _write_synthetic(pen)
    _write(pen, caption, (SIZE[0] // 2, SIZE[1] - 26), 20)
    out = BytesIO()
    image.save(out, "JPEG", quality=72)
    return out.getvalue()


def _forest(pen: ImageDraw.ImageDraw, horizon: int, rng: np.random.Generator) -> None:
    for x in range(-20, SIZE[0] + 20, 16):
        height = int(rng.integers(30, 80))
        green = tuple(int(part + rng.integers(-12, 12)) for part in FAR_FOREST)
        pen.ellipse((x, horizon - height, x + 44, horizon + 20), fill=green)


def _tree(pen: ImageDraw.ImageDraw, x: int, horizon: int, rng: np.random.Generator) -> None:
    foot, crown = horizon + int(rng.integers(20, 120)), int(rng.integers(26, 60))
    pen.rectangle((x - 4, foot - crown, x + 4, foot), fill=(96, 74, 52))
    pen.ellipse((x - crown, foot - 2 * crown, x + crown, foot - crown // 2), fill=(74, 118, 62))


def _fence(pen: ImageDraw.ImageDraw, y: int) -> None:
    for x in range(10, SIZE[0], 62):
        pen.rectangle((x, y - 34, x + 5, y + 14), fill=(104, 84, 64))
    for wire in (-26, -12, 2):
        pen.line((0, y + wire, SIZE[0], y + wire), fill=(84, 84, 84), width=2)


def _cow(pen: ImageDraw.ImageDraw, x: int, y: int, rng: np.random.Generator) -> None:
    coat = CATTLE[int(rng.integers(0, len(CATTLE)))]
    pen.ellipse((x, y, x + 56, y + 28), fill=coat)
    pen.ellipse((x + 46, y - 10, x + 68, y + 10), fill=coat)
    for leg in (8, 18, 38, 46):
        pen.rectangle((x + leg, y + 22, x + leg + 4, y + 40), fill=coat)


def _write_synthetic(pen: ImageDraw.ImageDraw) -> None:
    """SINTÉTICO across the sky; the accent is drawn, since the font lacks it."""
    size, middle = 54, 64
    _write(pen, "SINTETICO", (SIZE[0] // 2, middle), size)
    font = ImageFont.load_default(size)
    left = (SIZE[0] - font.getlength("SINTETICO")) / 2
    x = left + font.getlength("SINT") + font.getlength("E") / 2
    pen.line((x - 4, middle - 28, x + 9, middle - 42), fill=(40, 40, 40), width=12)
    pen.line((x - 3, middle - 30, x + 8, middle - 41), fill="white", width=6)


def _write(pen: ImageDraw.ImageDraw, text: str, at: tuple[int, int], size: int) -> None:
    font = ImageFont.load_default(size)
    pen.text(
        at, text, font=font, anchor="mm", fill="white", stroke_width=3, stroke_fill=(40, 40, 40)
    )
