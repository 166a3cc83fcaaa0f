"""Libraries of any size, made up: what lists, counts and marks are measured on.

    python -m tests.benchmarks.shelves HOME COUNT      make a library under HOME, a NEWSREADER_HOME

Owns: the made-up stories: titles, sources, topics and times as a newsroom's, the same on every run. They come into the
index through the library's own writing, a batch at a time, newest first, as an archive's do.
"""

from __future__ import annotations

import random
import sys
import time
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

from newsreader.article import Article, Paragraph, Span, Topic
from newsreader.config import Config, Source, add_source, load_config
from newsreader.identity import story_id, story_key
from newsreader.library import Index, Marks
from newsreader.library.record import content_hash, record
from newsreader.library.writing import Found, Writer
from newsreader.reader import Reader, View

NEWEST = datetime(2026, 3, 1, 12, tzinfo=UTC)
PER_DAY = 300
_BATCH = 512

_SOURCES = (
    "江城晚报",
    "海峽通訊",
    "Harbour Post",
    "北山日报",
    "潮の便り",
    "Lamp & Ink",
    "南湖之声",
    "雲嶺新聞",
    "The Ferry",
    "河口通訊",
)
_WEIGHTS = (30, 20, 15, 10, 8, 6, 5, 3, 2, 1)
_WHO = (
    "渔港居民",
    "市政厅",
    "灯塔管理处",
    "東岸農會",
    "天文台",
    "议会",
    "The council",
    "Researchers",
    "中学生",
    "铁路公司",
    "図書館",
)
_DOES = ("公布", "否认", "重建", "推遲", "调查", "reopens", "counts", "questions", "庆祝", "出售", "修復", "を見直す")
_WHAT = (
    "三百年的石桥",
    "冬季渡轮班次",
    "an old tide mill",
    "候鳥保護區",
    "第十二届书展",
    "地下水位",
    "the night train",
    "古い気象記録",
    "屋顶菜园",
    "盐田税",
    "潮汐发电站",
    "老城墙的裂缝",
)
_TAIL = (
    "",
    "",
    "",
    "：记者手记",
    "（图）",
    "，專家說明原因",
    ", and nobody minds",
    "（组图）：从清晨到夜里的二十四小时",
    " – a long walk in forty pictures",
)
_TEXT = (
    "清晨的雾还没有散，第一班渡轮已经离岸。码头上的钟比电台慢两分钟，没有人觉得应该去拨它。",
    "The mill was built in 1794 and has been repaired eleven times, twice after floods and once after a wedding.",
    "據紀錄，水位在午夜前後升到最高，隨後一連三日緩緩回落，灘塗上留下一層細沙和無數腳印。",
    "来年の春までに、すべての記録を書き写して公開する予定だという。手伝いたい人は日曜の朝に来ればよい。",
)


def make(home: Path, count: int, *, read: float = 0.0) -> Config:
    """A library of `count` stories under `home`, which is made once; `read`: which share of the older half is marked
    read. The folder that it claims to come from is not there, so that an ingest finds nothing to do."""
    config = load_config({"NEWSREADER_HOME": str(home)})
    done = home / f"made-{count}-{read}"
    if done.exists():
        return config
    add_source(config.places, Source("made up", str(home / "archive"), "archive"))
    with Reader.open(config) as reader:
        target = reader.target
    index = Index(target.index, Marks(target.marks), zone=target.zone, filling=True)
    try:
        with index.only_filler():
            number, _ = index.write(Writer.archive, target.locations[0], "folder")
            with get_context("spawn").Pool() as pool:
                for batch in pool.imap(_batch, [(n, min(n + _BATCH, count), number) for n in range(0, count, _BATCH)]):
                    index.write(Writer.put, batch)
            index.write(Writer.complete)
    finally:
        index.close()
    if read:
        _mark(config, count, read)
    done.touch()
    return config


def found(n: int, archive: int) -> Found:
    """The dump of the n-th story, 0 the newest."""
    article = story(n)
    name = f"articles/{article.source}/{n:07}.md"
    content = content_hash(article.url.encode())
    return Found(archive, name, 4000, n, n, article.source, hash=content, record=record(article))


def story(n: int) -> Article:
    """The n-th story, 0 the newest."""
    chance = random.Random(n)
    (source,) = chance.choices(_SOURCES, _WEIGHTS)
    title = f"{chance.choice(_WHO)}{chance.choice(_DOES)}{chance.choice(_WHAT)}{chance.choice(_TAIL)}"
    moment = NEWEST - timedelta(seconds=n * 86400 // PER_DAY)  # now and then two in the same second
    url = f"https://news.example/{source}/{moment:%Y/%m}/a-story-{n}"
    key = story_key(url)
    text = chance.sample(_TEXT, 3)
    return Article(
        id=story_id(key),
        key=key,
        url=url,
        title=title,
        source=source,
        published=moment,
        updated=moment,
        language="zh-Hans",
        topics=tuple(
            Topic(str(t), f"topic {t}") for t in {int(chance.paretovariate(1)) for _ in range(n % 4)} if t < 500
        ),
        blocks=tuple(Paragraph((Span(paragraph),)) for paragraph in text),
    )


def _batch(share: tuple[int, int, int]) -> list[Found]:
    begin, end, archive = share
    return [found(n, archive) for n in range(begin, end)]


def _mark(config: Config, count: int, share: float) -> None:
    with Reader.open(config) as reader:
        middle = NEWEST - timedelta(days=count * (1 - share) / PER_DAY)
        reader.marks.mark_all_read(reader.rows(View(until=int(middle.timestamp() * 1000))))


if __name__ == "__main__":
    began = time.perf_counter()
    make(Path(sys.argv[1]), int(sys.argv[2]))
    sys.stdout.write(f"{time.perf_counter() - began:.1f} s\n")
