from __future__ import annotations

import io
from collections.abc import Mapping

import pytest

from monitor.errors import InputRefused
from monitor.mentions import Author, Engagement, Mention
from monitor.sources import Decoded
from monitor.sources.table import Table


def read(text: str | bytes, columns: Mapping[str, str] | None = None) -> Decoded:
    table = Table(columns)
    data = text if isinstance(text, bytes) else text.encode()
    return table.decode(list(table.records(io.BytesIO(data))))


def mentions(text: str, columns: Mapping[str, str] | None = None) -> list[Mention]:
    decoded = read(text, columns)
    assert decoded.malformed == []
    return [item for item in decoded.items if isinstance(item, Mention)]


def test_columns_are_known_by_their_usual_names() -> None:
    (mention,) = mentions(
        "Tweet ID,Created At,user_id,screen_name,followers_count,"
        "lang,like_count,in_reply_to_status_id,full_text,sentiment\n"
        "9,2026-01-15T21:52:00Z,7,@ana,12,fr-FR,3,5,Encore @tramlia #retard https://news.example/1,negative\n"
    )
    assert mention == Mention(
        network="csv",
        id="9",
        kind="reply",
        published_us=1_768_513_920_000_000,
        author=Author("7", "ana", 12),
        text="Encore @tramlia #retard https://news.example/1",
        lang="fr",
        hashtags=("retard",),
        links=("https://news.example/1",),
        mentioned=("tramlia",),
        parent_id="5",
        root_id="5",
        engagement=Engagement(likes=3),
    )


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_any_usual_delimiter_is_found(delimiter: str) -> None:
    rows = ["date,user,text", "2026-01-15,ana,x", "2026-01-16,lou,y"]
    texts = [mention.text for mention in mentions("\n".join(rows).replace(",", delimiter))]
    assert texts == ["x", "y"]


def test_a_cell_may_span_lines_and_hold_quotes_and_delimiters() -> None:
    (first, second) = mentions('unix,text\n1424159328,"a, ""b""\nc"\n1424159329,d\n')
    assert (first.text, second.text) == ('a, "b"\nc', "d")


def test_columns_can_be_named_by_the_caller_also_several_for_one_field() -> None:
    text = "when,hour,headline,body\n2026-01-15,21:52,Panne,Encore\n"
    (mention,) = mentions(text, {"published": "when+hour", "text": "headline+body"})
    assert (mention.text, mention.published_us) == ("Panne Encore", 1_768_513_920_000_000)
    (mention,) = mentions(text, {"created_at": "when", "content": "body"})
    assert mention.text == "Encore"


def test_a_day_and_an_hour_in_two_columns_are_one_time() -> None:
    (mention,) = mentions("date,time,text\n2026-01-15,21:52,x\n")
    assert mention.published_us == 1_768_513_920_000_000


@pytest.mark.parametrize(
    ("header", "columns", "words"),
    [
        ("timestamp,value", {}, "no column for text is recognised; name it with --map text=COLUMN"),
        ("user,text", {}, "no column for published"),
        ("date,text", {"text": "body"}, "there is no column 'body' for text; the header has: date, text"),
        ("date,text", {"mood": "body"}, "the field 'mood' is not known"),
        ("", {}, "no column for published"),
    ],
)
def test_a_table_that_lacks_what_it_needs_is_refused_with_the_remedy(
    header: str, columns: Mapping[str, str], words: str
) -> None:
    with pytest.raises(InputRefused) as refused:
        read(header + "\n", columns)
    assert words in str(refused.value)
    assert not Table(columns).recognises(header.encode())


def test_equal_rows_are_different_posts_and_get_the_same_ids_in_every_export() -> None:
    rows = ["15/01/2026 21:52,ana,lol", "15/01/2026 21:52,ana,lol", "15/01/2026 21:52,lou,lol"]
    decoded = read("\n".join(["date,user,text", *rows]))
    ids = [item.id for item in decoded.items if isinstance(item, Mention)]
    assert len(set(ids)) == 3
    assert decoded.derived_ids == 3
    other = mentions("likes;text;user;date\n5;lol;ana;2026-01-15 21:52:00\n6;lol;ana;2026-01-15 21:52:00\n")
    assert [mention.id for mention in other] == ids[:2]


def test_ids_that_a_spreadsheet_rounded_are_not_ids() -> None:
    first, second = mentions("id,date,text\n1.38249E+18,2026-01-15,a\n1.38249E+18,2026-01-15,b\n")
    assert first.id != second.id


def test_reposts_of_the_same_words_share_a_root() -> None:
    rows = ["RT @ana: Encore en panne", "RT @ana: encore  en PANNE…", "RT @ana: autre chose", "Encore en panne"]
    reposts = mentions("\n".join(["date,user,text", *(f"2026-01-15,u{n},{text}" for n, text in enumerate(rows))]))
    roots = [mention.root_id for mention in reposts]
    assert roots[0] == roots[1] is not None
    assert roots[2] not in {roots[0], None}
    assert [mention.kind for mention in reposts] == ["repost", "repost", "repost", "post"]
    assert reposts[0].text == "Encore en panne"
    assert reposts[0].parent_author_handle == "ana"
    flagged = mentions("date,text,retweet\n2026-01-15,Encore en panne,1\n2026-01-15,Encore en panne,0\n")
    assert [(mention.kind, mention.root_id) for mention in flagged] == [("repost", roots[0]), ("post", None)]


def test_counts_on_a_repost_are_not_its_own() -> None:
    (mention,) = mentions("date,text,retweet_count\n2026-01-15,RT @ana: x,7\n")
    assert mention.engagement is None


def test_numbers_are_read_as_tables_write_them() -> None:
    followers = ["12", '"1,204"', "34.0", "", "NaN", "null"]
    decoded = mentions("\n".join(["date,text,followers", *(f"2026-01-15,x,{cell}" for cell in followers)]))
    assert [mention.author.followers for mention in decoded] == [12, 1204, 34, None, None, None]


def test_the_network_is_that_of_its_column() -> None:
    cells = ["Twitter", "bsky.app", "Le Forum", "", "42"]
    decoded = mentions("\n".join(["date,text,network", *(f"2026-01-15,x,{cell}" for cell in cells)]))
    assert [mention.network for mention in decoded] == ["x", "bluesky", "le_forum", "csv", "csv"]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (b"hier,ana,x,1", "no_time"),
        (b"2026-02-30,ana,x,1", "no_time"),
        (b"2026-01-15,ana,x,many", "bad_field"),
        (b"2026-01-15,ana,x,-5", "bad_field"),
        (b"2026-01-15,ana,x,inf", "bad_field"),
        (b"2026-01-15,ana", "bad_row"),
        (b"2026-01-15,ana,x,y,1", "bad_row"),
        (b"2026-01-15,ana,\xe9t\xe9,1", "not_utf8"),
        (b"2026-01-15,ana," + b"x" * 200_000 + b",1", "bad_row"),
    ],
)
def test_what_is_wrong_is_said(row: bytes, reason: str) -> None:
    good = b"2026-01-15,ana,x,1"
    decoded = read(b"\n".join([b"date,user,text,followers", good, row, good]))
    assert [(malformed.record, malformed.reason) for malformed in decoded.malformed] == [(2, reason)]
    assert len(decoded.items) == 2


def test_blank_rows_are_ignored_but_counted() -> None:
    decoded = read("date,text\n\n2026-01-15,x\n\n")
    assert (len(decoded.items), decoded.ignored, decoded.read) == (1, 2, 3)


def test_a_spreadsheets_hint_is_not_the_header() -> None:
    text = "sep=;\ndate;text\n2026-01-15;x\n"
    assert Table().recognises(text.encode())
    assert len(mentions(text)) == 1
