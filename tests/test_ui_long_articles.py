"""Long articles and many stories at once: headings, what is left, all links, and what is done to a whole view."""

from __future__ import annotations

from pathlib import Path

import pytest

from newsreader.config import Config, load_rules
from newsreader.dump import Dump, encode
from newsreader.parse import parse
from newsreader.reader import Reader, View
from newsreader.safety import cell_width
from newsreader.ui.i18n import words_for
from newsreader.ui.panes.article_page import Reading, Style
from tests.newsroom import ingested
from tests.test_ui_app import NOW, window
from tests.test_ui_app import config as config
from tests.test_ui_app import reader as reader
from tests.test_ui_app import root as root

PART = "".join(f"<p>Paragraph {n} of it, and 河口 {n}. " + "word " * 60 + "</p>" for n in range(12))
BODY = f'<p>Before.</p><h2>One</h2>{PART}<h2>Two 河</h2>{PART}<h2>Three</h2><p><a href="https://a.example/">a</a> '
BODY += '<a href="https://b.example/">b</a> <a href="https://a.example/">again</a> <a href="javascript:x">c</a></p>'


async def test_headings_and_what_is_left(config: Config, root: Path) -> None:
    (root / "articles" / "Lamp" / "1_long.md").write_bytes(
        encode(Dump("Long 長文", "https://example.org/story-90", int(NOW.timestamp() * 1000), BODY))
    )
    with Reader.open(config, root) as reader:
        ingested(reader)
        async with window(config, reader, (100, 24)) as w:
            await w.press("enter")
            assert "min left" in w.status
            assert "One" not in w.status
            await w.press("}")
            assert w.lines()[0].split("│")[-1].strip() == "One"
            await w.press("j", "}")
            assert "Two 河" in w.status
            await w.press("{", "{")
            assert "One" in w.status
            await w.press("C")
            assert all(heading in w.screen for heading in ("One", "Two 河", "Three"))
            await w.press("3")
            assert "Three" in w.screen
            assert "min left" not in w.status
            await w.press("}", "}")
            assert "No further heading" in w.status
            await w.press("[")
            assert "One" in w.status, "a jump is a step of the history"
            await w.press("g", "y")
            assert w.copied == ["https://a.example/\nhttps://b.example/"]
            await w.press("g", "O", "y")
            assert w.browsed == ["https://a.example/", "https://b.example/"]
            assert "One" in w.status
            await w.press("h")
            assert ("One" in w.status, " %" in w.status) == (False, True), "the heading is for who reads"
            await w.press("j", "enter", "C")
            assert "no headings" in w.status


@pytest.mark.parametrize(("width", "side"), [(80, 3), (64, 3), (63, 2), (44, 2), (43, 1), (21, 1), (20, 0)])
def test_the_text_fills_what_its_margins_leave(width: int, side: int) -> None:
    style = Style(80, False, False, words_for("en"), lambda: NOW)
    reading = Reading(parse(Dump("t", "", 0, f"<p>{'潮' * 400}</p>"), source="Lamp"), style)
    reading.resize(width, 24)
    assert reading.side == side
    widest = max(cell_width(line.text) + line.indent for line in reading.page.lines)
    assert widest == (width - 2 * side) // 2 * 2


async def test_all_that_is_in_view_at_once(config: Config, reader: Reader, tmp_path: Path) -> None:
    async with window(config, reader, (80, 24), mark_read_after=3600) as w:
        await w.press(*"gs3", "V")
        assert "14 selected" in w.status
        await w.press("f")
        assert [row.starred for row in reader.rows(View(source="Lamp")).page()] == [True] * 14
        await w.press("U")
        assert [row.starred for row in reader.rows(View(source="Lamp")).page()] == [False] * 14
        await w.press("V", "s", *str(tmp_path / "all.txt"), "enter")
        assert (tmp_path / "all.txt").read_text().count("\f") == 13
        assert "selected" not in w.status
        await w.press("V", "V")
        assert "selected" not in w.status


async def test_a_rule_is_made_of_the_view(config: Config, root: Path) -> None:
    config.places.sources_file.parent.mkdir(parents=True, exist_ok=True)
    config.places.sources_file.write_text(f'[[source]]\nname = "news"\nlocation = "{root}"\nkind = "archive"\n')
    with Reader.open(config) as reader:
        ingested(reader)
        async with window(config, reader, (80, 24)) as w:
            await w.press("g", "r")
            assert "Narrow the list first" in w.status
            await w.press(*"gs3", "g", "r", *"port", "enter")
            assert "sources.toml" in w.status
    (rule,), faults = load_rules(config.places)
    assert (rule.query, rule.tags, faults) == ('source:"Lamp"', ("port",), [])
