"""The worker's thread: committed or given back, never both, never neither; whatever goes wrong."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import event

from monitor.api.intake import Refused, Request
from monitor.clock import DAY_US, MINUTE_US, SECOND_US
from monitor.errors import StoreFull, StoreUnavailable
from monitor.mentions import Mention
from monitor.pipeline import Outcome
from monitor.service import live
from monitor.sources import Decoded
from monitor.store import Commit
from monitor.worker import Worker
from tests.service.rig import NOON, Rig, body, story

MakeRig = Callable[..., Rig]


class Poisoned(Worker):
    """Cannot take in posts that speak of poison, and notices only when it has already taken in what came before."""

    def step(self, source: str, decoded: Decoded, outcome: Outcome) -> Counter[str]:
        counts = super().step(source, decoded, outcome)
        for item in decoded.items:
            if isinstance(item, Mention) and "poison" in item.text:
                raise ValueError(item.text)
        return counts


def results(*requests: Request) -> list[Any]:
    return [request.verdict.exception(0) or request.verdict.result(0).accepted for request in requests]


def test_only_the_request_that_cannot_be_processed_is_given_back(
    make_rig: MakeRig, caplog: pytest.LogCaptureFixture
) -> None:
    rig = make_rig(worker=Poisoned)
    before = rig.offer(rig.say("1"), rig.say("2"))
    bad = rig.offer(rig.say("3"), rig.say("4", "acme poison in the water"))
    after = rig.offer(rig.say("5"), source="forum")
    assert rig.live.step(rig.intake.take(0.0))
    told = results(before, bad, after)
    assert told[0] == 2
    assert isinstance(told[1], Refused)
    assert told[2] == 1
    assert sorted(name for _, name, _ in rig.stored) == ["1", "2", "5"]
    assert rig.counts["posts"] == 3
    assert "batch_failed" in caplog.text
    assert "ValueError" in caplog.text
    assert "poison" not in caplog.text, "an error's own words may be those of a post"


def test_memory_agrees_with_the_store_after_a_failure(make_rig: MakeRig) -> None:
    """Half of a failed batch was already in memory: it must be forgotten, and come in when it is sent again."""
    rig = make_rig(worker=Poisoned)
    rig.post(rig.say("1"))
    bad = rig.offer(rig.say("2"), rig.say("3", "acme poison"))
    rig.live.step(rig.intake.take(0.0))
    assert isinstance(bad.verdict.exception(0), Refused)
    rig.post(rig.say("2"), rig.say("4"))
    rig.pass_time(2 * MINUTE_US)
    assert rig.counts["mentions"] == rig.counts["posts"] == 3
    assert "duplicates" not in rig.counts
    assert sum(rig.minutes.values()) == 3
    assert rig.metric("badbuzz_mentions_total", topic="acme") == 3


def test_a_failure_makes_no_source_fall_silent(make_rig: MakeRig) -> None:
    rig = make_rig(worker=Poisoned)
    rig.post(rig.say("1"))
    rig.offer(rig.say("2", "acme poison"))
    rig.live.step(rig.intake.take(0.0))
    rig.pass_time(2 * MINUTE_US)
    assert sum(rig.minutes.values()) == 1, "time goes on passing, and the minute closes"


def test_a_gap_found_in_a_failed_batch_is_found_again(make_rig: MakeRig) -> None:
    rig = make_rig(worker=Poisoned)
    rig.post(rig.say("1"))
    rig.clock.advance(DAY_US)
    rig.offer(rig.say("2", "acme poison"))
    rig.live.step(rig.intake.take(0.0))
    assert rig.metric("badbuzz_source_gap_seconds_total", source="ingest") == 0
    rig.post(rig.say("3"))
    assert rig.metric("badbuzz_source_gap_seconds_total", source="ingest") == 86_400


def test_a_failure_leaves_every_conclusion_as_it_would_have_been(make_rig: MakeRig) -> None:
    """The same crisis twice, once with every fifth batch failing and sent again without its poison."""

    def tell(rig: Rig, *, poison: bool) -> Any:
        posts = story(NOON - 6 * DAY_US)
        for start in range(0, len(posts), 100):
            if poison and start % 500 == 0:
                rig.offer(*posts[start : start + 60], rig.say(f"p{start}", "acme poison"))
                rig.live.step(rig.intake.take(0.0))
            rig.post(*posts[start : start + 100])
        return list(rig.store.judged()), list(rig.store.incidents()), list(rig.store.timeline()), rig.counts

    clean = tell(make_rig(follows_wall_clock=False), poison=False)
    dirty = tell(make_rig(follows_wall_clock=False, worker=Poisoned), poison=True)
    assert [incident.topic for incident in clean[1]] == ["acme"]
    assert dirty == clean


def test_a_full_disk_gives_back_at_once_and_goes_on_by_itself(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(live, "STORE_RETRY_SECONDS", 0.05)
    with rig.store.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    limits = [pages]

    def limit(connection: Any, _: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {limits[-1]}").close()

    event.listen(rig.store.engine, "connect", limit)
    rig.store._let_go()
    rig.store.engine.dispose()
    thread = Thread(target=rig.live.run)
    thread.start()
    try:
        first = rig.offer(*[rig.say(str(number), "acme " + "long " * 400) for number in range(50)])
        with pytest.raises(Refused, match="no space left"):
            first.verdict.result(10)
        assert not rig.intake.offer(Request("ingest", body([rig.say("x")]))), "nothing more is taken"
        assert rig.metric("badbuzz_store_writable") == 0
        assert "store_full" in caplog.text
        limits.append(1_000_000)
        rig.store.engine.dispose()
        again = wait_for_room(rig, Request("ingest", body([rig.say(str(number)) for number in range(51)])))
        assert again.verdict.result(10).accepted == 51
    finally:
        rig.live.stop()
        thread.join(10)
    assert rig.counts["posts"] == 51, "what was given back was committed after all, and is no second post"
    assert rig.counts["duplicates"] == 50
    assert rig.metric("badbuzz_store_writable") == 1


def wait_for_room(rig: Rig, request: Request) -> Request:
    import time

    deadline = time.monotonic() + 10
    while not rig.intake.offer(request):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return request


class Full(Worker):
    def commit(self, prepared: Commit) -> None:
        message = "no space left"
        raise StoreFull(message)


def test_a_full_disk_does_not_keep_the_service_from_stopping(make_rig: MakeRig) -> None:
    rig = make_rig(worker=Full)
    waiting = rig.offer(rig.say("1"))
    thread = Thread(target=rig.live.run)
    thread.start()
    assert isinstance(waiting.verdict.exception(10), Refused)
    rig.live.stop()
    thread.join(5)
    assert not thread.is_alive()


def test_a_store_that_is_away_is_waited_for(make_rig: MakeRig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "STORE_RETRY_SECONDS", 0.01)
    rig = make_rig()
    rig.post(rig.say("1"))
    outages = ["commit", "load", "load", "load"]
    real = {name: getattr(rig.store, name) for name in ("commit", "load")}

    def failing(name: str) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            if outages and outages[0] == name:
                outages.pop(0)
                message = "the database is away"
                raise StoreUnavailable(message)
            return real[name](*arguments)

        return call

    for name in real:
        monkeypatch.setattr(rig.store, name, failing(name))
    request = rig.offer(rig.say("2"))
    assert rig.live.step(rig.intake.take(0.0))
    assert isinstance(request.verdict.exception(0), Refused)
    assert outages == []
    assert rig.intake.is_writable
    rig.post(rig.say("2"))
    assert rig.counts["posts"] == 2


def test_everything_that_waits_is_answered_before_the_service_stops(rig: Rig) -> None:
    waiting = [
        rig.offer(*[rig.say(f"{request}-{number}") for number in range(9_000)]) for request in range(5)
    ]  # more than one batch
    rig.live.stop()
    rig.live.run()
    assert results(*waiting) == [9_000] * 5
    assert rig.counts["posts"] == 45_000
    assert not rig.intake.offer(Request("ingest", b"{}"))


def test_nobody_is_left_waiting_when_the_worker_fails_for_good(make_rig: MakeRig) -> None:
    rig = make_rig(worker=Poisoned)
    requests = [rig.offer(rig.say("1", "acme poison")), rig.offer(rig.say("2")), rig.offer(rig.say("3"))]
    taken = rig.intake.take(0.0, most_posts=2)

    def broken() -> dict[str, bytes]:
        message = "a bug"
        raise RuntimeError(message)

    rig.worker.resume = broken  # type: ignore[method-assign]  # the fault of this test
    rig.intake.take = take_first(taken, rig.intake.take)  # type: ignore[method-assign]  # the same
    with pytest.raises(RuntimeError):
        rig.live.run()
    assert [isinstance(request.verdict.exception(0), Refused) for request in requests] == [True] * 3


def take_first(taken: list[Request], take: Callable[..., list[Request]]) -> Callable[..., list[Request]]:
    waiting = [taken]
    return lambda *arguments: waiting.pop() if waiting else take(*arguments)


def test_a_sender_that_left_before_its_turn_is_passed_over(rig: Rig) -> None:
    left, stayed = rig.offer(rig.say("1")), rig.offer(rig.say("2"))
    assert left.verdict.cancel()
    assert rig.live.step(rig.intake.take(0.0))
    assert stayed.verdict.result(0).accepted == 1
    assert [name for _, name, _ in rig.stored] == ["2"]
    assert rig.intake.posts == 0


def test_a_sender_that_leaves_later_harms_nobody(rig: Rig) -> None:
    requests = [rig.offer(rig.say("1")), rig.offer(rig.say("2"))]
    taken = rig.intake.take(0.0)
    assert not requests[0].verdict.cancel()
    assert rig.live.step(taken)
    assert results(*requests) == [1, 1]


def test_malformed_lines_are_told_and_counted_once_beside_their_neighbours(rig: Rig) -> None:
    verdict = rig.post(rig.say("1"), rig.say("2"), lines=b'{"text":"secret words"\n\n   \n{"network":"x"}\n[]\n')
    assert (verdict.read, verdict.accepted, verdict.malformed_count) == (5, 2, 3)
    assert [(bad.record, bad.reason) for bad in verdict.malformed] == [
        (3, "not_json"),
        (4, "no_text"),
        (5, "not_a_post"),
    ]
    assert all("secret" not in bad.detail for bad in verdict.malformed)
    assert (rig.counts["posts"], rig.counts["malformed"]) == (2, 3)
    assert rig.metric("badbuzz_posts_malformed_total", source="ingest", reason="not_json") == 1


def test_the_log_names_no_post_and_nobody(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    rig.post(*story(NOON - 6 * DAY_US), lines=b'{"text":"boycott"}\n')
    rig.post(*[rig.say(f"new-{number}", "boycott Acme, a scandal!") for number in range(50)])
    rig.pass_time(3 * MINUTE_US)
    assert "incident_opened" in caplog.text
    assert not [word for word in ("boycott", "scandal", "zenphone", "author-of") if word in caplog.text]


def test_the_service_shows_that_it_is_alive_when_nothing_happens(rig: Rig) -> None:
    def recorded_us() -> int:
        with rig.store.engine.connect() as connection:
            return int(connection.exec_driver_sql("SELECT recorded_us FROM state").scalar_one())

    rig.live.step([])
    first = recorded_us()
    rig.pass_time(30 * SECOND_US)
    assert recorded_us() >= first + 20 * SECOND_US


@pytest.mark.parametrize("what", ["state SET pipeline", "topic_states SET state"])
def test_a_memory_that_cannot_be_read_is_one_sentence(rig: Rig, what: str) -> None:
    rig.post(rig.say("1"))
    rig.pass_time(3 * MINUTE_US)
    with rig.store.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE {what} = x'00'")
    with pytest.raises(StoreUnavailable, match=r"written by another badbuzz .* or start with a new database") as caught:
        rig.restart()
    assert rig.address in str(caught.value)
    assert "\n" not in str(caught.value)
