"""What the war room may ask, as typed rows. Read only: nothing here can change the store.

Open a :class:`Reading` on a store's URL, take one :meth:`~Reading.snapshot` a page, and ask it::

    with Reading(url).snapshot() as look:
        fresh = freshness(look, clock.now_us())
        rows = topics_now(look, fresh)
"""

from monitor.queries.expectation import Band, Bucket
from monitor.queries.incidents import (
    IncidentRow,
    TimelineRow,
    answered_up_to,
    closed_since,
    evidence_posts,
    incident,
    incident_timeline,
    incidents_of,
    recent_incidents,
)
from monitor.queries.now import STATES, Freshness, StateWord, TopicNow, freshness, topics_now
from monitor.queries.posts import Post, Wording, wording_of
from monitor.queries.promises import Hours, Promise, promises
from monitor.queries.reading import Reading
from monitor.queries.spans import (
    AudienceBand,
    CascadeRow,
    Hashtag,
    PublicAuthor,
    Voices,
    audience_bands,
    authors_who_matter,
    hashtags,
    leading_cascades,
    observed_and_expected,
    own_posts,
    sparkline,
    top_posts,
    topic,
    voices,
)
from monitor.queries.spread import Spread, exported_graph, spread_of

__all__ = [
    "STATES",
    "AudienceBand",
    "Band",
    "Bucket",
    "CascadeRow",
    "Freshness",
    "Hashtag",
    "Hours",
    "IncidentRow",
    "Post",
    "Promise",
    "PublicAuthor",
    "Reading",
    "Spread",
    "StateWord",
    "TimelineRow",
    "TopicNow",
    "Voices",
    "Wording",
    "answered_up_to",
    "audience_bands",
    "authors_who_matter",
    "closed_since",
    "evidence_posts",
    "exported_graph",
    "freshness",
    "hashtags",
    "incident",
    "incident_timeline",
    "incidents_of",
    "leading_cascades",
    "observed_and_expected",
    "own_posts",
    "promises",
    "recent_incidents",
    "sparkline",
    "spread_of",
    "top_posts",
    "topic",
    "topics_now",
    "voices",
    "wording_of",
]
