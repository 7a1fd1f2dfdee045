"""The tables. Every instant is an integer of microseconds since the Unix epoch, in columns ending in ``_us``."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)
from sqlalchemy.dialects import postgresql

__all__ = [
    "alerts",
    "cascades",
    "counts",
    "cursors",
    "incidents",
    "mentions",
    "metadata",
    "seen",
    "signals",
    "state",
    "timeline",
    "tone_feedback",
    "topic_states",
    "topics",
]

metadata = MetaData()

# What we sort by must sort the same everywhere: by code point, whatever the locale of a PostgreSQL server.
Word = Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")

# One row per (mention, topic). Clustered by topic and time: inserts go near the end, reading a window is one scan.
mentions = Table(
    "mentions",
    metadata,
    Column("topic", Word, primary_key=True),
    Column("published_us", BigInteger, primary_key=True),
    Column("key", BigInteger, primary_key=True),
    Column("network", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("author", BigInteger, nullable=False),  # pseudonym
    Column("handle", Text),  # only of public figures, see settings
    Column("followers", BigInteger),
    Column("verified", Boolean),
    Column("root", BigInteger, nullable=False),
    Column("root_id", Text, nullable=False),
    Column("root_author", BigInteger),
    Column("tone", Float, nullable=False),
    Column("lang", Text),
    Column("hashtags", Text, nullable=False),  # separated by one space
    Column("text", Text),  # absent for reposts, and once erased
    Column("url", Text),
    Column("term", Text, nullable=False),
    Column("is_own", Boolean, nullable=False),
    Column("answers_own", Boolean, nullable=False),
    Column("parent", BigInteger),
    Column("account_created_us", BigInteger),
    Column("role", Text),  # what the profile hints at, never the profile
    Column("alarm_words", Integer, nullable=False),
    Column("is_ironic", Boolean, nullable=False),
    Column("fingerprint", BigInteger, nullable=False),
    Column("links", Text, nullable=False),  # keys of pages, separated by one space
    Column("images", Text, nullable=False),  # keys of pictures, of up to 78 digits, separated by one space
    Column("is_late", Boolean, nullable=False),
    Column("heard_us", BigInteger),  # what came late: start of the minute that heard it, if one did
    Column("replies", Integer),
    Column("reposts", Integer),
    Column("quotes", Integer),
    Column("likes", Integer),
    sqlite_with_rowid=False,
)
Index("mentions_by_root", mentions.c.root, mentions.c.topic)
# With the index above, finds a mention by its key (a root's key is its root), at no cost for the roots themselves.
Index(
    "mentions_by_key",
    mentions.c.key,
    sqlite_where=mentions.c.key != mentions.c.root,
    postgresql_where=mentions.c.key != mentions.c.root,
)
Index("mentions_by_author", mentions.c.author)  # to forget one
# What came late is in no row of the signals: the curve counts it here. All of what it asks is in the index, or SQLite
# would rather read the table.
Index(
    "mentions_late",
    mentions.c.topic,
    mentions.c.is_late,
    mentions.c.published_us,
    mentions.c.is_own,
    sqlite_where=mentions.c.is_late.is_(True),
    postgresql_where=mentions.c.is_late.is_(True),
)

# One row per closed window in which something was published, or heard late, or earlier mentions were revised.
signals = Table(
    "signals",
    metadata,
    Column("topic", Word, primary_key=True),
    Column("start_us", BigInteger, primary_key=True),
    Column("mentions", Integer, nullable=False),  # all of them
    Column("expected", Float, nullable=False),  # of this minute alone, with its central 95 % interval
    Column("lower", Float, nullable=False),
    Column("upper", Float, nullable=False),
    Column("score", Float, nullable=False),  # the highest of all detectors
    Column("measures", LargeBinary, nullable=False),  # msgpack: dict of str to float
    Column("verdicts", LargeBinary, nullable=False),  # zstd of msgpack: list of Verdict; what `explain` recomputes
    Column("set_aside", Integer, nullable=False),  # of the mentions; what is expected is without such
    Column("revised", Integer, nullable=False),  # mentions of the hour before that were set aside, or put back
    Column("authenticity", Text, nullable=False),
    sqlite_with_rowid=False,
)

cascades = Table(
    "cascades",
    metadata,
    Column("topic", Word, primary_key=True),
    Column("root", BigInteger, primary_key=True),
    Column("network", Text, nullable=False),
    Column("root_id", Text, nullable=False),
    Column("started_us", BigInteger, nullable=False),
    Column("updated_us", BigInteger, nullable=False),
    Column("size", Integer, nullable=False),
    Column("authors", Integer, nullable=False),
    Column("potential_reach", BigInteger, nullable=False),
    Column("growth_per_hour", Integer, nullable=False),
    Column("acceleration", Float, nullable=False),
    Column("tone", Float, nullable=False),
    Column("rate_per_hour", Float, nullable=False),
    Column("doubling_s", Float),
    Column("reproduction", Float),
    Column("reproduction_low", Float),
    Column("reproduction_high", Float),
    Column("final_size", BigInteger),
    Column("final_low", BigInteger),
    Column("final_high", BigInteger),
    Column("estimated_reach", BigInteger, nullable=False),
    Column("new_author_share", Float),
    Column("edges", Text),
    Column("depth", Integer),
    Column("depth_low", Integer),
    Column("depth_high", Integer),
    Column("breadth", Integer),
    Column("virality", Float),
    Column("virality_low", Float),
    Column("virality_high", Float),
    Column("replies", Integer, nullable=False),
    Column("repliers", Integer, nullable=False),
    Column("reply_depth", Integer),
    Column("reply_breadth", Integer),
    Column("reply_virality", Float),
    sqlite_with_rowid=False,
)
Index("cascades_by_update", cascades.c.topic, cascades.c.updated_us)

incidents = Table(
    "incidents",
    metadata,
    Column("id", Word, primary_key=True),
    Column("topic", Word, nullable=False),
    Column("state", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("opened_us", BigInteger, nullable=False),
    Column("since_us", BigInteger, nullable=False),
    Column("peak_us", BigInteger, nullable=False),
    Column("updated_us", BigInteger, nullable=False),
    Column("worst_us", BigInteger, nullable=False),
    Column("closed_us", BigInteger),
    Column("mentions", Integer, nullable=False),
    Column("authors", Integer, nullable=False),
    Column("peak_mentions", Integer, nullable=False),
    Column("reasons", Text, nullable=False),  # JSON list of Reason
    Column("evidence", Text, nullable=False),  # JSON list of network:id
    Column("drill", Boolean, nullable=False),
    Column("set_aside", Integer, nullable=False),
    Column("authenticity", Text, nullable=False),  # JSON of Authenticity, or null
    Column("paused_us", BigInteger),
    Column("resumed_us", BigInteger),
    Column("resumed", Text),
    Column("acknowledged_us", BigInteger),  # what people did: monitor.desk
    Column("acknowledged_by", Text),
    Column("dismissed_us", BigInteger),
)
Index("incidents_by_topic", incidents.c.topic, incidents.c.opened_us)

timeline = Table(
    "timeline",
    metadata,
    Column("incident", Word, primary_key=True),
    Column("at_us", BigInteger, primary_key=True),
    Column("kind", Word, primary_key=True),
    Column("sequence", Integer, primary_key=True),
    Column("recorded_us", BigInteger, nullable=False),
    Column("text", Text, nullable=False),
    Column("facts", Text, nullable=False),  # JSON dict: the numbers in the text, to say it in another language
    Column("evidence", Text, nullable=False),  # JSON list of network:id
    Column("actor", Text),  # the person, for what people did
)

# The outbox: written with the incident, emptied by the notifiers.
alerts = Table(
    "alerts",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("key", Text, nullable=False, unique=True),
    Column("incident", Word, nullable=False),
    Column("body", Text, nullable=False),  # JSON of Alert
    Column("recorded_us", BigInteger, nullable=False),
    Column("sent_us", BigInteger),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_attempt_us", BigInteger, nullable=False, server_default="0"),
)

_unsent = alerts.c.sent_us.is_(None)
Index("alerts_unsent", alerts.c.number, sqlite_where=_unsent, postgresql_where=_unsent)

# What people said of a post's tone, append-only. No text: features are hashed, and dropped when the post is erased.
tone_feedback = Table(
    "tone_feedback",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("topic", Word, nullable=False),
    Column("key", BigInteger, nullable=False),
    Column("said", Text, nullable=False),
    Column("lexicon", Float, nullable=False),
    Column("features", LargeBinary),
    Column("is_alarming", Boolean, nullable=False),
    Column("actor", Text, nullable=False),
    Column("at_us", BigInteger, nullable=False),
    Column("recorded_us", BigInteger, nullable=False),
)
Index("tone_feedback_by_key", tone_feedback.c.key)
_forgotten = tone_feedback.c.features.is_(None)
Index("tone_feedback_forgotten", tone_feedback.c.number, sqlite_where=_forgotten, postgresql_where=_forgotten)

topics = Table(
    "topics",
    metadata,
    Column("id", Word, primary_key=True),
    Column("body", Text, nullable=False),  # JSON of Topic, so that the war room knows names and accounts
    Column("active", Boolean, nullable=False),
)

topic_states = Table(
    "topic_states",
    metadata,
    Column("topic", Word, primary_key=True),
    Column("next_us", BigInteger, nullable=False),  # start of the first minute that is not part of it
    Column("state", LargeBinary, nullable=False),
)

# Keys of items in order of first sight, one row a commit: eight bytes a key, little-endian, signed. `block` is how
# many keys came before this row since the beginning.
seen = Table(
    "seen",
    metadata,
    Column("block", BigInteger, primary_key=True, autoincrement=False),
    Column("size", Integer, nullable=False),
    Column("keys", LargeBinary, nullable=False),
)

counts = Table(
    "counts",
    metadata,
    Column("name", Word, primary_key=True),
    Column("value", BigInteger, nullable=False),
)

cursors = Table(
    "cursors",
    metadata,
    Column("source", Word, primary_key=True),
    Column("position", LargeBinary, nullable=False),
    Column("recorded_us", BigInteger, nullable=False),
)

# One row: the pipeline's own state and how fresh everything is.
state = Table(
    "state",
    metadata,
    Column("one", Integer, primary_key=True, autoincrement=False),  # always 1
    Column("pipeline", LargeBinary, nullable=False),
    Column("watermark_us", BigInteger, nullable=False),
    Column("event_time_us", BigInteger, nullable=False),
    Column("recorded_us", BigInteger, nullable=False),
)
