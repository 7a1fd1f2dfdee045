from __future__ import annotations

import hashlib
import hmac
import json

import httpx
import pytest

from monitor.errors import SettingInvalid
from monitor.notifiers.webhook import Webhook
from monitor.signatures import sign

SECRET = b"0123456789abcdef"


class Endpoint:
    """Keeps what was posted; answers `status`."""

    def __init__(self, status: int = 200) -> None:
        self.status = status
        self.requests: list[httpx.Request] = []
        self.client = httpx.Client(transport=httpx.MockTransport(self._answer))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.requests.append(request)
        return httpx.Response(self.status)


def test_the_body_says_everything_with_times_people_and_programs_can_read(clock, alert):
    endpoint = Endpoint()
    Webhook("https://pager.example/x", SECRET, clock=clock, client=endpoint.client).send(alert(status="resolved"))
    assert json.loads(endpoint.requests[0].content) == {
        "version": "1",
        "key": "acme-20260115T0258:resolved:critical",
        "incident": "acme-20260115T0258",
        "topic": "acme",
        "severity": "critical",
        "status": "resolved",
        "page": True,
        "reason": "Paged.",
        "labels": {"topic": "acme", "severity": "critical"},
        "summary": "critical · Acme",
        "description": "Since 2026-01-15T02:58:00Z.",
        "starts_at": "2026-01-15T02:58:00Z",
        "ends_at": None,
    }


def test_a_stranger_can_check_the_signature_with_nothing_but_the_secret(clock, alert):
    endpoint = Endpoint()
    Webhook("https://pager.example/x", SECRET, clock=clock, client=endpoint.client).send(alert())
    (request,) = endpoint.requests
    stamp = dict(part.split("=", 1) for part in request.headers["X-Badbuzz-Signature"].split(","))
    assert stamp["t"] == "1768445880"
    expected = hmac.new(SECRET, stamp["t"].encode() + b"." + request.content, hashlib.sha256).hexdigest()
    assert stamp["v1"] == expected


def test_the_signature_of_a_known_message_is_the_one_openssl_makes():
    # printf '1768445880.{}' | openssl dgst -sha256 -hmac 0123456789abcdef
    assert sign(SECRET, b"{}", 1768445880) == (
        "t=1768445880,v1=a1ae4617831c7b823d0a21c39badf34784dd6b605a4c496553be989186aa1efa"
    )


def test_a_repetition_is_recognised_by_its_key_though_signed_anew(clock, alert):
    endpoint = Endpoint(status=503)
    webhook = Webhook("https://pager.example/x", SECRET, clock=clock, client=endpoint.client)
    webhook.send(alert())
    clock.forward(30)
    webhook.send(alert())
    first, second = (request.headers for request in endpoint.requests)
    assert first["Idempotency-Key"] == second["Idempotency-Key"] == "acme-20260115T0258:firing:critical"
    assert first["X-Badbuzz-Signature"] != second["X-Badbuzz-Signature"]


def test_only_pages_holds_what_wakes_nobody(clock, alert):
    endpoint = Endpoint()
    webhook = Webhook("https://pager.example/x", SECRET, clock=clock, only_pages=True, client=endpoint.client)
    held = alert(severity="watch", page=False)
    assert webhook.send(held).attempt == "held"
    assert webhook.send(alert(severity="watch", page=False, status="resolved")).attempt == "held"
    assert endpoint.requests == []


@pytest.mark.parametrize("is_restarted", [False, True])
def test_only_pages_sends_the_end_of_what_paged_even_after_a_restart(clock, alert, is_restarted):
    endpoint = Endpoint()
    webhook = Webhook("https://pager.example/x", SECRET, clock=clock, only_pages=True, client=endpoint.client)
    assert webhook.send(alert()).attempt == "delivered"
    if is_restarted:
        webhook = Webhook(
            "https://pager.example/x",
            SECRET,
            clock=clock,
            only_pages=True,
            firing=[alert()],
            client=endpoint.client,
        )
    assert webhook.send(alert(page=False, status="resolved")).attempt == "delivered"
    assert webhook.send(alert(page=False, status="resolved")).attempt == "held"


def test_alerts_do_not_leave_the_machine_in_the_clear(clock):
    with pytest.raises(SettingInvalid, match="https://"):
        Webhook("http://pager.example/x", SECRET, clock=clock)
    Webhook("http://localhost:9/x", SECRET, clock=clock)
    Webhook("http://[::1]:9/x", SECRET, clock=clock)


def test_a_secret_that_can_be_guessed_is_refused(clock):
    with pytest.raises(SettingInvalid, match="15 bytes; give it at least 16"):
        Webhook("https://pager.example/x", b"x" * 15, clock=clock)
