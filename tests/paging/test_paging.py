"""End to end: posts in at the ingest endpoint, a page out at Alertmanager's webhook, by the real programs."""

from __future__ import annotations

import shutil
import subprocess
import time
from datetime import UTC, datetime
from random import Random

import pytest

from monitor.clock import DAY_US, HOUR_US, MINUTE_US, from_datetime
from monitor.mentions import Author, Mention
from monitor.sources.ndjson import encode
from tests.made import own_words

pytestmark = [pytest.mark.paging, pytest.mark.timeout(300)]

BEGIN_US = from_datetime(datetime(2026, 1, 5, tzinfo=UTC))
SPIKE_US = BEGIN_US + 21 * DAY_US + 3 * HOUR_US  # a Monday, 03:00: three weeks of ordinary days later
SECOND_SPIKE_US = SPIKE_US + DAY_US
ORDINARY = ("{} ce matin, comme d'habitude", "passé chez {} tout à l'heure", "new {} shop near the station", "{} ?")
ANGRY = (
    "{} quelle honte, un scandale, je résilie #Boycott{}",
    "arnaque totale chez {}, service client lamentable, scandaleux",
    "{} is a disgrace, worst company ever, boycott",
)
HANDLE = "camille_dupont_1987"


def post(brand: str, at_us: int, texts: tuple[str, ...], random: Random) -> Mention:
    """Return a post by somebody who never posted before."""
    number = random.getrandbits(60)
    return Mention(
        network="forum",
        id=f"{number}",
        kind="post",
        published_us=at_us,
        author=Author(id=f"author-{number}", handle=HANDLE, followers=random.randrange(50, 900)),
        text=f"{random.choice(texts).replace('{}', brand)} {own_words(random)}",
    )


def lines(mentions: list[Mention]) -> bytes:
    """Return mentions in the order of their time, as ingest takes them."""
    return b"".join(map(encode, sorted(mentions, key=lambda mention: mention.published_us)))


def ordinary(start_us: int, end_us: int, seed: int) -> bytes:
    """Return an ordinary stretch of time: a mention of each brand every quarter of an hour, by chance."""
    random = Random(seed)
    mentions = []
    for brand in ("acme", "globex"):
        now = float(start_us)
        while (now := now + random.expovariate(1 / (15 * MINUTE_US))) < end_us:
            mentions.append(post(brand, int(now), ORDINARY, random))
    return lines(mentions)


def firestorm(brand: str, start_us: int, seed: int) -> bytes:
    """Return twenty minutes of anger, thirty posts a minute."""
    random = Random(seed)
    times = [start_us + random.randrange(20 * MINUTE_US) for _ in range(600)]
    return lines([post(brand, at_us, ANGRY, random) for at_us in times])


@pytest.fixture(scope="module", autouse=True)
def history(chain) -> None:
    """Three weeks in which nothing happens."""
    for week in range(3):
        start_us = BEGIN_US + week * 7 * DAY_US
        chain.ingest(ordinary(start_us, start_us + 7 * DAY_US, week))
    chain.ingest(ordinary(BEGIN_US + 21 * DAY_US, SPIKE_US, 3))


def test_ordinary_weeks_page_nobody_and_the_watchdog_barks(chain, wait_until):
    wait_until(lambda: chain.sink.alerts("dead-man", "Watchdog", "firing"), 30, "no Watchdog")
    pages = [payload["alerts"] for name, payload, _ in list(chain.sink.received) if name == "pager"]
    assert pages == []


def test_a_spike_pages_once_though_two_instances_see_it_and_resolves_when_it_is_over(chain, wait_until):
    began = time.monotonic()
    chain.ingest(firestorm("acme", SPIKE_US, 4))
    wait_until(lambda: chain.sink.alerts("pager", "BrandIncidentPage", "firing"), 30, "no page")
    # Two evaluations and a group_wait are 3 s; the rest is for a busy machine.
    assert time.monotonic() - began < 15

    (page,) = chain.sink.alerts("pager", "BrandIncidentPage", "firing")
    assert page["labels"] == {
        "alertname": "BrandIncidentPage",
        "topic": "acme",
        "severity": "critical",
        "page": "yes",
        "owner": "social",
    }
    assert page["annotations"]["summary"].startswith("critical · Acme Télécom · ")
    assert page["annotations"]["runbook_url"] == "rules/RUNBOOK.md#brandincidentpage"
    for word in (HANDLE, "honte", "arnaque", "Boycott", "forum"):
        assert word not in str(page)

    chain.ingest(ordinary(SPIKE_US + 20 * MINUTE_US, SECOND_SPIKE_US, 5))
    (end,) = wait_until(
        lambda: chain.sink.alerts("pager", "BrandIncidentPage", "resolved"), 60, "the page is not resolved"
    )
    assert end["labels"] == page["labels"]
    assert len({alert["startsAt"] for alert in chain.sink.alerts("pager", "BrandIncidentPage", "firing")}) == 1


def test_no_page_is_lost_when_all_of_it_happens_while_alertmanager_is_dead(chain, wait_until):
    """Reliability promise 5 on a compressed clock: the hour of `keep_firing_for` lasts a quarter of a minute here."""
    chain.alertmanager.kill()
    chain.ingest(firestorm("globex", SECOND_SPIKE_US, 6))
    wait_until(lambda: chain.fires(alertname="BrandIncidentPage", topic="globex"), 15, "Prometheus sees no page")
    chain.ingest(ordinary(SECOND_SPIKE_US + 20 * MINUTE_US, SECOND_SPIKE_US + DAY_US, 7))
    wait_until(lambda: not shows_page(chain, "globex"), 15, "the incident does not close")
    assert not chain.sink.alerts("pager", "BrandIncidentPage", "firing", topic="globex")
    chain.alertmanager.start()
    wait_until(lambda: chain.sink.alerts("pager", "BrandIncidentPage", "firing", topic="globex"), 30, "page lost")
    wait_until(lambda: chain.sink.alerts("pager", "BrandIncidentPage", "resolved", topic="globex"), 60, "no end")


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
def test_promtool_finds_nothing_to_say_about_the_live_page(chain):
    page = chain.instances[0].metrics().encode()
    check = subprocess.run(["promtool", "check", "metrics"], input=page, capture_output=True, check=False, timeout=30)
    assert (check.returncode, check.stdout + check.stderr) == (0, b"")


def test_when_both_instances_die_a_page_of_its_own_says_so(chain, wait_until):
    for instance in chain.instances:
        assert instance.daemon.stop() == 0
    wait_until(lambda: chain.sink.alerts("pager", "IngestAbsent", "firing", severity="critical"), 60, "nobody notices")


def shows_page(chain, topic: str) -> bool:
    line = f'badbuzz_incident_page{{severity="critical",topic="{topic}"}} 1.0'
    return line in chain.instances[0].metrics()
