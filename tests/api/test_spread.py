"""Who carries it, over HTTP: public figures are named, nobody else is, in answers and in files."""

from __future__ import annotations

import json
import sqlite3
from io import BytesIO

import networkx as nx
import pytest

from tests.api.carried import PRIVATE, STAR
from tests.api.served import Served


def test_camps_are_told_by_size_hashtag_and_leader(spreading: Served, opened: str) -> None:
    answer = spreading.get(f"/api/incidents/{opened}/spread").json()
    assert (answer["accounts"], answer["reshares"]) == (25, 24)
    assert sorted(part["accounts"] for part in answer["communities"]) == [12, 13]
    by_name = {part["hashtags"][0]: part for part in answer["communities"]}
    assert by_name["parcels"]["leader"]["handle"] == STAR.handle
    assert by_name["shops"]["leader"] == {
        "handle": None,
        "network": "x",
        "followers": 1_200,
        "verified": False,
        "role": None,
    }
    assert [bridge["account"]["followers"] for bridge in answer["bridges"]] == [99]
    assert [reached["directly"] for reached in answer["reached"]][:1] == [12]


def test_a_topic_is_told_like_its_incident(spreading: Served, opened: str) -> None:
    of_topic, of_incident = (
        spreading.get(f"/api/{of}/spread", params={"hours": 744}).json()
        for of in ("topics/acme", f"incidents/{opened}")
    )
    assert of_topic["communities"] == of_incident["communities"]
    assert spreading.get("/api/topics/zen/spread").json()["reshares"] == 0


def test_the_public_figure_would_reach_most_within_bounds(spreading: Served, opened: str) -> None:
    first = spreading.get(f"/api/incidents/{opened}/spread").json()["influences"][0]
    assert first["account"]["handle"] == STAR.handle
    assert first["account"]["role"] == "press"
    assert first["bounds"][0] <= first["expected"] <= first["bounds"][1]
    assert first["direct"] == pytest.approx(41_000 * 0.15, rel=0.01)


@pytest.mark.parametrize("form", ["gexf", "graphml", "json"])
@pytest.mark.parametrize("of", ["incidents", "topics"])
def test_a_graph_comes_as_a_file_that_opens(spreading: Served, opened: str, of: str, form: str) -> None:
    name = opened if of == "incidents" else "acme"
    answer = spreading.get(
        f"/api/{of}/{name}/graph", params={"format": form, **({"hours": 744} if of == "topics" else {})}
    )
    assert answer.status_code == 200
    assert form in answer.headers["content-type"]
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}.{form}"'
    read = {
        "gexf": lambda content: nx.read_gexf(BytesIO(content)),
        "graphml": lambda content: nx.read_graphml(BytesIO(content)),
        "json": lambda content: nx.node_link_graph(json.loads(content), edges="links"),
    }
    graph = read[form](answer.content)
    assert (len(graph), graph.number_of_edges()) == (25, 24)
    assert [node["label"] for _, node in graph.nodes(data=True) if node["public"]] == ["@the_gazette"]


@pytest.mark.parametrize(
    "path",
    ["incidents/{}/spread", "incidents/{}/graph?format=json", "incidents/{}/graph", "topics/acme/graph?hours=744"],
)
def test_no_private_person_is_named_anywhere(spreading: Served, opened: str, path: str) -> None:
    said = spreading.get("/api/" + path.format(opened)).text
    assert "the_gazette" in said
    assert PRIVATE not in said
    assert "1234" not in said


def test_no_other_answer_nor_alert_names_anybody(spreading: Served, opened: str) -> None:
    paths = ["/metrics", "/api/topics", "/api/incidents", f"/api/incidents/{opened}"]
    said = [spreading.get(path).text for path in (*paths, f"/api/incidents/{opened}/timeline")]
    with sqlite3.connect(spreading.rig.address.removeprefix("sqlite:///")) as store:
        said += [body for (body,) in store.execute("SELECT body FROM alerts")]
        stored = {handle for (handle,) in store.execute("SELECT DISTINCT handle FROM mentions")}
    store.close()
    assert len(said) > 5
    assert stored == {None, STAR.handle}
    assert not any(name in text for text in said for name in (PRIVATE, STAR.handle or ""))


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/incidents/x/graph", 404),
        ("/api/topics/x/graph", 404),
        ("/api/topics/x/spread", 404),
        ("/api/topics/acme/graph?hours=0", 422),
        ("/api/topics/acme/graph?format=pdf", 422),
    ],
)
def test_what_is_not_there_or_no_format_is_refused(spreading: Served, path: str, status: int) -> None:
    assert spreading.get(path).status_code == status
