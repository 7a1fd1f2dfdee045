"""What people do on the war room goes through the service's API: the page itself reads and cannot write.

BADBUZZ_API is the service's address, such as http://127.0.0.1:8700; BADBUZZ_API_TOKEN_FILE holds the token it asks for,
if it asks for one. Without an address nothing can be done here, and nothing is offered.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final, Literal
from urllib.parse import quote

import httpx

from monitor.tone import Said

__all__ = ["Deed", "act", "can_act", "correct_tone"]

Deed = Literal["acknowledge", "note", "resolve", "dismiss"]

PATIENCE_SECONDS: Final = 3.0


def can_act() -> bool:
    """Tell whether the service's address is known."""
    return bool(os.environ.get("BADBUZZ_API"))


def act(incident: str, deed: Deed, actor: str, text: str) -> str | None:
    """Tell the service what somebody did about an incident; return what went wrong, ``None`` if nothing did."""
    return _send(f"/api/incidents/{quote(incident, safe='')}/{deed}", {"actor": actor, "text": text})


def correct_tone(topic: str, post: str, said: Said, actor: str) -> str | None:
    """Tell the service how a post (``network:id``) sounds; return what went wrong, ``None`` if nothing did."""
    return _send(f"/api/topics/{topic}/tone", {"actor": actor, "post": post, "said": said})


def _send(path: str, body: dict[str, str]) -> str | None:
    address = os.environ.get("BADBUZZ_API", "").rstrip("/")
    try:
        with httpx.Client(timeout=PATIENCE_SECONDS, trust_env=False, headers=_token()) as client:
            answer = client.post(f"{address}{path}", json=body)
        return None if answer.is_success else str(answer.json()["detail"])
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError, KeyError) as error:
        return f"{address}: {type(error).__name__}"


def _token() -> dict[str, str]:
    path = os.environ.get("BADBUZZ_API_TOKEN_FILE")
    lines = Path(path).read_text(encoding="utf-8").split() if path else []
    return {"Authorization": f"Bearer {lines[0]}"} if lines else {}
