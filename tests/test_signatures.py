"""Who may post to ingest."""

from __future__ import annotations

import pytest

from monitor.signatures import TOLERANCE_SECONDS, is_signed, sign

NOW = 1_768_513_920
SECRETS = [b"the old secret", b"the new secret"]


def test_any_of_the_secrets_signs() -> None:
    for secret in SECRETS:
        assert is_signed(sign(secret, b"body", NOW), b"body", SECRETS, NOW)


def test_another_secret_another_body_or_another_time_do_not() -> None:
    assert not is_signed(sign(b"guess", b"body", NOW), b"body", SECRETS, NOW)
    assert not is_signed(sign(SECRETS[0], b"body", NOW), b"bodY", SECRETS, NOW)
    header = sign(SECRETS[0], b"body", NOW)
    assert not is_signed(header.replace(f"t={NOW}", f"t={NOW + 1}"), b"body", SECRETS, NOW)


@pytest.mark.parametrize("offset", [-TOLERANCE_SECONDS - 1, TOLERANCE_SECONDS + 1])
def test_a_captured_call_dies_after_five_minutes(offset: int) -> None:
    assert not is_signed(sign(SECRETS[0], b"body", NOW), b"body", SECRETS, NOW + offset)


@pytest.mark.parametrize("header", [None, "", "t=,v1=", "v1=00", f"t={NOW}", f"t={NOW},v1=é", "t=9" * 50, "=,=,="])
def test_a_malformed_header_is_only_refused(header: str | None) -> None:
    assert not is_signed(header, b"body", SECRETS, NOW)
