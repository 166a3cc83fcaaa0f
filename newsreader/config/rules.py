"""Rules: what becomes of stories when they arrive, the [[rule]] tables of sources.toml.

Decided only here: what a rule says. Whether its query can be understood is seen where searches are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from newsreader.config.places import Places
from newsreader.config.sources import edit
from newsreader.config.toml_file import line_of, meant, read_toml, shown
from newsreader.errors import BadSettings
from newsreader.safety import clean_line

if TYPE_CHECKING:
    from tomlkit import TOMLDocument

_MARKS: Final = ("read", "star", "delete")
_KEYS: Final = ("query", *_MARKS, "tag", "name")


class Rule(NamedTuple):
    """What is done to the stories that a query finds: they are marked read, starred, deleted, given tags. `line`: where
    its query stands in sources.toml, 0 for one that is not there."""

    query: str
    read: bool = False
    star: bool = False
    delete: bool = False
    tags: tuple[str, ...] = ()
    name: str = ""
    line: int = 0

    @property
    def deeds(self) -> tuple[str, ...]:
        """What it does, by the names of its keys: "read", "star", "delete", "tag:NAME"."""
        return (*(mark for mark in _MARKS if getattr(self, mark)), *(f"tag:{tag}" for tag in self.tags))


def load_rules(where: Places) -> tuple[list[Rule], list[BadSettings]]:
    """The rules of sources.toml in its order, and what is wrong with the others, which are left out. Raises BadSettings
    for a file that is no TOML."""
    path = str(where.sources_file)
    tables = read_toml(path).get("rule", [])
    if not isinstance(tables, list):
        fault = BadSettings(path, "rule: each is a table of its own: [[rule]]")
        fault.line = line_of(path, "rule") or line_of(path, "", "rule")
        return [], [fault]
    rules, faults = [], []
    for number, table in enumerate(tables, 1):
        try:
            rules.append(_rule(path, number, table))
        except BadSettings as fault:
            faults.append(fault)
    return rules, faults


def add_rule(where: Places, rule: Rule) -> None:
    """Add a rule at the end of sources.toml; comments stay. Raises BadSettings and StorageFailed."""

    def add(document: TOMLDocument) -> None:
        import tomlkit

        table = tomlkit.table()
        given = {"name": rule.name, "query": rule.query, **{mark: getattr(rule, mark) for mark in _MARKS}}
        table.update({key: value for key, value in given.items() if value})
        if rule.tags:
            table["tag"] = rule.tags[0] if len(rule.tags) == 1 else list(rule.tags)
        document.setdefault("rule", tomlkit.aot()).append(table)

    edit(where, add)


def _rule(path: str, number: int, table: Any) -> Rule:
    def wrong(key: str, why: str) -> BadSettings:
        fault = BadSettings(path, f"rule {number}, {key}: {why}")
        fault.line = line_of(path, key, "rule", number)
        return fault

    if not isinstance(table, dict):
        raise wrong("query", "is a table: [[rule]] on a line of its own, its keys below it")
    for key, value in table.items():
        if key not in _KEYS:
            raise wrong(key, f"there is no such key{meant(key, _KEYS)}; there are {', '.join(_KEYS)}")
        if key in _MARKS and not isinstance(value, bool):
            raise wrong(key, f"takes true or false, not {shown(value)}")
    for key in ("query", "name"):
        text = table.get(key, "")
        if not isinstance(text, str) or (key == "query" and not text.strip()):
            raise wrong(key, 'takes a text in quotes, such as "source:harbour ferry"')
    given = table.get("tag", [])
    tags = given if isinstance(given, list) else [given]
    if not all(
        isinstance(tag, str) and 0 < len(tag) <= 64 and tag == clean_line(tag) and "," not in tag for tag in tags
    ):
        raise wrong("tag", "takes a text in quotes, 1 to 64 characters without a comma, or a list of them")
    marks = {mark: table.get(mark, False) for mark in _MARKS}
    if not tags and not any(marks.values()):
        raise wrong("query", "it does nothing; add read = true, star = true, delete = true or tag = ...")
    name = clean_line(table.get("name", ""))
    return Rule(table["query"], **marks, tags=tuple(tags), name=name, line=line_of(path, "query", "rule", number))
