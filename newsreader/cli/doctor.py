"""`newsreader doctor`: what is wrong, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import tzinfo
from typing import Any

from newsreader.cli import output
from newsreader.cli.arguments import Parser
from newsreader.cli.forms import Forms, add_forms, print_rows
from newsreader.cli.messages import DONE, FAILED, notice, sentence, standing, trouble, trouble_json, warning, why_unread
from newsreader.config import Config, load_config, unknown_terms
from newsreader.errors import BadSettings, Warning
from newsreader.reader import Reader
from newsreader.reader.checking import Problem

_SENTENCES = {
    "setting-not-taken": "{where}: {detail}",
    "key-taken": "{where}: {detail}",
    "disk-full": '"{where}": its disk is full; make room there (the cache may be deleted), and all is written again',
    "disk-read-only": '"{where}": its disk can only be read; have it mounted to be written, and all is written again',
    "marks-fault": '"{where}": the marks were damaged ({detail}) and are mended',
    "marks-backups": 'copies of the marks lie beside "{where}": {detail}; to go back to one, end newsreader, delete'
    ' "{where}-wal" if it is there, and copy the copy to "{where}"',
    "index-fault": '"{where}": the index was damaged ({detail}) and is thrown away; "newsreader index" makes a new one',
    "words-fault": '"{where}": the index of words was damaged ({detail}) and is thrown away; "newsreader index" makes'
    " a new one",
    "words-not-kept": '"{where}": there is no index of words, and none can be made ({detail}): nothing can be found',
    "counts-wrong": '"{where}": the index counted wrongly and is thrown away; "newsreader index" makes a new one',
    "source-missing": '"{where}": the source is not there; plug its disk in, or take it out with "newsreader remove"',
    "source-unreadable": '"{where}": the source cannot be read ({detail})',
    "server-standing": '"{where}": {detail}',
    "server-unreadable": '"{where}": {detail}',
    "dump-unreadable": '"{where}": the dump cannot be read ({detail})',
}


_HARMLESS = ("marks-backups", "dump-warning", "source-partly", "key-taken", "server-standing")
"""What does not change the exit code."""


def run(arguments: Sequence[str]) -> int:
    """Print every problem."""
    parser = Parser(
        "doctor",
        "Check our own files, the sources and their dumps, and print what is wrong and what to do, a line each.",
        epilog="Odd dumps that are read all the same, and sources that came in part, do not change the exit code.",
    )
    add_forms(parser, "json", "jsonl")
    given = parser.parse_args(arguments[1:])
    config = load_config(lenient=True)
    serious, is_well = False, True

    def seen(reader: Reader) -> Any:
        nonlocal serious, is_well
        ours = (*_of_settings(config), *_of_rules(config, reader), *reader.problems())
        for problem in (*ours, *_of_servers(reader, config)):
            is_well &= problem.code in ("marks-backups", "server-standing")
            serious |= problem.code not in _HARMLESS
            yield problem

    with Reader.open(config) as reader:
        forms: Forms = {"json": _json, "jsonl": _json, "text": said}
        print_rows(seen(reader), given.form, forms, config.settings.timezone)
    if is_well and given.form == "text":
        output.narrate("nothing is wrong")
    return FAILED if serious else DONE


def _of_settings(config: Config) -> Iterator[Problem]:
    """What is not taken of the settings and sources, and which of the keys were others'."""
    from newsreader.ui.i18n import language_faults
    from newsreader.ui.keys import make_keymap_somehow, taken_keys
    from newsreader.ui.themes import theme_faults

    settings, path = config.settings, str(config.places.settings_file)
    _, keys = make_keymap_somehow(settings.keys.preset, settings.keys.overrides, path)
    themes = theme_faults(settings.theme, config.places.config / "themes", path)
    faults = (*config.faults, *keys, *language_faults(settings.language, path), *themes)
    taken = taken_keys(settings.keys.preset, settings.keys.overrides, path)
    for code, found in (("setting-not-taken", faults), ("key-taken", taken)):
        for fault in found:
            yield Problem(code, _placed(fault), fault.why)
    try:
        of_sources = list(unknown_terms(config.places))
    except BadSettings as broken:
        of_sources = [broken]
    for fault in of_sources:
        yield Problem("setting-not-taken", _placed(fault), fault.why)


def _of_rules(config: Config, reader: Reader) -> Iterator[Problem]:
    """What is wrong with rules."""
    rules, faults = reader.rules.listed()
    for fault in faults:
        yield Problem("setting-not-taken", _placed(fault), fault.why)
    for ruled in rules:
        if ruled.fault is not None:
            where = BadSettings(str(config.places.sources_file))
            where.line = ruled.rule.line
            yield Problem("setting-not-taken", _placed(where), sentence(ruled.fault))


def _placed(fault: BadSettings) -> str:
    return f'"{fault.where}"' + (f", line {fault.line}" if fault.line else "")


def _of_servers(reader: Reader, config: Config) -> Iterator[Problem]:
    """How it stands with servers, which is nothing wrong unless it cannot be told."""
    for found in reader.network.servers():
        code = "server-standing" if found.standing is not None else "server-unreadable"
        yield Problem(code, found.source, standing(found, config.settings.timezone))


def said(problem: Problem, zone: tzinfo) -> str:
    """A problem in words, on one line, clean."""
    from newsreader.safety import clean_line

    if problem.trouble is not None:
        return clean_line(f'"{problem.where}": {trouble(problem.trouble, zone)}')
    if problem.code == "dump-warning":
        code, _, detail = problem.detail.partition(" ")
        return clean_line(f'"{problem.where}": {warning(Warning(code, detail))}')
    if problem.code in _SENTENCES:
        return clean_line(_SENTENCES[problem.code].format(where=problem.where, detail=why_unread(problem.detail)))
    return clean_line(notice(Warning(problem.code, problem.detail or problem.where)))


def _json(problem: Problem) -> dict[str, Any]:
    about = {} if problem.trouble is None else trouble_json(problem.trouble)
    return {"code": problem.code, "where": problem.where, "detail": problem.detail, **about}
