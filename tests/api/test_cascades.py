"""Cascades over HTTP: what the store holds, with its intervals, and nobody's name."""

from __future__ import annotations

from monitor.queries import Reading, freshness, leading_cascades
from tests.api.carried import PRIVATE
from tests.api.served import Served


def test_the_cascades_of_a_topic_are_those_of_the_store_fastest_first(spreading: Served) -> None:
    answer = spreading.get("/api/topics/acme/cascades", params={"hours": 744}).json()
    with Reading(spreading.rig.address).snapshot() as look:
        end_us = freshness(look, spreading.rig.clock.now_us()).event_time_us + 1
        stored = [row.cascade for row in leading_cascades(look, "acme", 0, end_us, 20)]
    assert stored
    assert [one["root"] for one in answer] == [f"{one.network}:{one.root_id}" for one in stored]
    first, cascade = answer[0], stored[0]
    assert (first["size"], first["authors"], first["edges"]) == (cascade.size, cascade.authors, cascade.edges)
    assert (first["size"], first["edges"]) == (12, "inferred")
    talks = [(one["conversation"]["replies"], one["conversation"]["depth"]) for one in answer]
    assert talks == [(one.replies, one.reply_depth) for one in stored]
    assert 0 < first["estimated_reach"] <= first["potential_reach"]
    for name in ("final_size", "reproduction", "depth", "structural_virality"):
        assert first[name]["low"] <= first[name]["value"] <= first[name]["high"], name
    assert first["final_size"]["low"] >= 12
    assert PRIVATE not in spreading.get("/api/topics/acme/cascades", params={"hours": 744}).text


def test_the_cascades_of_an_incident_are_those_that_moved_in_it(spreading: Served, opened: str) -> None:
    found = spreading.get(f"/api/incidents/{opened}").json()
    answer = spreading.get(f"/api/incidents/{opened}/cascades", params={"limit": 2}).json()
    assert 1 <= len(answer) <= 2
    assert all(one["updated_at"] >= found["since"] for one in answer)


def test_what_is_not_there_is_404_in_one_sentence(spreading: Served) -> None:
    for path in ("/api/topics/x/cascades", "/api/incidents/x/cascades"):
        answer = spreading.get(path)
        assert answer.status_code == 404
        assert answer.json()["detail"].startswith("there is no ")
