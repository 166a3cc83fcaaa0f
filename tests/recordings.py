"""Exchanges with real servers, recorded, and a server that answers as they did.

They are third-party text and no part of the project; they are looked for beside the checkout, in `../shared/sync`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from newsreader.fetch.servers.greader import item_id
from tests.newsstand import Newsstand, Request, Talk

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "sync"
_VOLATILE = {
    "T",
    "n",
    "output",
    "api_key",
    "sid",
    "limit",
    "skip",
    "show_content",
    "show_excerpt",
    "include_attachments",
}


@dataclass(frozen=True)
class Exchange:
    """One request and its answer: the name of its file, the bytes of the answer from the status line on."""

    name: str
    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    status: int
    answer: bytes


def recorded(family: str = "") -> list[Exchange]:
    """The exchanges of a family of recordings, in their order, all without one; skips the test where there are none."""
    found = [_exchange(path) for path in sorted(FOLDER.glob(f"{family}*.txt")) if path.is_file()]
    if not found:
        pytest.skip(f"no recorded exchanges to replay: {FOLDER} is missing")
    return found


def _exchange(path: Path) -> Exchange:
    rows = path.read_text("utf-8").split("\n")
    begin = next(n for n, row in enumerate(rows) if row.startswith("> "))
    answer = next(n for n, row in enumerate(rows) if row.startswith("< HTTP"))
    end = next(n for n, row in enumerate(rows) if n > answer and row in ("<", "< "))
    asked = [row[2:] for row in rows[begin:answer]]
    head, body = (asked[: asked.index("")], asked[asked.index("") + 1 :]) if "" in asked else (asked, [])
    method, place, _ = head[0].split(" ", 2)
    headers = {name.lower(): text for name, _, text in (row.partition(": ") for row in head[1:] if row)}
    text = "\n".join(rows[end + 1 :]).encode()
    dropped = ("content-length", "connection", "transfer-encoding")
    kept = [row[2:] for row in rows[answer:end] if row[2:].partition(":")[0].lower() not in dropped]
    told = "\r\n".join([*kept, f"Content-Length: {len(text)}", "Connection: close"]).encode() + b"\r\n\r\n" + text
    status = int(rows[answer].split(" ")[2])
    return Exchange(path.stem, method, place, headers, "\n".join(body).strip().encode(), status, told)


def meaning(asked: Exchange | Request) -> object:
    """What a request asks for and for whom, whatever its tokens, the sizes of its pages and the spelling of its ids."""
    path, body = asked.path, asked.body
    place, _, query = path.partition("?")
    if body[:1] == b"{":
        said = list(json.loads(body).items())
    else:
        said = [*parse_qsl(query, keep_blank_values=True), *parse_qsl(body.decode(), keep_blank_values=True)]
    said = [(name, item_id(text) if name == "i" else text) for name, text in said]
    terms = sorted(f"{name}={value}" for name, value in said if name not in _VOLATILE)
    return asked.method, place, asked.headers.get("authorization"), terms


class Replay(Newsstand):
    """A server that answers each request as the next exchange of that meaning was answered."""

    def __init__(self, exchanges: list[Exchange]) -> None:
        super().__init__()
        self._exchanges = exchanges
        self._at = 0
        self.routes["*"] = self._replay

    def _replay(self, talk: Talk) -> None:
        wanted = meaning(talk.request)
        known = [n for n, one in enumerate(self._exchanges) if meaning(one) == wanted]
        later = [n for n in known if n >= self._at]
        if not known:
            talk.answer(f"no such exchange was recorded: {wanted}", 404)
            return
        self._at = (later or known)[0]
        talk.send(self._exchanges[self._at].answer)
