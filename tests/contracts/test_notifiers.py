"""Every notifier keeps the promises of :mod:`monitor.notifiers`, against a real server on loopback."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

import pytest

from monitor import notifiers
from monitor.alerts import Alert
from monitor.clock import SystemClock
from monitor.errors import SettingInvalid
from monitor.notifiers import Notifier
from monitor.notifiers.alertmanager import Alertmanager
from monitor.notifiers.posting import new_client
from monitor.notifiers.webhook import Webhook

SECRET = b"0123456789abcdef-never-to-be-seen"
SECRET_PATH = "/hooks/T0K3N"
HASTY = 0.3  # seconds; the receiver is on this machine

MAKERS: dict[str, Callable[[str], Notifier]] = {
    "alertmanager": lambda url: Alertmanager(url, clock=SystemClock(), client=new_client(HASTY)),
    "webhook": lambda url: Webhook(url, SECRET, clock=SystemClock(), client=new_client(HASTY)),
}
NOT_MEMBERS = {"delivery", "posting"}


def alert(status: str = "firing", severity: str = "critical", page: bool = True) -> Alert:
    return Alert(
        key="acme-20260115T0258:1:open:critical",
        incident="acme-20260115T0258",
        topic="acme",
        severity=severity,
        status=status,
        page=page,
        reason="Paged: critical reaches critical, from which this topic pages.",
        labels={"topic": "acme", "severity": severity, "on-call team": "social"},
        summary="critical · Acme Télécom · 38 times usual",
        description="Since 2026-01-15T02:58:00Z. 114 mentions in 15 minutes, usually 0 to 3.",
        starts_us=1_768_445_880_000_000,
        ends_us=1_768_456_680_000_000 if status == "resolved" else None,
    )


@dataclass
class Receiver:
    """An HTTP server that answers as told."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    silent: bool = False
    paths: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    url: str = ""
    over: Event = field(default_factory=Event)

    def handle(self, request: BaseHTTPRequestHandler) -> None:
        self.paths.append(request.path)
        self.bodies.append(request.rfile.read(int(request.headers["Content-Length"])))
        if self.silent:
            self.over.wait(30)
            return
        request.send_response(self.status)
        for name, value in {"Content-Length": "0", **self.headers}.items():
            request.send_header(name, value)
        request.end_headers()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    told = Receiver()

    class Endpoint(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.handle(self)

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
    told.url = f"http://127.0.0.1:{server.server_address[1]}{SECRET_PATH}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield told
    told.over.set()
    server.shutdown()
    thread.join()
    server.server_close()


def test_every_notifier_is_put_through_this_contract() -> None:
    members = {module.name for module in pkgutil.iter_modules(notifiers.__path__)} - NOT_MEMBERS
    assert members == MAKERS.keys()


each = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS.keys())


@each
@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_what_the_receiver_takes_is_delivered_by_one_post(
    make: Callable[[str], Notifier], receiver: Receiver, status: int
) -> None:
    receiver.status = status
    assert make(receiver.url).send(alert()).attempt == "delivered"
    assert len(receiver.bodies) == 1
    assert "acme" in receiver.bodies[0].decode()


@each
@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503])
def test_a_receiver_in_trouble_is_worth_another_try(
    make: Callable[[str], Notifier], receiver: Receiver, status: int
) -> None:
    receiver.status = status
    receiver.headers = {"Retry-After": "17"}
    receipt = make(receiver.url).send(alert())
    assert (receipt.attempt, receipt.wait_seconds) == ("retried", 17.0)


@each
@pytest.mark.parametrize("asked", ["Wed, 21 Oct 2026 07:28:00 GMT", "-1", "nan", "1e9", "٣", ""])
def test_a_pause_that_is_no_number_of_seconds_is_ours_to_choose(
    make: Callable[[str], Notifier], receiver: Receiver, asked: str
) -> None:
    receiver.status = 503
    receiver.headers = {"Retry-After": asked.encode().decode("latin-1")}
    assert make(receiver.url).send(alert()).wait_seconds == 0.0


@each
def test_no_receiver_can_hold_a_page_back_for_more_than_an_hour(
    make: Callable[[str], Notifier], receiver: Receiver
) -> None:
    receiver.status = 429
    receiver.headers = {"Retry-After": "99999999999"}
    assert make(receiver.url).send(alert()).wait_seconds == 3600.0


@each
@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 422])
def test_a_request_that_cannot_succeed_as_it_is_counts_as_refused(
    make: Callable[[str], Notifier], receiver: Receiver, status: int
) -> None:
    receiver.status = status
    assert make(receiver.url).send(alert()).attempt == "refused"


@each
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_an_alert_is_never_led_elsewhere(make: Callable[[str], Notifier], receiver: Receiver, status: int) -> None:
    receiver.status = status
    receiver.headers = {"Location": receiver.url.replace(SECRET_PATH, "/elsewhere")}
    assert make(receiver.url).send(alert()).attempt == "refused"
    assert not [path for path in receiver.paths if path.startswith("/elsewhere")]


@each
def test_a_receiver_that_says_nothing_is_given_up_in_time(make: Callable[[str], Notifier], receiver: Receiver) -> None:
    receiver.silent = True
    began = SystemClock().monotonic_seconds()
    assert make(receiver.url).send(alert()).attempt == "retried"
    assert SystemClock().monotonic_seconds() - began < 10 * HASTY


@each
def test_a_receiver_that_is_not_there_is_worth_another_try(make: Callable[[str], Notifier], free_port: int) -> None:
    assert make(f"http://127.0.0.1:{free_port}{SECRET_PATH}").send(alert()).attempt == "retried"


@each
@pytest.mark.parametrize("status", [301, 400, 401, 404, 429, 500])
def test_what_is_said_about_a_failure_holds_no_secret(
    make: Callable[[str], Notifier], receiver: Receiver, status: int
) -> None:
    receiver.status = status
    detail = make(receiver.url).send(alert()).detail
    assert "127.0.0.1" in detail
    assert "T0K3N" not in detail
    assert SECRET.decode() not in detail


@each
@pytest.mark.parametrize(
    "url",
    [
        *("", "example.org/hook", "ftp://example.org/hook", "file:///etc/passwd", "https://", "https://[::1/T0K3N"),
        *("https://me:T0K3N@example.org/hook", "https://example.org\x00/T0K3N", "javascript:T0K3N"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_at_once_and_not_repeated(
    make: Callable[[str], Notifier], url: str
) -> None:
    with pytest.raises(SettingInvalid) as caught:
        make(url)
    assert "T0K3N" not in str(caught.value)


@each
def test_nothing_is_repeated_before_anything_was_said(make: Callable[[str], Notifier], receiver: Receiver) -> None:
    assert make(receiver.url).refresh() is None
    assert receiver.bodies == []


@each
def test_the_words_of_an_alert_arrive_unharmed_in_french(make: Callable[[str], Notifier], receiver: Receiver) -> None:
    make(receiver.url).send(alert())
    assert "critical · Acme Télécom · 38 times usual" in receiver.bodies[0].decode("utf-8")


@pytest.fixture
def free_port() -> int:
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    port: int = server.server_address[1]
    server.server_close()
    return port
