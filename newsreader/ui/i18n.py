"""What the window says, in the reader's language: phrases, ages, days and times.

Decided here: which language the window speaks, and how a moment is told. English stands in the source (phrases.py);
other languages are gettext catalogues (catalogues/LANGUAGE.po), looked up by a phrase's name as context. Where a
catalogue was not compiled, or lacks a phrase, English is what is shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from newsreader.config.toml_file import line_of
from newsreader.errors import BadSettings
from newsreader.ui.phrases import PHRASES

if TYPE_CHECKING:
    from newsreader.errors import Warning
    from newsreader.typeset.lines import Labels

LANGUAGES: Final = ("en", "zh-Hans", "zh-Hant", "ja")
_CATALOGUES: Final = Path(__file__).with_name("catalogues")


class Words(NamedTuple):
    """One language of LANGUAGES."""

    language: str
    catalogue: NullTranslations

    def say(self, phrase: str, /, **fields: object) -> str:
        """The phrase of that name in PHRASES, filled in: `n` chooses singular or plural; numbers with separators."""
        english = PHRASES[phrase]
        if isinstance(english, str):
            pattern = self.catalogue.pgettext(phrase, english)
        else:
            n = fields["n"]
            assert isinstance(n, int)
            pattern = self.catalogue.npgettext(phrase, *english, n)
        return pattern.format(
            **{name: f"{value:,}" if isinstance(value, int) else value for name, value in fields.items()}
        )

    def notice(self, notice: Warning) -> str:
        """What happened to a file of ours (Reader.notices)."""
        return self.say(f"notice_{notice.code.replace('-', '_')}", detail=notice.detail)

    def sentence(self, command: str, default: str) -> str:
        """What a command does; `default` is the key table's own, English, sentence."""
        return self.catalogue.pgettext(f"command_{command}", default)

    @property
    def labels(self) -> Labels:
        """What typesetting adds to an article."""
        from dataclasses import fields

        from newsreader.typeset.lines import Labels

        return Labels(*(self.catalogue.pgettext(f"label_{field.name}", str(field.default)) for field in fields(Labels)))

    def age(self, moment: datetime, now: datetime) -> str:
        """How long ago, in at most five cells: "12m", "9h"; from a day on the time of day, as the day stands above."""
        minutes = int((now - moment).total_seconds() // 60)
        if 0 <= minutes < 1:
            return self.say("now")
        if 0 < minutes < 60:
            return f"{minutes}m"
        if 0 < minutes < 24 * 60:
            return f"{minutes // 60}h"
        return f"{moment:%H:%M}"

    def day(self, day: date | None, today: date) -> str:
        """A day as it stands above its rows; None is a day unknown."""
        if day is None:
            return self.say("undated")
        if day == today:
            return self.say("today")
        if day == today - timedelta(days=1):
            return self.say("yesterday")
        near = timedelta(0) < today - day < timedelta(days=7)
        return self._tell("day_near" if near else _by_year("day", day, today.year), day)

    def moment(self, moment: datetime, year: int, *, hour_known: bool = True) -> str:
        """When a story was published, for its head: day and time of day; the year unless it is `year`, the present."""
        phrase = _by_year("moment" if hour_known else "day", moment, year)
        return self._tell(phrase, moment.date(), hour=f"{moment:%H}", minute=f"{moment:%M}")

    def _tell(self, phrase: str, day: date, **more: str) -> str:
        return self.say(
            phrase,
            weekday=self.say("weekdays").split()[day.weekday()],
            day=day.day,
            month=day.month,
            month_name=self.say("months").split()[day.month - 1],
            year=str(day.year),
            **more,
        )


def _by_year(what: str, day: date, year: int) -> str:
    return f"{what}_this_year" if day.year == year else f"{what}_other_year"


@cache
def words_for(language: str) -> Words:
    """The words of the language of LANGUAGES nearest to a BCP 47 tag or locale; English where there is none."""
    language = nearest(language)
    try:
        with (_CATALOGUES / f"{language.replace('-', '_')}.mo").open("rb") as file:
            return Words(language, GNUTranslations(file))
    except FileNotFoundError:
        return Words(language, NullTranslations())


def nearest(language: str) -> str:
    """The one of LANGUAGES that a reader of `language` ("zh_TW.UTF-8", "zh-Hant", "ja", "") reads best."""
    parts = language.split(".")[0].replace("_", "-").lower().split("-")
    if parts[0] == "zh":
        return "zh-Hant" if {"hant", "tw", "hk", "mo"} & set(parts[1:]) else "zh-Hans"
    return parts[0] if parts[0] in LANGUAGES else "en"


def language_faults(setting: str, path: str) -> list[BadSettings]:
    """What is wrong with a language of the settings at a path: that the window does not speak it."""
    if setting == "auto" or setting.lower().split("-")[0] in {name.lower().split("-")[0] for name in LANGUAGES}:
        return []
    fault = BadSettings(path, f'language: there is no "{setting}"; there are {", ".join(LANGUAGES)}, or "auto"')
    return [fault.at(line_of(path, "language"))]


def chosen_language(setting: str, environ: Mapping[str, str]) -> str:
    """The window's language: the setting, or with "auto" the locale's for messages."""
    if setting and setting != "auto":
        return nearest(setting)
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if environ.get(name):
            return nearest(environ[name])
    return "en"
