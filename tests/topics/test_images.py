"""The same picture on two networks: known by a distinctive name, its description or its looks, never by a stock one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.mentions import Image
from monitor.topics.images import MOST_IMAGES, image_keys, is_description, is_look

CID = "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku"
DESCRIPTION = "A delivery van throws parcels over a garden fence in the rain"


def named(address: str) -> tuple[int, ...]:
    return image_keys([Image(address)])


def described(text: str) -> tuple[int, ...]:
    return image_keys([Image(description=text)])


@pytest.mark.parametrize(
    "address",
    [
        "https://pictures.example/media/FxYzAbCWcAE1234?format=jpg&name=large",
        "https://cache.example/2026/01/FxYzAbCWcAE1234-1200x630.webp",
        "http://a.example/x/y/fxyzabcwcae1234.jpeg#top",
    ],
)
def test_a_distinctive_name_is_the_same_wherever_the_picture_lies_and_however_large(address: str) -> None:
    assert named(address) == named("https://pictures.example/media/FxYzAbCWcAE1234.jpg") != ()
    assert not is_description(named(address)[0])


@pytest.mark.parametrize(
    "address",
    [
        f"https://bridge.example/xrpc/com.atproto.sync.getBlob?did=did:plc:a&cid={CID}",
        f"https://cdn.example/img/feed_fullsize/plain/did:plc:a/{CID}@jpeg",
    ],
)
def test_a_content_identifier_is_found_in_any_address(address: str) -> None:
    assert named(address) == named(CID) != ()


@pytest.mark.parametrize(
    "address",
    [
        "https://acme.example/logo.png",
        "https://acme.example/img/default-share-image-1200x630.jpg",
        "https://acme.example/uploads/IMG_1234.JPG",
        "https://acme.example/uploads/image-2024.png",
        "https://acme.example/screenshot-2026-01-15.png",
        "https://acme-telecom-and-more-2026.example",
        "https://acme-telecom-and-more-2026.example/",
        "3_1",
        "",
    ],
)
def test_a_name_that_strangers_share_is_none(address: str) -> None:
    assert named(address) == ()


@pytest.mark.parametrize(
    "text", [DESCRIPTION.upper(), f"  {DESCRIPTION}!", DESCRIPTION.replace(" a ", " à ").replace("garden", "gàrden")]
)
def test_a_description_is_the_same_whatever_its_capitals_accents_and_marks(text: str) -> None:
    assert described(text) == described(DESCRIPTION) != ()
    assert is_description(described(text)[0])


def test_a_description_that_a_network_cut_is_the_same() -> None:
    long = " ".join(f"{DESCRIPTION} number {number}." for number in range(30))
    assert described(long) == described(long[:1_000])


@pytest.mark.parametrize(
    "text",
    [
        "image",
        "Image may contain: 2 people, people standing and text",
        "May be an image of one person and text that says",
        "Description de l'image non disponible",
        "Capture d'écran d'un tweet avec du texte",
        "Logo of Acme Telecom, white letters on a bright red circle",
        "Photo de profil du compte officiel Acme Telecom France",
        "a red van in the rain",
        "     ",
        "🚚" * 30,
    ],
)
def test_a_description_that_could_be_of_anything_is_none(text: str) -> None:
    assert described(text) == ()


def test_a_picture_has_a_key_of_each_kind_and_a_post_of_its_first_pictures_only() -> None:
    both = image_keys([Image("https://a.example/p/FxYzAbCWcAE1234.jpg", DESCRIPTION)])
    assert [is_description(key) for key in both] == [False, True]
    assert image_keys([Image("https://b.example/FxYzAbCWcAE1234.png", DESCRIPTION)] * 9) == both
    album = [Image(f"https://a.example/p/FxYzAbCWcAE{number}9999.jpg") for number in range(9)]
    assert len(image_keys(album)) == MOST_IMAGES


LOOK = bytes(range(32))


def test_what_a_picture_looks_like_is_a_key_beside_the_others() -> None:
    name, words, look = image_keys([Image("https://a.example/p/FxYzAbCWcAE1234.jpg", DESCRIPTION, LOOK)])
    assert [is_look(key) for key in (name, words, look)] == [False, False, True]
    assert not is_description(look)
    assert not is_description(image_keys([Image(fingerprint=LOOK[:-1] + b"\x01")])[0])
    assert image_keys([Image(fingerprint=LOOK)]) == (look,)
    near = bytes([LOOK[0] ^ 1, *LOOK[1:]])
    assert (image_keys([Image(fingerprint=near)])[0] ^ look).bit_count() == 1


@pytest.mark.parametrize("empty", [bytes(32), b"\xff" * 32, bytes(30) + b"\x0f\xff", b""])
def test_the_look_of_an_empty_picture_is_none(empty: bytes) -> None:
    assert image_keys([Image(fingerprint=empty)]) == ()


texts = st.none() | st.text(max_size=300)


@given(st.lists(st.builds(Image, texts, texts, st.none() | st.binary(min_size=32, max_size=32)), max_size=6))
def test_whatever_is_said_of_pictures_gives_few_keys_that_can_be_stored(images: list[Image]) -> None:
    keys = image_keys(images)
    assert len(set(keys)) == len(keys) <= 3 * MOST_IMAGES
    assert all(0 <= key < 1 << (257 if is_look(key) else 63) for key in keys)
