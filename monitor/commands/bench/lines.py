"""What is measured on: synthetic lines of the size and shape of the real wires, about made-up topics."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Final

import msgspec

from monitor.clock import SECOND_US, rfc3339
from monitor.topics import Topic

__all__ = ["START_US", "Load", "made_lines", "made_topics"]

START_US: Final = 1_768_513_920 * SECOND_US
SYLLABLES: Final = ("ba", "ko", "li", "mar", "ten", "vu", "sol", "ri", "dan", "pel", "zo", "nor", "tik", "gau", "fen")
SENTENCES: Final = """
le train de ce matin était plein alors nous avons pris le suivant avec les enfants et leurs vélos jusqu à la gare
quelqu un sait si la boutique du centre ouvre dimanche parce que je voudrais changer mon téléphone avant lundi
they said the parcel would come on tuesday between nine and noon so i am working from home with the cat today
new menu at the corner place near the station we tried it yesterday and my sister took three pictures of the table
j attends toujours ma commande depuis mardi et personne ne répond merci pour rien the app keeps crashing again thanks
"""
WORDS: Final = SENTENCES.split()


@dataclass(frozen=True)
class Load:
    """What is measured on; the options of the command."""

    posts: int
    topics: int
    matching: float
    pace: int
    repeats: int


def made_topics(count: int) -> list[Topic]:
    """Return topics with made-up names, always the same."""
    random = Random(7)
    names: dict[str, None] = {}
    while len(names) < count:
        names["".join(random.choices(SYLLABLES, k=3)) + random.choice(SYLLABLES)] = None
    return [
        Topic(id=f"t{number}", name=name, query=f'{name} OR #{name} OR "{name} service"')
        for number, name in enumerate(names)
    ]


class Texts:
    """Texts as long as in a recorded sample of X (78 letters on average), a fixed share of which name a topic."""

    def __init__(self, topics: Sequence[Topic], matching: float) -> None:
        self.random = Random(11)
        self._topics = topics
        self._matching = matching
        self._roots: dict[int, str] = {}
        self.posts: list[int] = []  # numbers of the lines so far that can be reposted

    def fresh(self) -> str:
        """Return the text of a new post."""
        words = self.random.choices(WORDS, k=self.random.randint(4, 28))
        if self.random.random() < self._matching:
            words[self.random.randrange(len(words))] = self.random.choice(self._topics).name
        return " ".join(words)

    def of_root(self, root: int) -> str:
        """Return the text of a root that is reposted, always the same."""
        if root not in self._roots:
            self._roots[root] = self.fresh()
        return self._roots[root]


def made_lines(wire: str, load: Load, topics: Sequence[Topic]) -> Iterator[bytes]:
    """Give the lines of ``x_v2`` or ``jetstream``, always the same for the same load."""
    texts = Texts(topics, load.matching)
    encode = msgspec.json.Encoder().encode
    line = _x_line if wire == "x_v2" else _jetstream_line
    for number in range(load.posts):
        yield encode(line(texts, number, START_US + number * SECOND_US // load.pace))


def _x_line(texts: Texts, number: int, at_us: int) -> dict[str, Any]:
    """One line of the X API v2 filtered stream; three in ten are retweets of one of ten thousand roots."""
    random = texts.random
    author, original = str(10**9 + random.randrange(10**8)), None
    identifier = str(1_482_000_000_000_000_000 + number * 4096)
    users = [_x_user(random, author)]
    if random.random() < 0.3:
        root = random.randrange(10_000)
        owner, text = str(10**9 + root), texts.of_root(root)
        original = _x_post(random, str(1_481_000_000_000_000_000 + root), owner, at_us - 3600 * SECOND_US, text)
        post = _x_post(random, identifier, author, at_us, f"RT @u{owner}: {text}"[:140])
        post["referenced_tweets"] = [{"type": "retweeted", "id": original["id"]}]
        users.append(_x_user(random, owner))
    else:
        post = _x_post(random, identifier, author, at_us, texts.fresh())
    return {
        "data": post,
        "includes": {"users": users, **({"tweets": [original]} if original else {})},
        "matching_rules": [{"id": "1478000000000000001", "tag": "brands"}],
    }


def _x_post(random: Random, identifier: str, author: str, at_us: int, text: str) -> dict[str, Any]:
    return {
        "id": identifier,
        "edit_history_tweet_ids": [identifier],
        "author_id": author,
        "conversation_id": identifier,
        "created_at": rfc3339(at_us - at_us % SECOND_US).replace("Z", ".000Z"),
        "text": text,
        "lang": random.choice(("fr", "en")),
        "possibly_sensitive": False,
        "reply_settings": "everyone",
        "public_metrics": {
            "retweet_count": random.randrange(50),
            "reply_count": random.randrange(20),
            "like_count": random.randrange(500),
            "quote_count": 0,
            "bookmark_count": 0,
            "impression_count": random.randrange(100_000),
        },
        "entities": {
            "hashtags": [{"start": 0, "end": 5, "tag": text.rsplit(maxsplit=1)[-1]}],
            "urls": [
                {
                    "start": 100,
                    "end": 123,
                    "url": "https://t.co/abcdefghij",
                    "expanded_url": f"https://news.example/articles/2026/01/15/{identifier}",
                    "display_url": "news.example/articles/2026/…",
                    "status": 200,
                    "title": "An article about the things that people write about",
                }
            ],
        },
        "context_annotations": [
            {
                "domain": {"id": "47", "name": "Brand", "description": "Brands and Companies"},
                "entity": {"id": "10026378521", "name": "A company"},
            },
            {
                "domain": {"id": "30", "name": "Entities [Entity Service]"},
                "entity": {"id": "781974596", "name": "Rail"},
            },
        ],
    }


def _x_user(random: Random, identifier: str) -> dict[str, Any]:
    return {
        "id": identifier,
        "username": f"u{identifier}",
        "name": "Somebody from Somewhere",
        "created_at": "2014-05-06T07:08:09.000Z",
        "verified": False,
        "protected": False,
        "description": "Parents, trains, cheese. Opinions are those of the cheese. They/them, Lyon and elsewhere.",
        "profile_image_url": f"https://pictures.example/profile_images/{identifier}/normal.jpg",
        "public_metrics": {
            "followers_count": int(random.paretovariate(0.9) * 20),
            "following_count": random.randrange(2_000),
            "tweet_count": random.randrange(90_000),
            "listed_count": random.randrange(50),
        },
    }


def _jetstream_line(texts: Texts, number: int, at_us: int) -> dict[str, Any]:
    """One commit of Jetstream; three in ten are reposts of one of the posts before."""
    random = texts.random
    is_repost = bool(texts.posts) and random.random() < 0.3
    collection = "app.bsky.feed.repost" if is_repost else "app.bsky.feed.post"
    record: dict[str, Any] = {"$type": collection, "createdAt": rfc3339(at_us - at_us % 1000)}
    if is_repost:
        root = random.choice(texts.posts)
        record["subject"] = {
            "uri": f"at://did:plc:{root:024x}/app.bsky.feed.post/{root:013x}",
            "cid": "bafyreib2rxk3rybk3aobmv5cjuql3bm2twh4jo5uxgf5kpqcsgz7soitae",
        }
    else:
        texts.posts.append(number)
        link = {"$type": "app.bsky.richtext.facet#link", "uri": f"https://news.example/articles/{number}"}
        record |= {
            "langs": [random.choice(("fr", "en"))],
            "text": texts.fresh(),
            "facets": [{"features": [link], "index": {"byteStart": 0, "byteEnd": 4}}],
        }
    return {
        "did": f"did:plc:{number:024x}",
        "time_us": at_us,
        "kind": "commit",
        "commit": {
            "rev": f"3l3qo2v{number:06x}",
            "operation": "create",
            "collection": collection,
            "rkey": f"{number:013x}",
            "record": record,
            "cid": "bafyreidwaivazkwu67xztlmuobx35hs2lnfh3kolmgfmucldvhd3sgzcqi",
        },
    }
