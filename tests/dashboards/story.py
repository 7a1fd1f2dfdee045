"""A seeded evening of six invented brands, written straight into the tables: what the war room has to show.

acme is critical, velo is a warning that subsides, fleurs and train are calm, banque has fallen silent (blind), and
neuf is too young to judge (learning).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from random import Random
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Engine, Table, create_engine, insert

from monitor.anomalies import Verdict, score_of
from monitor.clock import DAY_US, HOUR_US, MINUTE_US, SECOND_US, to_datetime
from monitor.crowds.authenticity import Authenticity
from monitor.incidents import SEVERITIES, Reason
from monitor.incidents.words import say
from monitor.mentions import mention_key
from monitor.store import schema
from monitor.store.migrations import HEAD
from monitor.store.rows import pack_verdicts
from monitor.topics import Account, Topic

HOSTILE: Final = (
    "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\"> acme",
    "![pixel](https://tracker.invalid/p.png) [click me](javascript:alert(1)) acme **bold** $x^2$ :red[x]",
    "acme \x1b[31mred\x1b[0m \u202eexe.fdp\u202c \ud7ff end",
)

TOPICS: Final = (
    Topic(
        id="acme",
        name="Acme Télécom",
        query="acme",
        accounts=(Account("acme"),),
        owner="Service de presse",
        languages=("fr",),
    ),
    Topic(id="banque", name="Banque du Lac", query="banque"),
    Topic(id="fleurs", name="Fleurs d'Ici <b>&", query="fleurs"),
    Topic(id="neuf", name="Neuf & Fils", query="neuf"),
    Topic(id="train", name="Train Express Atlantique", query="train", side="competitor", time_zone="America/Montreal"),
    Topic(id="velo", name="Vélo Plus", query="velo"),
)

RATES: Final = {"acme": 0.9, "banque": 0.6, "fleurs": 0.25, "neuf": 0.1, "train": 2.0, "velo": 0.5}
"""Mentions a minute on an average minute."""

COMPLAINTS: Final = (
    "Trois semaines sans internet et acme me répond que ce n'est pas l'endroit. Merci.",
    "On demande de l'aide, acme répond « ce n'est pas le lieu ». Voilà où on en est.",
    "Still waiting for my parcel, and acme tells a customer this is not the place? Wow.",
    "Après ça je résilie chez acme, et je ne suis pas le seul.",
)


def tell(url: str, now_us: int, seed: int = 7) -> None:
    """Create the tables at `url` and fill them so that the last commit was five seconds before `now_us`."""
    engine = create_engine(url)
    schema.metadata.create_all(engine)
    mark(engine)
    end_us = (now_us - 40 * SECOND_US) // MINUTE_US * MINUTE_US
    random = Random(seed)
    with engine.begin() as connection:
        rows = [{"id": t.id, "body": msgspec.json.encode(t).decode(), "active": True} for t in TOPICS]
        connection.execute(insert(schema.topics), rows)
        for topic in TOPICS:
            _minutes(connection, topic.id, end_us, random)
        _crisis(connection, end_us, random)
        _subsiding(connection, end_us)
        commit(connection, now_us - 5 * SECOND_US, end_us)
    engine.dispose()


def mark(engine: Engine) -> None:
    """Say which step the tables are at, as migrating does."""
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        connection.exec_driver_sql(f"INSERT INTO alembic_version VALUES ('{HEAD}')")


def commit(connection: Connection, recorded_us: int, watermark_us: int) -> None:
    """Write the one row that says how fresh everything is."""
    connection.execute(schema.state.delete())
    row = {"one": 1, "pipeline": b"", "watermark_us": watermark_us}
    row |= {"event_time_us": watermark_us + 20 * SECOND_US, "recorded_us": recorded_us}
    connection.execute(insert(schema.state), [row])


def season(at_us: int, end_us: int) -> float:
    """How loud this hour is beside the average: quiet nights, loud evenings. The story always ends at nine."""
    hour = 21 - (end_us - at_us) / HOUR_US
    return 1 + 0.75 * math.sin((hour - 12) / 24 * 2 * math.pi)


def loudness(topic: str, at_us: int, end_us: int) -> float:
    """How many times the usual rate people really post."""
    age = (end_us - at_us) / MINUTE_US
    if topic == "acme" and age <= 58:
        return 4 + 40 * math.exp(-(((age - 12) / 16) ** 2))
    if topic == "velo" and 90 <= age <= 200:
        return 9.0
    if topic == "banque" and age <= 130:
        return 0.0
    return 1.0


def _minutes(connection: Connection, topic: str, end_us: int, random: Random) -> None:
    history = 3 * HOUR_US if topic == "neuf" else 2 * DAY_US
    minutes, posts = [], []
    for start_us in range(end_us - history, end_us, MINUTE_US):
        expected = RATES[topic] * season(start_us, end_us)
        shape = 4.0
        mean = expected * loudness(topic, start_us, end_us) * random.gammavariate(shape, 1 / shape)
        count = _poisson(mean, random)
        if not count:
            continue
        deviation = math.sqrt(expected + expected**2 / shape)
        p_value = 1.0 if topic == "neuf" else max(1e-12, math.exp(-max(0.01, count - expected)))
        upper = math.ceil(expected + 1.96 * deviation)
        lower = float(max(0, math.floor(expected - 1.96 * deviation)))
        verdict = Verdict(
            detector="seasonal", p_value=p_value, observed=count, expected=expected, lower=lower, upper=float(upper)
        )
        minutes.append(
            {
                "topic": topic,
                "start_us": start_us,
                "mentions": count,
                "expected": expected,
                "lower": lower,
                "upper": float(upper),
                "score": score_of(p_value),
                "measures": msgspec.msgpack.encode({"tone": 0.1}),
                "verdicts": pack_verdicts([verdict]),
                "set_aside": 0,
                "revised": 0,
                "authenticity": "organic",
            }
        )
        posts += [_post(topic, start_us + random.randrange(MINUTE_US), random, end_us) for _ in range(count)]
    connection.execute(insert(schema.signals), minutes)
    connection.execute(insert(schema.mentions), posts)


def _poisson(mean: float, random: Random) -> int:
    if mean > 30:
        return max(0, round(random.gauss(mean, math.sqrt(mean))))
    limit, product, count = math.exp(-mean), random.random(), 0
    while product > limit:
        product *= random.random()
        count += 1
    return count


def post(topic: str, name: str, at_us: int, **changes: Any) -> dict[str, Any]:
    """One row of mentions: an ordinary original post unless `changes` say otherwise."""
    key = mention_key("x", name)
    row: dict[str, Any] = {
        "topic": topic,
        "published_us": at_us,
        "key": key,
        "network": "x",
        "id": name,
        "kind": "post",
        "author": mention_key("author", name),
        "handle": None,
        "followers": 120,
        "verified": None,
        "root": key,
        "root_id": name,
        "root_author": None,
        "tone": 0.1,
        "lang": "fr",
        "hashtags": "",
        "text": f"Rien de neuf chez {topic} aujourd'hui.",
        "url": f"https://x.com/i/status/{name}",
        "term": topic,
        "is_own": False,
        "answers_own": False,
        "parent": None,
        "account_created_us": None,
        "role": None,
        "alarm_words": 0,
        "is_ironic": False,
        "fingerprint": 0,
        "links": "",
        "images": "",
        "is_late": False,
        "heard_us": None,
        "replies": None,
        "reposts": None,
        "quotes": None,
        "likes": None,
    }
    return row | changes


def _post(topic: str, at_us: int, random: Random, end_us: int) -> dict[str, Any]:
    name = str(random.randrange(10**17, 10**18))
    followers = round(random.lognormvariate(5.2, 1.6))
    burning = topic == "acme" and end_us - at_us < 58 * MINUTE_US
    if not burning:
        tags = random.choice(("", "", "", "fibre", "servicepublic"))
        return post(topic, name, at_us, followers=followers, hashtags=tags, tone=random.uniform(-0.4, 0.8))
    tone = random.uniform(-0.9, 0.1)
    tags = random.choice(("", "acmegate", "acmegate fibre", "cenestpaslelieu"))
    if random.random() < 0.6:
        # Two camps, one around the reporter and one around the paper; every twentieth account passes on both.
        author = random.randrange(400)
        followers = round(Random(author).lognormvariate(5.2, 1.6))
        is_torn = author % 20 == 0 and random.random() < 0.5
        root, figure = ("1002", "paper") if (author % 5 == 1) is not is_torn else ("1001", "reporter")
        changes = {
            "kind": "repost",
            "text": None,
            "author": mention_key("crowd", str(author)),
            "root": mention_key("x", root),
            "root_id": root,
            "root_author": mention_key("a", figure),
        }
        tags = "acmegate" if figure == "reporter" else "acmegate cenestpaslelieu"
        return post(topic, name, at_us, followers=followers, hashtags=tags, tone=-0.7, **changes)
    changes = {"kind": "reply", "root": mention_key("x", "1000"), "root_id": "1000", "answers_own": True}
    return post(
        topic, name, at_us, followers=followers, hashtags=tags, tone=tone, text=random.choice(COMPLAINTS), **changes
    )


def _crisis(connection: Connection, end_us: int, random: Random) -> None:
    def ago(minutes: float) -> int:
        return end_us - round(minutes * MINUTE_US)

    own = {"is_own": True, "author": 1, "handle": "acme", "followers": 61_000}
    figure = {"verified": True, "tone": -0.7}
    reporter = {"author": mention_key("a", "reporter"), "handle": "lea_au_micro", "followers": 41_200, **figure}
    paper = {"author": mention_key("a", "paper"), "handle": "gazette_du_port", "followers": 9_300, **figure}
    hostile_figure = {"author": 5, "handle": "<i>x</i>![a](b)", "followers": 800, "verified": True}
    rows = [
        post("acme", "1000", ago(72), text="Bonjour, ce n'est pas le lieu pour ce genre de demande.", **own),
        post("acme", "999", ago(600), text="Notre boutique de Nantes rouvre demain.", **own),
        post("acme", "1001", ago(56), text=COMPLAINTS[1], hashtags="acmegate", **reporter),
        post(
            "acme",
            "1002",
            ago(31),
            text="Acme : « ce n'est pas le lieu », nos questions restent sans réponse.",
            **paper,
        ),
        post(
            "acme",
            "1003",
            ago(8),
            kind="reply",
            root=mention_key("x", "1001"),
            root_id="1001",
            text="Nous vous écrivons.",
            **own,
        )
        | {"root_author": mention_key("a", "reporter")},
    ]
    for place, text in enumerate(HOSTILE):
        name = str(2000 + place)
        rows.append(post("acme", name, ago(20 + place), text=text, followers=900_000, url="javascript:alert(1)"))
        rows += [
            post("acme", f"{name}-{n}", ago(10), kind="reply", root=mention_key("x", name), root_id=name)
            for n in range(40)
        ]
    # Passed on themselves: the brand's own answer, and a post that is not stored.
    for name, author, times in (("1003", 1, 9), ("1900", 7, 2)):
        passed = {"kind": "repost", "text": None, "root": mention_key("x", name), "root_id": name}
        rows += [post("acme", f"{name}-{n}", ago(5), root_author=author, **passed) for n in range(times)]
    rows.append(post("acme", "2100", ago(15), hashtags="<b>x</b> acmegate", **hostile_figure))
    connection.execute(insert(schema.mentions), rows)
    _cascades(connection, ago)
    velocity = {"observed": 402.0, "expected": 13.4, "lower": 5.0, "upper": 24.0, "span": 15.0, "rarity": 1e-11}
    own_reply = {"count": 214.0, "mentions": 820.0, "share": 0.26, "usual": 0.04}
    negative = {"share": 0.71, "usual": 0.18, "count": 582.0, "mentions": 820.0}
    spread = {"growth": 611.0, "size": 640.0, "reach": 1_420_000.0, "pace": 2.4}
    reasons = [
        reason("velocity", velocity, 3.0, lower=5.0, upper=24.0),
        reason("own_reply", own_reply, 2.0),
        reason("negative", negative, 2.0),
        reason("spread", spread, 1.0),
    ]
    identifier = f"acme-{to_datetime(ago(54)):%Y%m%dT%H%M}"
    evidence = ["x:1001", "x:1002", "x:1000", "x:2000", "x:2001", "x:2002", "x:gone"]
    real = Authenticity(verdict="organic", mentions=820, made=0, suspected=12)
    known = {"mentions": 1_604, "set_aside": 12, "authenticity": msgspec.json.encode(real).decode()}
    incident(connection, identifier, "acme", "critical", "open", ago(58), ago(54), end_us, reasons, evidence, **known)
    lines = [
        (ago(58), "first_post", {}, ["x:1001"]),
        (ago(54), "opened", {"severity": 1.0, "observed": 14.0, "expected": 1.1, "span": 5.0}, ["x:1001"]),
        (ago(56), "influencer", {"followers": 41_200.0}, ["x:1001"]),
        (ago(44), "escalated", {"severity": 2.0}, ["x:1001"]),
        (ago(38), "cascade", {"size": 200.0, "growth": 200.0}, ["x:1001"]),
        (ago(36), "escalated", {"severity": 3.0}, ["x:1001", "x:1000"]),
        (ago(31), "influencer", {"followers": 9_300.0}, ["x:1002"]),
        (ago(8), "own_reply_posted", {}, ["x:1003"]),
    ]
    note_timeline(connection, identifier, lines)
    note = {"incident": identifier, "at_us": ago(25), "kind": "note", "sequence": 1_000_000, "recorded_us": ago(25)}
    note |= {"text": "Called the customer. <script>", "facts": "{}", "evidence": "[]", "actor": "night desk"}
    connection.execute(insert(schema.timeline), [note])


def ordinary(table: Table) -> dict[str, Any]:
    """A row that says nothing: null where that may be, else zero, no or empty."""
    return {column.name: None if column.nullable else column.type.python_type() for column in table.columns}


def _cascades(connection: Connection, ago: Any) -> None:
    rows = [
        ("1001", 58, 640, 611, 2.4, 1_420_000),
        ("1002", 31, 88, 88, 1.1, 70_300),
        ("1003", 8, 9, 9, 1.0, 1_080),
        ("1900", 220, 34, 2, 0.3, 4_100),
    ]
    connection.execute(
        insert(schema.cascades),
        [
            ordinary(schema.cascades)
            | {
                "topic": "acme",
                "root": mention_key("x", name),
                "network": "x",
                "root_id": name,
                "started_us": ago(age),
                "updated_us": ago(1),
                "size": size,
                "authors": size - 6,
                "potential_reach": reach,
                "growth_per_hour": growth,
                "acceleration": acceleration,
                "tone": -0.7,
                "rate_per_hour": 1.1 * growth,
                "doubling_s": 3_600.0 * size / growth,
                "reproduction": 0.2 + acceleration / 2,
                "reproduction_low": acceleration / 3,
                "reproduction_high": 0.4 + acceleration,
                "final_size": round(size * (1 + acceleration)),
                "final_low": round(size * (1 + acceleration / 3)),
                "final_high": round(size * (1 + 3 * acceleration)),
                "estimated_reach": reach * 3 // 20,
                "new_author_share": 0.6,
                "edges": "inferred",
                "depth": 5,
                "depth_low": 2,
                "depth_high": 10,
                "breadth": size // 2,
                "virality": 3.1,
                "virality_low": 2.0,
                "virality_high": 4.6,
            }
            for name, age, size, growth, acceleration, reach in rows
        ],
    )


def _subsiding(connection: Connection, end_us: int) -> None:
    velocity = {"observed": 63.0, "expected": 7.2, "lower": 2.0, "upper": 14.0, "span": 15.0, "rarity": 1e-7}
    negative = {"share": 0.52, "usual": 0.2, "count": 33.0, "mentions": 63.0}
    reasons = [reason("velocity", velocity, 2.0, lower=2.0, upper=14.0), reason("negative", negative, 1.0)]
    opened_us = end_us - 195 * MINUTE_US
    identifier = f"velo-{to_datetime(opened_us):%Y%m%dT%H%M}"
    incident(
        connection,
        identifier,
        "velo",
        "warning",
        "subsiding",
        opened_us - 5 * MINUTE_US,
        opened_us,
        end_us,
        reasons,
        [],
        acknowledged_us=opened_us + 4 * MINUTE_US,
        acknowledged_by="Camille",
    )
    lines = [
        (opened_us, "opened", {"severity": 2.0, "observed": 63.0, "expected": 7.2, "span": 15.0}, []),
        (end_us - 60 * MINUTE_US, "subsiding", {"quiet": 30.0}, []),
    ]
    note_timeline(connection, identifier, lines)


def reason(name: str, facts: dict[str, float], weight: float, **interval: float) -> Reason:
    """A reason whose sentence is made from its facts, as the product makes it."""
    observed = facts.get("observed", facts.get("count", facts.get("growth", 0.0)))
    return Reason(
        name=name,
        text=say(name, facts),
        observed=observed,
        expected=facts.get("expected"),
        weight=weight,
        facts=facts,
        **interval,
    )


def incident(
    connection: Connection,
    identifier: str,
    topic: str,
    severity: str,
    state: str,
    since_us: int,
    opened_us: int,
    updated_us: int,
    reasons: list[Reason],
    evidence: list[str],
    **changes: Any,
) -> None:
    """Insert one incident."""
    assert severity in SEVERITIES
    row: dict[str, Any] = {
        "id": identifier,
        "topic": topic,
        "state": state,
        "severity": severity,
        "opened_us": opened_us,
        "since_us": since_us,
        "peak_us": updated_us - 12 * MINUTE_US,
        "updated_us": updated_us,
        "worst_us": updated_us,
        "closed_us": None,
        "mentions": 320,
        "authors": 240,
        "peak_mentions": 58,
        "reasons": msgspec.json.encode(reasons).decode(),
        "evidence": msgspec.json.encode(evidence).decode(),
        "drill": False,
        "set_aside": 0,
        "authenticity": "null",
        "acknowledged_us": None,
        "acknowledged_by": None,
        "dismissed_us": None,
    }
    connection.execute(insert(schema.incidents), [row | changes])


def note_timeline(
    connection: Connection, identifier: str, lines: list[tuple[int, str, dict[str, float], list[str]]]
) -> None:
    """Insert what the system wrote on a timeline."""

    def rows() -> Iterator[dict[str, Any]]:
        for sequence, (at_us, kind, facts, evidence) in enumerate(lines):
            yield {
                "incident": identifier,
                "at_us": at_us,
                "kind": kind,
                "sequence": sequence,
                "recorded_us": at_us + 30 * SECOND_US,
                "text": say(kind, facts),
                "facts": msgspec.json.encode(facts).decode(),
                "evidence": msgspec.json.encode(evidence).decode(),
                "actor": None,
            }

    connection.execute(insert(schema.timeline), list(rows()))
