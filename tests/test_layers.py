"""The house: which module may import which, and which one door each outside thing comes through.

FLOORS and DOORS are ARCHITECTURE.md's two tables; the source of every module is read, imports inside functions and
under TYPE_CHECKING included, and every rule is also tried on a line that breaks it.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from newsreader.config import load_config
from newsreader.reader import Reader

HOME: Final = Path(__file__).resolve().parents[1]
PACKAGE: Final = HOME / "newsreader"

# A room is a module or package of newsreader's own; it may use lower floors and itself. The ground floor is one room.
FLOORS: Final[tuple[frozenset[str], ...]] = (
    frozenset(
        {
            *("", "article", "charset", "dates", "dump", "errors"),
            *("files", "former_dumps", "identity", "pictures"),
            "safety",
        }
        | {"summary"}
    ),
    frozenset({"archive", "config", "conversion", "jobs", "script"}),
    frozenset({"fetch", "library", "parse", "typeset"}),
    frozenset({"export", "reader"}),
    frozenset({"ui"}),
    frozenset({"cli"}),
    frozenset({"__main__"}),
)
GROUND: Final = 0

# What comes from outside -> the modules (with all below them) that may touch it. The longest name that fits rules.
DOORS: Final[dict[str, frozenset[str]]] = {
    "textual": frozenset({"ui"}),
    "rich": frozenset({"ui", "cli"}),
    "PIL": frozenset(),  # pictures: not yet
    "bs4": frozenset({"parse"}),
    "lxml": frozenset({"parse"}),
    "httpx": frozenset({"fetch.client", "fetch.failures"}),
    "idna": frozenset({"safety"}),
    "feedparser": frozenset({"fetch"}),
    "apsw": frozenset({"library"}),
    "apsw.unicode": frozenset({"library", "typeset", "safety"}),
    "platformdirs": frozenset({"config"}),
    "tomllib": frozenset({"config"}),
    "tomlkit": frozenset({"config"}),
    "zipfile": frozenset({"archive"}),
    "tarfile": frozenset({"archive"}),
    "opencc": frozenset({"conversion"}),
    "chardet": frozenset({"charset"}),
    "pypinyin": frozenset({"script"}),
    "readability": frozenset({"parse"}),
    "babel": frozenset({"ui.catalogues.hook"}),
    "hatchling": frozenset({"ui.catalogues.hook"}),
    "argparse": frozenset({"cli"}),
    "builtins.print": frozenset({"cli"}),
    "sqlite3": frozenset(),  # two SQLites on one file in one process corrupt it
}
# What `newsreader list` must start without.
HEAVY: Final = ("textual", "rich", "httpx", "bs4", "lxml", "feedparser", "opencc", "pypinyin", "sqlite3")


def module_name(path: Path) -> str:
    """`newsreader/parse/soup.py` -> "parse.soup", `newsreader/parse/__init__.py` -> "parse"."""
    parts = list(path.relative_to(PACKAGE).with_suffix("").parts)
    if parts[-1] == "__init__":
        parts.pop()
    return ".".join(parts)


MODULES: Final = {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def floor_of(module: str) -> int | None:
    """The floor of a module of ours, None where no rule places it."""
    room = module.partition(".")[0]
    return next((n for n, rooms in enumerate(FLOORS) if room in rooms), None)


parsed = cache(ast.parse)


def imports(tree: ast.AST, module: str, *, package: bool) -> Iterator[tuple[int, str]]:
    """(line, dotted name) of everything a module names in an import, and of every bare `print`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                here = ["newsreader", *(module.split(".") if module else [])]
                up = here[: len(here) - node.level + package]
                base = ".".join([*up, *([base] if base else [])])
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called.rpartition(".")[2] in {"import_module", "__import__"}:
                yield from ((node.lineno, name) for name in named_modules(node.args[0] if node.args else None))
            elif called == "print":
                yield node.lineno, "builtins.print"


def named_modules(argument: ast.expr | None) -> Iterator[str]:
    """What import_module is asked for, as far as the source tells: a name, the package of a name that is put together,
    or "? …" for what cannot be read."""
    match argument:
        case ast.Constant(value=str(name)):
            yield name
        case ast.JoinedStr(values=[ast.Constant(value=str(start)), *_]) if "." in start:
            yield start.rpartition(".")[0]
        case ast.IfExp(body=one, orelse=other):
            yield from named_modules(one)
            yield from named_modules(other)
        case _:
            yield f"? {ast.unparse(argument) if argument else ''}"


def our_module(name: str) -> str | None:
    """The module of ours that an imported name stands in, "" for the package itself, None for others' names."""
    package, _, inner = name.partition(".")
    if package != "newsreader":
        return None
    room = inner.partition(".")[0]
    while inner and inner not in MODULES:
        inner = inner.rpartition(".")[0]
    return inner or (room if floor_of(room) is not None else "")


def breaches(source: str, module: str, *, package: bool = False) -> list[str]:
    """What in a module's source breaks the rules of the house, a sentence each."""
    found: list[str] = []
    own_floor = floor_of(module)
    assert own_floor is not None
    for line, name in imports(parsed(source), module, package=package):
        at = f"{module or 'newsreader'}:{line}"
        ours = our_module(name)
        if name.startswith("?"):
            found.append(f"{at} imports what cannot be read from the source: {name[2:]}")
        elif ours is not None:
            floor = floor_of(ours)
            same_room = ours.partition(".")[0] == module.partition(".")[0] or own_floor == floor == GROUND
            if floor is None or (floor >= own_floor and not same_room):
                found.append(f"{at} (floor {own_floor}) imports {ours} (floor {floor})")
        else:
            doors = [door for door in DOORS if name == door or name.startswith(door + ".")]
            allowed = DOORS[max(doors, key=len)] if doors else None
            if allowed is not None and not any(module == room or module.startswith(room + ".") for room in allowed):
                found.append(f"{at} uses {name}, which is let in only by {', '.join(sorted(allowed)) or 'nobody'}")
    return found


def test_the_floors_and_the_doors_hold() -> None:
    assert [module for module in MODULES if floor_of(module) is None] == [], "these stand on no floor"
    for module, path in MODULES.items():
        assert breaches(path.read_text("utf-8"), module, package=path.name == "__init__.py") == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("script", "from newsreader.parse import parse"),
        ("script", "import newsreader.archive"),
        ("script", "from newsreader import archive"),
        ("parse.soup", "from newsreader.typeset import typeset"),
        ("parse.soup", "from ..typeset import typeset"),
        ("parse.soup", "from .. import typeset"),
        ("archive.folder", "def f():\n    from newsreader import cli"),
        ("reader", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from newsreader.ui import run"),
        ("reader", "from newsreader.__main__ import main"),
        ("reader", "import importlib\nimportlib.import_module('newsreader.ui')"),
        ("reader", "import importlib\nimportlib.import_module(name)"),
        ("reader", "import importlib\nimportlib.import_module('newsreader.dump' if name else 'newsreader.ui')"),
        ("reader", "from importlib import import_module\nimport_module(f'newsreader.ui.{name}')"),
        ("article", "from newsreader import script"),
        ("reader", "import textual"),
        ("typeset", "from rich.text import Text"),
        ("typeset", "from apsw import Connection"),
        ("safety", "import apsw"),
        ("ui.app", "import apsw.unicode"),
        ("library", "import sqlite3"),
        ("fetch.feeds", "import httpx"),
        ("library", "print('x')"),
    ],
)
def test_a_line_that_breaks_a_rule_is_seen(module: str, source: str) -> None:
    assert len(breaches(source, module)) == 1


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("parse", "from . import tree\nfrom .tree import read\nfrom newsreader.parse import tree"),
        ("article", "from newsreader.errors import Warning"),
        ("typeset.breaking", "import apsw.unicode\nfrom apsw.unicode import text_width\nfrom apsw import unicode"),
        ("library.shelf", "import apsw"),
        ("ui.app", "from textual.app import App\nfrom newsreader import article, reader"),
        ("cli", "import argparse\nprint('x')\nfrom newsreader.ui import run"),
        ("__main__", "from newsreader.cli import main"),
        ("dump", "import richer\nimport textualism"),
        ("ui.app", "from importlib import import_module\nimport_module(f'newsreader.parse.{name}')"),
    ],
)
def test_a_line_that_keeps_the_rules_passes(module: str, source: str) -> None:
    package = module == "parse"
    assert breaches(source, module, package=package) == []


def test_listing_loads_nothing_heavy(tmp_path: Path) -> None:
    env = {**os.environ, "NEWSREADER_HOME": str(tmp_path)}
    with Reader.open(load_config(env), PACKAGE / "sample") as reader:
        for _ in reader.ingest():
            pass
    code = "import sys, newsreader.cli; end = newsreader.cli.main(); print(*sys.modules, file=sys.stderr); exit(end)"
    asked = [sys.executable, "-c", code, "list", "--tsv"]
    done = subprocess.run(asked, env=env, capture_output=True, text=True, encoding="utf-8", timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 14
    loaded = {name.partition(".")[0] for name in done.stderr.splitlines()[-1].split()}
    assert "newsreader" in loaded
    assert loaded.isdisjoint(HEAVY), sorted(loaded.intersection(HEAVY))


def test_ground_floor_has_no_circle() -> None:
    ground = {m for m in MODULES if floor_of(m) == GROUND}
    uses = {
        m: {
            ours
            for _, name in imports(parsed(MODULES[m].read_text("utf-8")), m, package=not m)
            if (ours := our_module(name))
        }
        for m in ground
    }
    left = dict(uses)
    while free := [m for m, used in left.items() if not used & left.keys()]:
        for m in free:
            del left[m]
    assert not left


def test_every_module_says_what_it_is_for() -> None:
    silent = [m for m, path in MODULES.items() if not ast.get_docstring(parsed(path.read_text("utf-8")))]
    assert silent == []


def test_public_names_have_a_sentence() -> None:
    silent: list[str] = []
    for module, path in MODULES.items():
        for node in parsed(path.read_text("utf-8")).body:
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                continue
            if not node.name.startswith("_") and not ast.get_docstring(node):
                silent.append(f"{module}.{node.name}")
    assert silent == []


# --- State has owners -----------------------------------------------------------------------------------------------


def assigned(tree: ast.AST) -> Iterator[ast.expr]:
    """What a module assigns to, adds to or deletes, without the subscripts."""
    for node in ast.walk(tree):
        found = list(getattr(node, "targets", [])) if isinstance(node, (ast.Assign, ast.Delete)) else []
        found += [node.target] if isinstance(node, (ast.AugAssign, ast.AnnAssign, ast.For, ast.AsyncFor)) else []
        for target in found:
            for one in target.elts if isinstance(target, (ast.Tuple, ast.List)) else [target]:
                while isinstance(one, (ast.Subscript, ast.Starred)):
                    one = one.value
                yield one


def set_from_outside(source: str) -> list[str]:
    """The fields of others that a module sets."""
    targets = (one for one in assigned(parsed(source)) if isinstance(one, ast.Attribute))
    own = ("self", "cls")
    return [ast.unparse(one) for one in targets if not (isinstance(one.value, ast.Name) and one.value.id in own)]


def test_what_an_object_holds_is_set_by_itself_alone() -> None:
    assert set_from_outside("self.a = b.c = 1\nself.d[0].e += 1\nf.g[1], self.h = 2\nself.i[2] = j[3] = 4") == [
        "b.c",
        "self.d[0].e",
        "f.g",
    ]
    found = {
        module: outside
        for module, path in MODULES.items()
        if module.startswith("ui") and (outside := set_from_outside(path.read_text("utf-8")))
    }
    assert not found
