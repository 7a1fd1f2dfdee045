"""When does the product as it comes speak up on recorded crises? The production pipeline with its default policy.

Run ``python -m tests.benchmarks.recorded_alarms FOLDER``; FOLDER holds the recordings. For the hoax it prints minutes
from the first post to the first incident; for the airlines, as one topic and each as its own, every incident of the
recorded week, which ends in a winter storm (22 and 23 February 2015). Both recordings were looked at while the product
was built.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from monitor.clock import MINUTE_US, rfc3339
from monitor.incidents import Incident, TimelineEntry
from monitor.mentions import Mention
from monitor.pipeline import Outcome, Pipeline
from monitor.sources.recordings import open_recording
from monitor.topics import Topic

FAR_US = 1_893_456_000_000_000
HOAX = "troll_hoax/stream.csv.gz"
AIRLINES = "airline_complaints/mentions.csv.gz"


def incidents_on(recording: Path, queries: Sequence[str]) -> tuple[dict[str, int], list[Incident], list[TimelineEntry]]:
    """Return the first mention of each query's topic, every incident in order, and their timelines."""
    topics = [Topic(id=f"t{place}", name=query, query=query, time_zone="UTC") for place, query in enumerate(queries)]
    pipeline = Pipeline(topics, b"recorded")
    with open_recording(recording) as source:
        posts = [item for decoded, _ in source.batches() for item in decoded.items if isinstance(item, Mention)]
    whole = Outcome()
    for outcome in (
        pipeline.step("recorded", sorted(posts, key=lambda post: post.published_us), FAR_US),
        pipeline.finish(),
    ):
        whole.add(outcome)
    first: dict[str, int] = {}
    for kept in whole.kept:
        query = queries[int(kept.match.topic[1:])]
        first[query] = min(kept.match.published_us, first.get(query, kept.match.published_us))
    return first, sorted(whole.incidents.values(), key=lambda one: one.opened_us), whole.timeline


def main() -> None:
    """Print both."""
    folder = Path(sys.argv[1])
    query = "#PhosphorusDisaster"
    first, found, timeline = incidents_on(folder / HOAX, [query])
    print(f"{query}: first post {rfc3339(first[query])}")
    show(found, timeline, first[query])
    airlines = ("@united", "@southwestair", "@virginamerica")
    for queries in ((" OR ".join(airlines),), airlines):
        _, found, timeline = incidents_on(folder / AIRLINES, queries)
        print(f"airlines ({', '.join(f't{place}: {one}' for place, one in enumerate(queries))})")
        show(found, timeline)


def show(incidents: Sequence[Incident], timeline: Sequence[TimelineEntry], since_us: int | None = None) -> None:
    """Print when each incident opened and was raised."""
    for one in incidents:
        steps = [entry for entry in timeline if entry.incident == one.id and entry.kind in ("opened", "escalated")]
        for entry in steps:
            after = "" if since_us is None else f" ({(entry.at_us - since_us) / MINUTE_US:.0f} minutes after)"
            print(f"  {one.topic} {rfc3339(entry.at_us)}{after} {entry.text} {[reason.name for reason in one.reasons]}")


if __name__ == "__main__":
    main()
