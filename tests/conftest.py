"""What several tests share: a real archive to measure against, where the machine has one.

The archive is third-party text and no part of the project. It is looked for beside the checkout, in
`../shared/corpus/archive.tar.xz`; without it the tests that need it are skipped and say so.
Property tests have no deadline: a slow machine is no failure. Signals do what they do in a terminal, also where
a script (nohup, a job in the background) started the tests with some ignored, which what is started here inherits.
Catalogues that were edited are compiled first, as an installation does.
"""

from __future__ import annotations

import signal
import tarfile
from pathlib import Path

import pytest
from hypothesis import settings

from newsreader.ui.catalogues import hook

settings.register_profile("newsreader", deadline=None)
settings.load_profile("newsreader")

signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
signal.signal(signal.SIGQUIT, signal.SIG_DFL)

hook.compile_catalogues(Path(hook.__file__).parent)

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus" / "archive.tar.xz"


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The root of the unpacked archive tree, the folder that holds `articles`; unpacked once a session."""
    if not CORPUS.is_file():
        pytest.skip(f"no real archive to measure against: {CORPUS} is missing")
    home = tmp_path_factory.mktemp("corpus")
    with tarfile.open(CORPUS) as tar:
        tar.extractall(home, filter="data")
    (articles,) = home.rglob("articles")
    return articles.parent


@pytest.fixture(scope="session")
def corpus_dumps(corpus: Path) -> list[tuple[str, bytes]]:
    """Every dump of the archive as (path relative to the archive's root, its bytes), in path order."""
    paths = sorted(path for path in (corpus / "articles").rglob("*") if path.is_file())
    return [(path.relative_to(corpus).as_posix(), path.read_bytes()) for path in paths]
