"""What the window says in each language: the catalogues beside the source's English, compiled, and counting."""

from __future__ import annotations

from pathlib import Path
from string import Formatter

import pytest

from newsreader.errors import FetchFailed, TryLater
from newsreader.safety import cell_width
from newsreader.ui.catalogues import hook
from newsreader.ui.help import help_choice, search_items
from newsreader.ui.i18n import LANGUAGES, nearest, words_for
from newsreader.ui.keys import make_keymap
from newsreader.ui.reasons import why_not_fetched
from newsreader.ui.screens.picker import KEYS_WIDEST
from tests.catalogues import CATALOGUES, brought_up, messages, read


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_help_is_whole_at_80_columns(language: str) -> None:
    assert all(bool(item.value) == (":" in item.key) for item in search_items(words_for(language)))
    for item in help_choice(make_keymap(), words_for(language)).items:
        assert cell_width(item.key) <= KEYS_WIDEST, item.key
        assert cell_width(item.text) <= 80 - 5 - KEYS_WIDEST - 2, item.text


def test_every_language_but_english_has_a_catalogue() -> None:
    assert {po.stem.replace("_", "-") for po in CATALOGUES} == set(LANGUAGES) - {"en"}


@pytest.mark.parametrize("po", CATALOGUES, ids=lambda po: po.stem)
def test_a_catalogue_says_everything_that_english_says(po: Path) -> None:
    assert brought_up(po) == po.read_bytes(), "run python -m tests.catalogues"
    english = dict(messages())
    for name, (strings, fuzzy) in translated(po).items():
        assert all(strings), f"{name} is not translated"
        assert not fuzzy, f"{name} has other English now"
        for string in strings:
            if name.startswith(("day_", "moment_")):
                assert fields_of(string) <= {"weekday", "day", "month", "year", "hour", "minute"}
            else:
                assert fields_of(string) == fields_of(last(english[name])), name


@pytest.mark.parametrize("po", CATALOGUES, ids=lambda po: po.stem)
def test_what_is_loaded_is_what_the_catalogue_says(po: Path) -> None:
    catalogue, strings = words_for(po.stem).catalogue, translated(po)
    for name, english in messages():
        if isinstance(english, str):
            said = {catalogue.pgettext(name, english)}
        else:
            said = {catalogue.npgettext(name, *english, n) for n in range(1, 120)}
        assert said == set(strings[name][0])


def test_what_is_not_translated_is_english(tmp_path: Path) -> None:
    (tmp_path / "ja.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
        'msgctxt "today"\nmsgid "Today"\nmsgstr ""\n\n'
        '#, fuzzy\nmsgctxt "yesterday"\nmsgid "Yesterday"\nmsgstr "昨日"\n\nmsgctxt "now"\nmsgid "now"\nmsgstr "今"\n',
        "utf-8",
    )
    hook.compile_catalogues(tmp_path)
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["ja.mo", "ja.po"]
    made = (tmp_path / "ja.mo").read_bytes()
    assert "今".encode() in made
    assert "昨日".encode() not in made
    assert b"today" not in made


def test_one_is_one_and_two_are_two() -> None:
    english = words_for("en")
    assert [english.say("indexed", n=n) for n in (0, 1, 1200)] == [
        "0 stories added.",
        "1 story added.",
        "1,200 stories added.",
    ]
    assert [words_for("zh-Hans").say("indexed", n=n) for n in (1, 1200)] == ["新增 1 篇。", "新增 1,200 篇。"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_why_something_was_not_fetched(language: str) -> None:
    words = words_for(language)
    reasons = [
        why_not_fetched(error, words)
        for error in (
            FetchFailed("u", "timeout"),
            FetchFailed("u", "tls", detail="{n} bad"),
            FetchFailed("u", "tls"),
            FetchFailed("u", "status", status=404),
            FetchFailed("u", "status", status=418),
            TryLater("u", "status", seconds=7200),
            FetchFailed("u"),
        )
    ]
    assert len(set(reasons)) == len(reasons)
    assert "{n} bad" in reasons[1]
    assert not any("()" in reason or "（）" in reason for reason in reasons)
    assert "404" not in reasons[3]
    assert "418" in reasons[4]
    assert nearest(language) == words.language
    assert (reasons[0] == why_not_fetched(FetchFailed("u", "timeout"))) is (language == "en")
    page, file = (why_not_fetched(FetchFailed("u", "not-a-feed", detail=what), words) for what in ("html", "PDF"))
    assert page == words.say("unfetched_html")
    assert "PDF" in file
    assert why_not_fetched(FetchFailed("u", "something-new"), words) == "something-new"


def translated(po: Path) -> dict[str, tuple[tuple[str, ...], bool]]:
    """Name -> its translations (more than one where the language has plurals), and whether they are fuzzy."""
    found = {}
    for message in read(po):
        if message.id:
            string = message.string
            strings = (string,) if isinstance(string, str) else tuple(string or ())
            found[str(message.context)] = (strings, message.fuzzy)
    return found


def last(english: str | tuple[str, str]) -> str:
    return english if isinstance(english, str) else english[-1]


def fields_of(pattern: str) -> set[str]:
    return {field for _, field, _, _ in Formatter().parse(pattern) if field}
