"""The first tables."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

__all__ = ["down_revision", "revision", "upgrade"]

revision: Final = "0001"
down_revision: Final = None

WORD: Final = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")
UNSENT: Final = sa.text("sent_us IS NULL")
FORGOTTEN: Final = sa.text("features IS NULL")
KEY_IS_NOT_ROOT: Final = sa.text('"key" != root')


def upgrade() -> None:
    """Create every table."""
    _alerts()
    _cascades()
    _counts()
    _cursors()
    _incidents()
    _mentions()
    _seen()
    _signals()
    _state()
    _timeline()
    _tone_feedback()
    _topic_states()
    _topics()


def _alerts() -> None:
    op.create_table(
        "alerts",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("incident", WORD, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("recorded_us", sa.BigInteger(), nullable=False),
        sa.Column("sent_us", sa.BigInteger()),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_attempt_us", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("key"),
    )
    op.create_index("alerts_unsent", "alerts", ["number"], unique=False, sqlite_where=UNSENT, postgresql_where=UNSENT)


def _cascades() -> None:
    op.create_table(
        "cascades",
        sa.Column("topic", WORD, nullable=False),
        sa.Column("root", sa.BigInteger(), nullable=False),
        sa.Column("network", sa.Text(), nullable=False),
        sa.Column("root_id", sa.Text(), nullable=False),
        sa.Column("started_us", sa.BigInteger(), nullable=False),
        sa.Column("updated_us", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("authors", sa.Integer(), nullable=False),
        sa.Column("potential_reach", sa.BigInteger(), nullable=False),
        sa.Column("growth_per_hour", sa.Integer(), nullable=False),
        sa.Column("acceleration", sa.Float(), nullable=False),
        sa.Column("tone", sa.Float(), nullable=False),
        sa.Column("rate_per_hour", sa.Float(), nullable=False),
        sa.Column("doubling_s", sa.Float()),
        sa.Column("reproduction", sa.Float()),
        sa.Column("reproduction_low", sa.Float()),
        sa.Column("reproduction_high", sa.Float()),
        sa.Column("final_size", sa.BigInteger()),
        sa.Column("final_low", sa.BigInteger()),
        sa.Column("final_high", sa.BigInteger()),
        sa.Column("estimated_reach", sa.BigInteger(), nullable=False),
        sa.Column("new_author_share", sa.Float()),
        sa.Column("edges", sa.Text()),
        sa.Column("depth", sa.Integer()),
        sa.Column("depth_low", sa.Integer()),
        sa.Column("depth_high", sa.Integer()),
        sa.Column("breadth", sa.Integer()),
        sa.Column("virality", sa.Float()),
        sa.Column("virality_low", sa.Float()),
        sa.Column("virality_high", sa.Float()),
        sa.Column("replies", sa.Integer(), nullable=False),
        sa.Column("repliers", sa.Integer(), nullable=False),
        sa.Column("reply_depth", sa.Integer()),
        sa.Column("reply_breadth", sa.Integer()),
        sa.Column("reply_virality", sa.Float()),
        sa.PrimaryKeyConstraint("topic", "root"),
        sqlite_with_rowid=False,
    )
    op.create_index("cascades_by_update", "cascades", ["topic", "updated_us"], unique=False)


def _counts() -> None:
    op.create_table(
        "counts",
        sa.Column("name", WORD, nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def _cursors() -> None:
    op.create_table(
        "cursors",
        sa.Column("source", WORD, nullable=False),
        sa.Column("position", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("source"),
    )


def _incidents() -> None:
    op.create_table(
        "incidents",
        sa.Column("id", WORD, nullable=False),
        sa.Column("topic", WORD, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("opened_us", sa.BigInteger(), nullable=False),
        sa.Column("since_us", sa.BigInteger(), nullable=False),
        sa.Column("peak_us", sa.BigInteger(), nullable=False),
        sa.Column("updated_us", sa.BigInteger(), nullable=False),
        sa.Column("worst_us", sa.BigInteger(), nullable=False),
        sa.Column("closed_us", sa.BigInteger()),
        sa.Column("mentions", sa.Integer(), nullable=False),
        sa.Column("authors", sa.Integer(), nullable=False),
        sa.Column("peak_mentions", sa.Integer(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("drill", sa.Boolean(), nullable=False),
        sa.Column("set_aside", sa.Integer(), nullable=False),
        sa.Column("authenticity", sa.Text(), nullable=False),
        sa.Column("paused_us", sa.BigInteger()),
        sa.Column("resumed_us", sa.BigInteger()),
        sa.Column("resumed", sa.Text()),
        sa.Column("acknowledged_us", sa.BigInteger()),
        sa.Column("acknowledged_by", sa.Text()),
        sa.Column("dismissed_us", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("incidents_by_topic", "incidents", ["topic", "opened_us"], unique=False)


def _mentions() -> None:
    op.create_table(
        "mentions",
        sa.Column("topic", WORD, nullable=False),
        sa.Column("published_us", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("network", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("author", sa.BigInteger(), nullable=False),
        sa.Column("handle", sa.Text()),
        sa.Column("followers", sa.BigInteger()),
        sa.Column("verified", sa.Boolean()),
        sa.Column("root", sa.BigInteger(), nullable=False),
        sa.Column("root_id", sa.Text(), nullable=False),
        sa.Column("root_author", sa.BigInteger()),
        sa.Column("tone", sa.Float(), nullable=False),
        sa.Column("lang", sa.Text()),
        sa.Column("hashtags", sa.Text(), nullable=False),
        sa.Column("text", sa.Text()),
        sa.Column("url", sa.Text()),
        sa.Column("term", sa.Text(), nullable=False),
        sa.Column("is_own", sa.Boolean(), nullable=False),
        sa.Column("answers_own", sa.Boolean(), nullable=False),
        sa.Column("parent", sa.BigInteger()),
        sa.Column("account_created_us", sa.BigInteger()),
        sa.Column("role", sa.Text()),
        sa.Column("alarm_words", sa.Integer(), nullable=False),
        sa.Column("is_ironic", sa.Boolean(), nullable=False),
        sa.Column("fingerprint", sa.BigInteger(), nullable=False),
        sa.Column("links", sa.Text(), nullable=False),
        sa.Column("images", sa.Text(), nullable=False),
        sa.Column("is_late", sa.Boolean(), nullable=False),
        sa.Column("heard_us", sa.BigInteger()),
        sa.Column("replies", sa.Integer()),
        sa.Column("reposts", sa.Integer()),
        sa.Column("quotes", sa.Integer()),
        sa.Column("likes", sa.Integer()),
        sa.PrimaryKeyConstraint("topic", "published_us", "key"),
        sqlite_with_rowid=False,
    )
    op.create_index("mentions_by_author", "mentions", ["author"], unique=False)
    op.create_index(
        "mentions_by_key",
        "mentions",
        ["key"],
        unique=False,
        sqlite_where=KEY_IS_NOT_ROOT,
        postgresql_where=KEY_IS_NOT_ROOT,
    )
    op.create_index("mentions_by_root", "mentions", ["root", "topic"], unique=False)
    op.create_index(
        "mentions_late",
        "mentions",
        ["topic", "is_late", "published_us", "is_own"],
        unique=False,
        sqlite_where=sa.text("is_late IS 1"),
        postgresql_where=sa.text("is_late IS true"),
    )


def _seen() -> None:
    op.create_table(
        "seen",
        sa.Column("block", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("keys", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("block"),
    )


def _signals() -> None:
    op.create_table(
        "signals",
        sa.Column("topic", WORD, nullable=False),
        sa.Column("start_us", sa.BigInteger(), nullable=False),
        sa.Column("mentions", sa.Integer(), nullable=False),
        sa.Column("expected", sa.Float(), nullable=False),
        sa.Column("lower", sa.Float(), nullable=False),
        sa.Column("upper", sa.Float(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("measures", sa.LargeBinary(), nullable=False),
        sa.Column("verdicts", sa.LargeBinary(), nullable=False),
        sa.Column("set_aside", sa.Integer(), nullable=False),
        sa.Column("revised", sa.Integer(), nullable=False),
        sa.Column("authenticity", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("topic", "start_us"),
        sqlite_with_rowid=False,
    )


def _state() -> None:
    op.create_table(
        "state",
        sa.Column("one", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("pipeline", sa.LargeBinary(), nullable=False),
        sa.Column("watermark_us", sa.BigInteger(), nullable=False),
        sa.Column("event_time_us", sa.BigInteger(), nullable=False),
        sa.Column("recorded_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("one"),
    )


def _timeline() -> None:
    op.create_table(
        "timeline",
        sa.Column("incident", WORD, nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("recorded_us", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text()),
        sa.PrimaryKeyConstraint("incident", "at_us", "kind", "sequence"),
    )


def _tone_feedback() -> None:
    op.create_table(
        "tone_feedback",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("topic", WORD, nullable=False),
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("lexicon", sa.Float(), nullable=False),
        sa.Column("features", sa.LargeBinary()),
        sa.Column("is_alarming", sa.Boolean(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("recorded_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("tone_feedback_by_key", "tone_feedback", ["key"], unique=False)
    op.create_index(
        "tone_feedback_forgotten",
        "tone_feedback",
        ["number"],
        unique=False,
        sqlite_where=FORGOTTEN,
        postgresql_where=FORGOTTEN,
    )


def _topic_states() -> None:
    op.create_table(
        "topic_states",
        sa.Column("topic", WORD, nullable=False),
        sa.Column("next_us", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("topic"),
    )


def _topics() -> None:
    op.create_table(
        "topics",
        sa.Column("id", WORD, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
