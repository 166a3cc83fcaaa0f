"""What the window says, in the reader's language: phrases, ages, days and times.

Owns: which language the window speaks, how a moment is told, and the labels that typesetting adds. Decided only here:
the wording of ages and days and the choice of language. The phrases stand in a module for each language (en, zh_hans,
zh_hant, ja), loaded when chosen. Pure: no textual, no rich. Never: where a phrase is shown, or cleaning what is filled
into it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from newsreader.errors import Warning
    from newsreader.typeset.lines import Labels

LANGUAGES: Final = ("en", "zh-Hans", "zh-Hant", "ja")


class Words(NamedTuple):
    """One language. Patterns of days take {weekday} {day} {month} {month_name} {year}, moments also {hour} {minute}."""

    language: str
    now: str
    today: str
    yesterday: str
    undated: str
    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    day_near: str
    day_this_year: str
    day_other_year: str
    moment_this_year: str
    moment_other_year: str
    label_texts: tuple[str, ...]
    phrases: Mapping[str, str]
    sentences: Mapping[str, str]
    groups: Mapping[str, str]

    @property
    def labels(self) -> Labels:
        """What typesetting adds to an article."""
        from newsreader.typeset.lines import Labels

        return Labels(*self.label_texts)

    def say(self, phrase: str, /, **fields: object) -> str:
        """The phrase of that name, filled in; numbers with separators."""
        shown = {name: f"{value:,}" if isinstance(value, int) else value for name, value in fields.items()}
        return self.phrases[phrase].format(**shown)

    def notice(self, notice: Warning) -> str:
        """What happened to a file of ours (Reader.notices)."""
        return self.say(f"notice_{notice.code.replace('-', '_')}", detail=notice.detail)

    def sentence(self, command: str, default: str) -> str:
        """What a command does; `default` is the key table's own, English, sentence."""
        return self.sentences.get(command, default)

    def age(self, moment: datetime, now: datetime) -> str:
        """How long ago, in at most five cells: "12m", "9h"; from a day on the time of day, as the day stands above."""
        minutes = int((now - moment).total_seconds() // 60)
        if 0 <= minutes < 1:
            return self.now
        if 0 < minutes < 60:
            return f"{minutes}m"
        if 0 < minutes < 24 * 60:
            return f"{minutes // 60}h"
        return f"{moment:%H:%M}"

    def day(self, day: date | None, today: date) -> str:
        """A day as it stands above its rows; None is a day unknown."""
        if day is None:
            return self.undated
        if day == today:
            return self.today
        if day == today - timedelta(days=1):
            return self.yesterday
        near = timedelta(0) < today - day < timedelta(days=7)
        pattern = self.day_near if near else self.day_this_year if day.year == today.year else self.day_other_year
        return self._fill(pattern, day)

    def moment(self, moment: datetime, year: int, *, hour_known: bool = True) -> str:
        """When a story was published, for its head: day and time of day; the year unless it is `year`, the present."""
        if not hour_known:
            pattern = self.day_this_year if moment.year == year else self.day_other_year
            return self._fill(pattern, moment.date())
        pattern = self.moment_this_year if moment.year == year else self.moment_other_year
        return self._fill(pattern, moment.date(), hour=f"{moment:%H}", minute=f"{moment:%M}")

    def _fill(self, pattern: str, day: date, **more: str) -> str:
        return pattern.format(
            weekday=self.weekdays[day.weekday()],
            day=day.day,
            month=day.month,
            month_name=self.months[day.month - 1],
            year=day.year,
            **more,
        )


@cache
def words_for(language: str) -> Words:
    """The words of the language of LANGUAGES nearest to a BCP 47 tag or locale; English where there is none."""
    module = import_module(f"newsreader.ui.words.{nearest(language).lower().replace('-', '_')}")
    words = module.WORDS
    assert isinstance(words, Words)
    return words


def nearest(language: str) -> str:
    """The one of LANGUAGES that a reader of `language` ("zh_TW.UTF-8", "zh-Hant", "ja", "") reads best."""
    parts = language.split(".")[0].replace("_", "-").lower().split("-")
    if parts[0] == "zh":
        return "zh-Hant" if {"hant", "tw", "hk", "mo"} & set(parts[1:]) else "zh-Hans"
    return parts[0] if parts[0] in LANGUAGES else "en"


def chosen_language(setting: str, environ: Mapping[str, str]) -> str:
    """The window's language: the setting, or with "auto" the locale's for messages."""
    if setting and setting != "auto":
        return nearest(setting)
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if environ.get(name):
            return nearest(environ[name])
    return "en"
