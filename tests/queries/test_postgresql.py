from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Connection, create_engine, insert, make_url
from sqlalchemy.exc import InternalError

from monitor import queries
from monitor.clock import DAY_US, HOUR_US
from monitor.errors import StoreUnavailable
from monitor.store import schema
from tests.dashboards.story import mark, tell
from tests.store.conftest import postgresql_address, postgresql_server

__all__ = ["postgresql_address", "postgresql_server"]

pytestmark = pytest.mark.postgresql


def everything(look: Connection, now_us: int) -> bytes:
    """Every answer, as bytes."""
    fresh = queries.freshness(look, now_us)
    now = queries.topics_now(look, fresh)
    span = (look, "acme", fresh.watermark_us - DAY_US, fresh.watermark_us)
    assert now[0].incident is not None
    incident = now[0].incident.incident
    answers = [
        fresh,
        now,
        queries.observed_and_expected(*span, 15),
        queries.own_posts(*span),
        queries.top_posts(*span),
        queries.authors_who_matter(*span),
        queries.audience_bands(*span),
        queries.hashtags(look, "acme", fresh.watermark_us - HOUR_US, fresh.watermark_us),
        queries.leading_cascades(*span),
        queries.incidents_of(*span),
        queries.recent_incidents(look, 5),
        queries.incident(look, incident.id),
        queries.incident_timeline(look, incident.id),
        queries.evidence_posts(look, "acme", [*incident.evidence, "x:1003"]),
        queries.topic(look, "acme"),
        msgspec.structs.asdict(queries.voices(*span)) | {"tone": round(queries.voices(*span).tone or 0, 9)},
    ]
    return msgspec.json.encode(answers, order="deterministic")


def test_postgresql_and_sqlite_give_the_same_answers(path: Path, postgresql_address: str, now_us: int) -> None:
    url = make_url(postgresql_address).set(drivername="postgresql+psycopg")
    tell(url.render_as_string(hide_password=False), now_us)
    with queries.Reading(postgresql_address).snapshot() as look:
        from_server = everything(look, now_us)
    with queries.Reading(str(path)).snapshot() as look:
        assert everything(look, now_us) == from_server


def test_the_reader_cannot_write_to_a_server(postgresql_address: str) -> None:
    url = make_url(postgresql_address).set(drivername="postgresql+psycopg")
    engine = create_engine(url)
    schema.metadata.create_all(engine)
    mark(engine)
    engine.dispose()
    with (
        pytest.raises(StoreUnavailable) as refused,
        queries.Reading(postgresql_address).snapshot() as connection,
    ):
        connection.execute(insert(schema.counts), [{"name": "read", "value": 1}])
    assert isinstance(refused.value.__cause__, InternalError)


def test_a_server_without_our_tables_says_so(postgresql_address: str, now_us: int) -> None:
    with (
        pytest.raises(StoreUnavailable, match="holds no badbuzz tables yet"),
        queries.Reading(postgresql_address).snapshot() as connection,
    ):
        queries.freshness(connection, now_us)


def test_an_absent_server_says_so() -> None:
    address = "postgresql://badbuzz@127.0.0.1:1/none"
    with pytest.raises(StoreUnavailable, match="cannot be read"), queries.Reading(address).snapshot():
        pass
