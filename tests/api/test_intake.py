"""Back-pressure instead of loss."""

from __future__ import annotations

import pytest

from monitor.api.intake import Intake, Refused, Request, Verdict


def posts(count: int) -> Request:
    return Request("ingest", b"{}\n" * count)


def test_a_full_intake_takes_no_more_until_the_worker_took_some() -> None:
    intake = Intake(capacity_posts=10)
    assert intake.offer(posts(8))
    assert not intake.offer(posts(3))
    assert [len(request.records) for request in intake.take(0.0)] == [8]
    assert intake.offer(posts(3))


def test_a_request_larger_than_the_intake_is_taken_when_nothing_else_waits() -> None:
    intake = Intake(capacity_posts=10)
    assert intake.offer(posts(50))
    assert intake.posts == 50


def test_nothing_is_taken_while_the_disk_is_full_or_after_closing() -> None:
    intake = Intake(capacity_posts=10)
    intake.is_writable = False
    assert not intake.offer(posts(1))
    intake.is_writable = True
    intake.close()
    assert not intake.offer(posts(1))


def test_requests_come_out_in_order_and_within_the_batch_size() -> None:
    intake = Intake(capacity_posts=100)
    for count in (4, 4, 4):
        intake.offer(posts(count))
    assert [len(request.records) for request in intake.take(0.0, most_posts=8)] == [4, 4]
    assert intake.posts == 4


def test_a_failed_request_tells_its_sender() -> None:
    request = posts(1)
    request.fail("send it again")
    with pytest.raises(Refused, match="send it again"):
        request.verdict.result(0)
    answered = posts(1)
    answered.answer(Verdict(1, 1, 0, []))
    answered.fail("too late to fail")
    assert answered.verdict.result(0).accepted == 1
