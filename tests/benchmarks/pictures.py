"""Which copies of a picture are recognised by their looks, and which other pictures are taken for one.

    python -m tests.benchmarks.pictures            what the README tells
    python -m tests.benchmarks.pictures calibration   what the threshold was chosen on

All pictures are made here: scenes, screenshots of posts, letters on one letterhead, one photo under many captions. Each
is encoded as a file and goes the way of ``badbuzz look``. Real ones are more varied, so this shows no more than which
changes a fingerprint survives and which kinds of pictures are alike.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from itertools import combinations
from random import Random

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFont, ImageOps

from monitor.commands.look.pdq import fingerprint_of
from monitor.topics.images import MOST_DIFFERENT, MOST_MIRRORED, bits_apart

PICTURES = 200
"""Of each kind: 19,900 pairs."""
COPIED = 40
"""Of each kind, in every way."""
_WORDS = """
the parcel never came and nobody at their hotline answers my calls since last week this is a shame I will leave for
another provider la box est en panne depuis trois jours personne ne repond au service client c est une honte je resilie
demain matin merci pour rien vraiment scandaleux refund please now broken router outage town street photo driver fence
"""
WORDS = _WORDS.split()
Picture = Image.Image


def words(random: Random, count: int) -> str:
    return " ".join(random.choice(WORDS) for _ in range(count))


def written(draw: ImageDraw.ImageDraw, place: tuple[int, int], text: str, size: int, colour: object) -> None:
    draw.text(place, text, font=ImageFont.load_default(size), fill=colour)  # type: ignore[arg-type]


def scene(random: Random) -> Picture:
    """Smooth ground, shapes, grain."""
    numbers = np.random.default_rng(random.getrandbits(32))
    width, height = random.choice([(1200, 900), (900, 1200), (1000, 1000), (1280, 720)])
    cells = random.randint(3, 9)
    ground = Image.fromarray(numbers.integers(0, 256, (cells, cells, 3), dtype=np.uint8))
    picture = ground.resize((width, height), Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(picture)
    for _ in range(random.randint(4, 14)):
        left, top = random.randrange(width), random.randrange(height)
        box = (left, top, left + random.randint(30, width // 3), top + random.randint(30, height // 3))
        colour = (random.randrange(256), random.randrange(256), random.randrange(256))
        (draw.rectangle if random.random() < 0.5 else draw.ellipse)(box, fill=colour)
    grain = Image.fromarray(numbers.integers(0, 256, (height // 8, width // 8), dtype=np.uint8))
    return Image.blend(picture, grain.resize((width, height), Image.Resampling.BILINEAR).convert("RGB"), 0.15)


def screenshot(random: Random, lines: int, name: str, colour: tuple[int, int, int], *, dark: bool) -> Picture:
    """A post as an app shows it: face, name, lines, date, counts."""
    back, ink = ((21, 32, 43), "white") if dark else ((255, 255, 255), "black")
    picture = Image.new("RGB", (1080, 340 + 60 * lines), back)
    draw = ImageDraw.Draw(picture)
    draw.ellipse((50, 40, 150, 140), fill=colour)
    written(draw, (175, 45), name, 40, ink)
    written(draw, (175, 95), f"@{name.replace(' ', '_')}", 30, "grey")
    for line in range(lines):
        written(draw, (50, 180 + 60 * line), words(random, random.randint(6, 9))[:45], 44, ink)
    written(draw, (50, 200 + 60 * lines), f"{random.randint(1, 12)}:{random.randint(10, 59)} - 15 Jan", 30, "grey")
    written(
        draw, (50, 270 + 60 * lines), f"{random.randint(1, 9999)} Reposts  {random.randint(1, 9999)} Likes", 30, ink
    )
    return picture


def any_screenshot(random: Random) -> Picture:
    colour = (random.randrange(256), random.randrange(256), random.randrange(256))
    return screenshot(random, random.randint(1, 8), words(random, 2), colour, dark=random.random() < 0.5)


def same_author(random: Random) -> Picture:
    """Posts of one author, of as many lines."""
    return screenshot(random, 4, "acme telecom", (220, 20, 30), dark=False)


def letter(random: Random) -> Picture:
    """A page on one letterhead."""
    picture = Image.new("RGB", (1000, 1400), "white")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((60, 50, 260, 120), fill=(200, 30, 40))
    for line in range(random.randint(24, 28)):
        written(draw, (70, 200 + 40 * line), words(random, random.randint(11, 14))[:75], 26, "black")
    return picture


def captioned(random: Random) -> Picture:
    """One photo under many captions."""
    picture = scene(Random(f"photo {random.seed_of_all}"))  # type: ignore[attr-defined]
    draw = ImageDraw.Draw(picture)
    height = picture.height
    for top in (10, height - height // 12 - 30):
        written(draw, (40, top), words(random, 4).upper(), height // 12, "white")
    return picture


KINDS: dict[str, Callable[[Random], Picture]] = {
    "scenes": scene,
    "screenshots of posts": any_screenshot,
    "... of one author, four lines": same_author,
    "letters on one letterhead": letter,
    "one photo, many captions": captioned,
}


def file_of(picture: Picture, kind: str = "JPEG", quality: int = 85) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, kind, quality=quality)
    return stream.getvalue()


def scaled(picture: Picture, factor: float) -> Picture:
    return picture.resize((round(picture.width * factor), round(picture.height * factor)), Image.Resampling.BICUBIC)


def cropped(picture: Picture, share: float) -> Picture:
    width, height = picture.size
    edge = (round(width * share), round(height * share))
    return picture.crop((*edge, width - edge[0], height - edge[1]))


def framed(picture: Picture, share: float) -> Picture:
    edge = (round(picture.width * share), round(picture.height * share))
    frame = Image.new("RGB", (picture.width + 2 * edge[0], picture.height + 2 * edge[1]))
    frame.paste(picture, edge)
    return frame


def again(picture: Picture, quality: int) -> Picture:
    return Image.open(io.BytesIO(file_of(picture, quality=quality))).convert("RGB")


def marked(picture: Picture) -> Picture:
    copy = picture.copy()
    place = (round(picture.width * 0.7), round(picture.height * 0.93))
    written(ImageDraw.Draw(copy), place, "@someone", picture.height // 25, "white")
    return copy


COPIES: dict[str, Callable[[Picture], bytes]] = {
    "JPEG of quality 40": lambda picture: file_of(picture, quality=40),
    "WebP of quality 60": lambda picture: file_of(picture, "WEBP", 60),
    "PNG": lambda picture: file_of(picture, "PNG"),
    "half as large": lambda picture: file_of(scaled(picture, 0.5), quality=75),
    "400 pixels wide": lambda picture: file_of(scaled(picture, 400 / picture.width), quality=75),
    "passed on three times": lambda picture: file_of(scaled(again(scaled(picture, 0.7), 60), 0.7), "WEBP", 60),
    "a fifth brighter": lambda picture: file_of(ImageEnhance.Brightness(picture).enhance(1.2)),
    "with a mark in a corner": lambda picture: file_of(marked(picture)),
    "cropped by 1 % each side": lambda picture: file_of(cropped(picture, 0.01)),
    "cropped by 2 % each side": lambda picture: file_of(cropped(picture, 0.02)),
    "in a frame of 2 %": lambda picture: file_of(framed(picture, 0.02)),
    "mirrored": lambda picture: file_of(ImageOps.mirror(picture), quality=60),
    "mirrored, half as large": lambda picture: file_of(scaled(ImageOps.mirror(picture), 0.5), quality=75),
}


def look(file: bytes) -> int:
    return int.from_bytes(fingerprint_of(file))


def seeded(run: str, kind: str, number: int) -> Random:
    random = Random(f"{run} {kind} {number}")
    random.seed_of_all = run  # type: ignore[attr-defined]
    return random


def main(run: str = "test") -> None:
    print(f"seeds: {run}; the same picture: up to {MOST_DIFFERENT} of 256 bits differ, {MOST_MIRRORED} if mirrored")
    for kind, make in KINDS.items():
        looks = [look(file_of(make(seeded(run, kind, number)))) for number in range(PICTURES)]
        pairs = list(combinations(looks, 2))
        apart = sorted((one ^ other).bit_count() for one, other in pairs)
        mixed = sum(bits_apart(one, other) is not None for one, other in pairs)
        print(f"{kind}: {len(apart):,} pairs of different pictures, nearest {apart[:3]}")
        print(f"    taken for one: {mixed:,}; with 31 bits, as Meta has it, {sum(far <= 31 for far in apart):,}")
        for way, copy in COPIES.items():
            copies = [look(copy(make(seeded(run, kind, number)))) for number in range(COPIED)]
            far = [bits_apart(one, other) for one, other in zip(copies, looks, strict=False)]
            known = sorted(bits for bits in far if bits is not None)
            told = f"; bits: median {known[len(known) // 2]}, most {known[-1]}" if known else ""
            print(f"    {way:26} {len(known):3} of {COPIED} recognised{told}")


if __name__ == "__main__":
    main(*sys.argv[1:])
