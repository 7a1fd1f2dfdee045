"""POST /ingest: who may, what is answered, and that nothing is lost or counted twice."""

from __future__ import annotations

import logging
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import httpx
import pytest

from monitor.api import body as body_module
from monitor.clock import HOUR_US, MINUTE_US
from monitor.mentions import Deletion, Heartbeat
from monitor.signatures import HEADER
from monitor.store import Commit
from monitor.worker import Worker
from tests.api.served import SECRET, Served, status_of
from tests.service.rig import body

Serve = Callable[..., Served]


def test_a_signed_post_is_committed_when_it_is_answered(serve: Serve) -> None:
    served = serve(secrets=(SECRET,))
    answer = served.ingest(served.rig.say("1"), served.rig.say("2", "nothing we watch"))
    assert answer.status_code == 200
    assert answer.json() == {"read": 2, "accepted": 2, "malformed_count": 0, "malformed": []}
    assert served.rig.stored == [("acme", "1", False)]
    assert served.rig.counts["posts"] == 2


@pytest.mark.parametrize(
    ("secret", "ago_seconds"),
    [(b"another secret", 0), (SECRET, 301), (SECRET, -301)],
    ids=["wrong secret", "old", "from the future"],
)
def test_a_wrong_signature_is_refused_without_saying_why(serve: Serve, secret: bytes, ago_seconds: int) -> None:
    served = serve(secrets=(SECRET,))
    content = body([served.rig.say("1")])
    answer = served.post("/ingest", content=content, headers=served.signature(content, secret, ago_seconds=ago_seconds))
    assert (answer.status_code, answer.json()) == (401, {"detail": "Unauthorized"})
    assert served.rig.counts == {}


@pytest.mark.parametrize("jump_us", [HOUR_US, -HOUR_US], ids=["forward", "back"])
def test_a_jump_of_our_clock_turns_nobody_away(serve: Serve, jump_us: int) -> None:
    """Neither a sender whose clock is right, nor one on this machine whose clock jumped with ours."""
    served = serve(secrets=(SECRET,))
    served.rig.clock.advance(HOUR_US)
    content = body([served.rig.say("1")])
    right = served.signature(content)
    served.rig.clock.jump(jump_us)
    for headers in (right, served.signature(content)):
        assert served.post("/ingest", content=content, headers=headers).status_code == 200
    served.rig.clock.advance(2 * HOUR_US)
    assert served.post("/ingest", content=content, headers=right).status_code == 401


@pytest.mark.parametrize("header", [None, "", "t=1", "v1=ab", "t=x,v1=y", "t=1768478400,v1=é"])
def test_what_is_no_signature_is_refused(serve: Serve, header: str | None) -> None:
    served = serve(secrets=(SECRET,))
    headers = {} if header is None else {HEADER: header.encode()}
    answer = served.post("/ingest", content=body([served.rig.say("1")]), headers=headers)
    assert answer.status_code == 401


def test_a_signature_covers_the_body_and_any_of_our_secrets_will_do(serve: Serve) -> None:
    served = serve(secrets=(b"the next secret", SECRET))
    content = body([served.rig.say("1")])
    assert served.post("/ingest", content=content, headers=served.signature(content)).status_code == 200
    forged = served.post("/ingest", content=content + b"{}", headers=served.signature(content))
    assert forged.status_code == 401


def test_an_unsigned_body_is_not_even_read(serve: Serve) -> None:
    served = serve(secrets=(SECRET,), body_bytes=1_000)
    assert served.post("/ingest", content=b"x" * 2_000).status_code == 401


def test_a_body_too_large_is_refused_before_its_signature_is_looked_at(serve: Serve) -> None:
    served = serve(secrets=(SECRET,), body_bytes=1_000)
    content = b"x" * 1_001
    wrong = served.signature(b"something else")
    for sent in (content, iter([content[:600], content[600:]])):
        answer = served.post("/ingest", content=sent, headers=wrong)
        assert answer.status_code == 413
        assert "larger than 1000 bytes; send it in parts" in answer.json()["detail"]
    exact = b" " * 1_000
    assert served.post("/ingest", content=exact, headers=served.signature(exact)).status_code == 200


def test_too_many_lines_are_refused_like_too_many_bytes(serve: Serve) -> None:
    served = serve(body_bytes=1_000_000)
    answer = served.post("/ingest", content=b"1\n" * 100_001)
    assert answer.status_code == 413
    assert "more than 100000 lines" in answer.json()["detail"]


def test_a_packed_body_is_refused_rather_than_taken_for_rubbish(serve: Serve) -> None:
    answer = serve().post("/ingest", content=b"\x1f\x8b", headers={"Content-Encoding": "gzip"})
    assert answer.status_code == 415


@pytest.mark.parametrize("source", ["", "Forum", "a" * 41, "two words", 'x"} 1', "../x"])
def test_a_source_has_a_plain_name(serve: Serve, source: str) -> None:
    served = serve()
    answer = served.ingest(served.rig.say("1"), source=source)
    assert answer.status_code == 422
    assert "X-Badbuzz-Source" in answer.json()["detail"]
    assert served.rig.counts == {}


def test_broken_lines_are_told_back_and_their_neighbours_stored(serve: Serve) -> None:
    served = serve()
    answer = served.ingest(served.rig.say("1"), lines=b'{"text":"private words"\n{"network":"x","text":"private"}\n')
    assert answer.status_code == 200
    told = answer.json()
    assert (told["read"], told["accepted"], told["malformed_count"]) == (3, 1, 2)
    assert [(bad["record"], bad["reason"]) for bad in told["malformed"]] == [(2, "not_json"), (3, "no_time")]
    assert "private" not in answer.text
    assert served.rig.stored == [("acme", "1", False)]


def test_only_the_first_twenty_broken_lines_are_told_back(serve: Serve) -> None:
    told = serve().ingest(lines=b"[]\n" * 1_000).json()
    assert (told["malformed_count"], len(told["malformed"])) == (1_000, 20)


def test_what_is_sent_again_changes_nothing(serve: Serve) -> None:
    served = serve()
    posts = [served.rig.say(str(number)) for number in range(5)]
    first = served.ingest(*posts).json()
    assert served.ingest(*posts, *posts).json()["accepted"] == 2 * first["accepted"]
    assert len(served.rig.stored) == served.rig.counts["posts"] == 5
    assert served.rig.counts["duplicates"] == 10


def test_a_deletion_erases_the_text_before_it_is_answered(serve: Serve) -> None:
    served = serve()
    served.ingest(served.rig.say("kept"), served.rig.say("gone"))
    deletion = Deletion(network="x", id="gone", at_us=served.rig.clock.now_us())
    assert served.ingest(deletion).status_code == 200
    with served.rig.store.engine.connect() as connection:
        texts = {row.id: row.text for row in connection.exec_driver_sql("SELECT id, text FROM mentions")}
    assert texts == {"kept": "Acme again", "gone": None}


def test_a_heartbeat_and_an_empty_body_are_fine(serve: Serve) -> None:
    served = serve()
    assert served.ingest(Heartbeat(source="x", at_us=served.rig.clock.now_us())).json()["accepted"] == 1
    assert served.ingest(lines=b"\n \n").json()["read"] == 0


class Slow(Worker):
    """A store that takes its time: until :attr:`may_commit` is set."""

    may_commit = threading.Event()

    def commit(self, prepared: Commit) -> None:
        self.may_commit.wait(20)
        super().commit(prepared)


@pytest.fixture
def slow() -> Iterator[threading.Event]:
    Slow.may_commit.clear()
    yield Slow.may_commit
    Slow.may_commit.set()


def test_a_full_queue_asks_to_wait_and_nothing_is_lost_or_counted_twice(serve: Serve, slow: threading.Event) -> None:
    served = serve(rig={"worker": Slow, "capacity_posts": 40})
    rig = served.rig
    bodies = [[rig.say(f"{sender}-{number}") for number in range(10)] for sender in range(20)]
    refused: list[httpx.Response] = []

    def send(sender: int) -> int:
        while True:
            answer = served.ingest(*bodies[sender])
            if answer.status_code == 200:
                return int(answer.json()["accepted"])
            refused.append(answer)
            time.sleep(0.02)

    with ThreadPoolExecutor(20) as pool:
        sending = [pool.submit(send, sender) for sender in range(20)]
        while len(refused) < 15:
            time.sleep(0.01)
        assert rig.intake.posts <= 40
        assert not any(one.done() for one in sending), "nothing is answered before it is committed"
        slow.set()
        assert [one.result(20) for one in sending] == [10] * 20
    assert {answer.status_code for answer in refused} == {503}
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in refused)
    assert rig.counts["posts"] == rig.counts["mentions"] == 200
    assert "duplicates" not in rig.counts, "what was refused had not been taken"


def test_bodies_that_come_in_slowly_cannot_fill_memory(serve: Serve) -> None:
    """Before a body is complete nobody can know who signed it."""
    served = serve(secrets=(SECRET,), body_bytes=1_000)
    signed = served.signature(b"no matter")
    with ExitStack() as stack:
        senders = [stack.enter_context(served.begin_post(1_000, b"x" * 900, signed)) for _ in range(12)]
        refused: list[socket.socket] = []
        while len(refused) < 4:
            refused += select.select([one for one in senders if one not in refused], [], [], 20)[0]
        assert [status_of(one) for one in refused] == [503] * 4
        waiting = [one for one in senders if one not in refused]
        for one in waiting:
            one.sendall(b"x" * 100)
        assert [status_of(one) for one in waiting] == [401] * 8
    content = body([served.rig.say("1")])
    assert served.post("/ingest", content=content, headers=served.signature(content)).status_code == 200


def test_whoever_takes_too_long_loses_its_place(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body_module, "BODY_SECONDS", 0.1)
    with serve().begin_post(10, b"x", {}) as sender:
        assert status_of(sender) == 408


def test_a_sender_that_breaks_off_leaves_nothing_behind(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    served = serve()
    served.begin_post(1_000, body([served.rig.say("1")]), {}).close()
    assert served.ingest(served.rig.say("2")).status_code == 200
    assert served.rig.counts["posts"] == 1
    assert [record.message for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_a_full_disk_answers_503_while_everything_else_stays_up(serve: Serve) -> None:
    served = serve()
    served.ingest(served.rig.say("1"))
    served.rig.intake.is_writable = False
    assert served.ingest(served.rig.say("2")).status_code == 503
    assert served.get("/readyz").status_code == 503
    assert served.get("/healthz").status_code == 200
    assert served.get("/metrics").status_code == 200
    assert [one["id"] for one in served.get("/api/topics").json()] == ["acme", "zen"]
    served.rig.intake.is_writable = True
    assert served.ingest(served.rig.say("2")).status_code == 200
    assert served.get("/readyz").json() == {"status": "ready"}


def test_a_dead_worker_shows(serve: Serve) -> None:
    served = serve()
    assert served.get("/healthz").json() == {"status": "alive"}
    served.end_worker()
    assert served.get("/healthz").status_code == served.get("/readyz").status_code == 503
    assert served.ingest(served.rig.say("1", ago_us=MINUTE_US)).status_code == 503
