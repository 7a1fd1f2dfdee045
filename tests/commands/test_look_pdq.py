"""What a picture looks like, held against Meta's own code."""

from __future__ import annotations

import numpy as np
import pytest

from monitor.commands.look.pdq import pdq


@pytest.mark.parametrize(
    ("number", "hashed"),
    [
        (0, "554ade9f554ace9fd54ae81f554ae21f554a821f554a001f554a001faab5ffe0"),
        (1, "aa5654f4aa5654f4aa56d4f4aa5654f4aa5654d4fa5e80abaa5100fb55a9bf03"),
        (2, "52b857d252b8575252b8575252b8575252b85752f2f882ad528607efad57f82d"),
    ],
)
def test_sixty_four_pixels_square_give_the_bits_of_the_reference(number: int, hashed: str) -> None:
    """Those are of pdqhash 0.2.8, which binds the C++ code of facebook/ThreatExchange."""
    down, right = np.mgrid[:64, :64]
    waves = np.sin((right * (number + 2) + down) / 7) + np.cos((down * 3 - right * number) / 11)
    shades = ((waves + 2) / 4 * 255).astype(np.uint8).astype(np.float64)
    assert pdq(shades) == (bytes.fromhex(hashed), 100)


def test_half_of_the_bits_are_set_and_a_plain_picture_has_no_quality() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (64, 64)).astype(np.float64)
    assert int.from_bytes(pdq(noise)[0]).bit_count() == 128
    assert pdq(np.full((64, 64), 200.0))[1] == 0
    assert pdq(noise / 64 + 100)[1] < 50 < pdq(noise)[1]
