"""What several tests share: a real archive to measure against, where the machine has one, and how much is tried.

`pytest --thorough` reads all of the archive and tries a thousand examples of each property; else what takes long reads
every fifth dump.

The archive is third-party text and no part of the project. It is looked for beside the checkout, in
`../shared/corpus/archive.tar.xz`; without it the tests that need it are skipped and say so.
Property tests have no deadline: a slow machine is no failure. Signals do what they do in a terminal, also where
a script (nohup, a job in the background) started the tests with some ignored, which what is started here inherits.
Catalogues that were edited are compiled first, as an installation does. What workers load is loaded once, and what is
imported compiled once, whatever the environment says of that: thousands of processes begin here. Temporary files lie in
memory where the system offers room for programs too, for the same reason: thousands of archives, indexes and marks. Who
runs the tests, in which terminal, language and network, is no matter: of the environment stays what Python needs.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import tarfile
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Never

import pytest
from hypothesis import settings

from newsreader.jobs import Job, forkserver
from newsreader.ui.catalogues import hook

MEMORY = "/dev/shm"

settings.register_profile("newsreader", deadline=None, max_examples=40)
settings.register_profile("thorough", deadline=None, max_examples=1000)
settings.load_profile("newsreader")


def pytest_addoption(parser: pytest.Parser) -> None:
    """The one option of ours."""
    parser.addoption("--thorough", action="store_true", help="all of the real archive, and many more examples")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Two workers a core: many tests wait for a terminal or a server most of their time."""
    return 2 * (os.cpu_count() or 1)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """All that is imported and collected stays: nothing of it is garbage, now or later; what comes is looked through
    seldom."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()
        gc.set_threshold(20_000)


def pytest_configure(config: pytest.Config) -> None:
    """More examples, if they are asked for."""
    if config.getoption("--thorough"):
        settings.load_profile("thorough")


for name in set(os.environ) - {"PATH", "HOME", "USER", "TMPDIR"}:
    if not name.startswith(("PY", "HYPOTHESIS", "COV", "LD_", "DYLD_", "VIRTUAL_ENV")):
        del os.environ[name]

if "TMPDIR" not in os.environ and os.access(MEMORY, os.W_OK):
    system = os.statvfs(MEMORY)
    if system.f_bavail * system.f_frsize > 4 << 30 and not system.f_flag & os.ST_NOEXEC:
        os.environ["TMPDIR"] = tempfile.tempdir = MEMORY

signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
signal.signal(signal.SIGQUIT, signal.SIG_DFL)

hook.compile_catalogues(Path(hook.__file__).parent)

sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus" / "archive.tar.xz"


@pytest.fixture(scope="session", autouse=True)
def preloading() -> Iterator[None]:
    """Fill the forkserver of a process that runs tests, and let it stay."""
    forkserver._IDLE = 3600.0  # type: ignore[misc]
    job: Job[Never] = Job("tests.preloaded:nothing")
    yield
    job.cancel()


@pytest.fixture(scope="session")
def corpus_dumps() -> list[tuple[str, bytes]]:
    """Every dump of the archive as (path relative to the archive's root, its bytes), in path order."""
    if not CORPUS.is_file():
        pytest.skip(f"no real archive to measure against: {CORPUS} is missing")
    dumps = []
    with tarfile.open(CORPUS) as tar:
        for member in tar:
            if (file := tar.extractfile(member)) and (at := f"/{member.name}".find("/articles/")) >= 0:
                dumps.append((member.name[at:], file.read()))
    return sorted(dumps)


@pytest.fixture(scope="session")
def corpus(corpus_dumps: list[tuple[str, bytes]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The root of the archive as a tree, the folder that holds `articles`."""
    return _written(corpus_dumps, tmp_path_factory.mktemp("corpus"))


@pytest.fixture(scope="session")
def some_dumps(corpus_dumps: list[tuple[str, bytes]], pytestconfig: pytest.Config) -> list[tuple[str, bytes]]:
    """Every fifth of them, for what takes long; all if that is asked for."""
    return corpus_dumps if pytestconfig.getoption("--thorough") else corpus_dumps[::5]


@pytest.fixture(scope="session")
def some_corpus(some_dumps: list[tuple[str, bytes]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same as an archive tree."""
    return _written(some_dumps, tmp_path_factory.mktemp("some"))


def _written(dumps: list[tuple[str, bytes]], root: Path) -> Path:
    for name, data in dumps:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
    return root
