"""Sounds, sentences, matches, completions and likeness; and an index of words that fills, follows and heals."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsreader.article import Article, Furniture, Paragraph, Span
from newsreader.errors import BadQuery, StorageFailed
from newsreader.jobs import Job
from newsreader.library.clusters import search_file
from newsreader.library.search.query import parse
from newsreader.library.search.related import _candidates
from newsreader.library.search.snippets import Words, matches, snippet
from newsreader.library.search.sounds import phrases, sound_tokens, spellings
from newsreader.library.search.word_index import forget_others
from newsreader.reader import Reader, View
from newsreader.reader.progress import Progress
from newsreader.safety import clean_line
from newsreader.script import fold
from tests.newsroom import EPOCH, Story, config_in, ingested, write_archive

T, HOUR = 1_700_000_000_000, 3_600_000
ALL = View()


def start(home: Path, stories: list[Story]) -> Reader:
    """A reader on an archive of stories, its words filled in."""
    reader = Reader.open(config_in(home), write_archive(home / "archive", stories))
    ingested(reader)
    fill(reader)
    return reader


def fill(reader: Reader) -> None:
    assert list(reader.fill_search())[-1].stage == "done"


def names(reader: Reader, query: str) -> list[str]:
    return [hit.summary.title for hit in reader.searcher.search(query, ALL, limit=1000)]


def test_fields_of_the_rows_and_parts_of_names(tmp_path: Path) -> None:
    stories = [
        Story(1, T, source="Harbour Post", title="one", text="海" * 900),
        Story(2, T, source="南湖晚報", title="two", text="The F-16 and -covid19."),
    ]
    with start(tmp_path, stories) as reader:
        for query, found in {
            "source:arbo": ["one"],
            "source:湖晚": ["two"],
            "source:harbour.exam": ["two", "one"],
            'source:"arbo"': [],
            "-source:arbo": ["two"],
            "length:>800": ["one"],
            "the length:<800": ["two"],
            "length:800..1k": ["one"],
            "F16 COVID-19": ["two"],
            '"F16"': [],
            "date:11月": ["two", "one"],  # of 2023, as they are
            "date:nov..": ["two", "one"],
            "date:12月": [],
        }.items():
            assert sorted(names(reader, query)) == sorted(found), query
            assert reader.rows(ALL._replace(query=query)).counts().stories == len(found), query
        assert reader.searcher.count("source:arbo", ALL) == 1
        assert reader.searcher.offered("two -one", ALL) is None
        assert reader.searcher.offered("the -covid19", ALL) == ('the "-covid19"', 1)


# --- order and sounds --------------------------------------------------------------------------------------------


def test_titles_stand_first_then_the_best_then_what_only_sounds_so(tmp_path: Path) -> None:
    stories = [
        Story(1, T + 1 * HOUR, title="乌克兰的冬天", text="雪。"),
        Story(2, T + 2 * HOUR, title="Wukelan, a word", text="Nothing."),
        Story(3, T + 3 * HOUR, title="Long", text="wukelan once, wukelan twice. " + "and much else " * 80),
        Story(4, T + 4 * HOUR, title="Short", text="wukelan"),
        Story(5, T + 5 * HOUR, title="五颗蓝莓", text="果。"),
        Story(9, T + 6 * HOUR, title="A headline that has more to say than its story", text="Lamps."),
        Story(6, T, title="Brief", text="Lamps."),
    ]
    with start(tmp_path, stories) as reader:
        hits = reader.searcher.search("wukelan", ALL)
        told = [(hit.summary.title, hit.tier == "sound") for hit in hits]
        assert told == [
            *(("Wukelan, a word", False), ("Short", False), ("Long", False)),
            *(("五颗蓝莓", True), ("乌克兰的冬天", True)),
        ]
        assert names(reader, "lamps") == ["Brief", stories[5].title]
        paged = []
        after = None
        while page := reader.searcher.search("wukelan", ALL, after=after, limit=1):
            after = page[-1].cursor
            paged += page
        assert paged == hits
        by_date = reader.searcher.search("wukelan", ALL, order="date")
        assert [hit.summary.title for hit in by_date][:3] == ["Short", "Long", "Wukelan, a word"]
        assert [hit.tier == "sound" for hit in by_date] == [False, False, False, True, True]


def test_pinyin_finds_titles(tmp_path: Path) -> None:
    with start(tmp_path, [Story(1, T, title="烏克蘭的冬天在重慶", text="雪。")]) as reader:
        for typed, found in {
            "wukelan": True,
            "wkl": True,
            "wukel": True,  # still being typed
            "WuKeLan": True,
            "dongtian": True,
            "wkldt": False,  # 的 stands between
            "wu": False,  # one syllable is in half of all titles
            "kela": True,
            "wukelanx": False,
            "title:wkl": True,
            "wkl 雪": True,
            "-wkl": False,
            "chongqing": True,
        }.items():
            hits = [hit for hit in reader.searcher.search(typed, ALL) if hit.tier == "sound"]
            assert bool(hits) is found, typed


def test_a_title_sounds_as_it_is_typed(tmp_path: Path) -> None:
    titles = {
        "重庆的银行": ["yinhang"],
        "单霁翔谈故宫": ["shanjixiang"],
        "人大代表單霽翔": ["sjx"],
        "仇和被查": ["qiuhe"],
        "旅遊業": ["luyou", "lvyouye"],
        "習近平訪朝": ["xi jin ping", "xi2jin4ping2", "xj", "jinp", "xjpf"],
        "西安的雪": ["xi'an"],
    }
    with start(tmp_path, [Story(n, T, title=title, text="風。") for n, title in enumerate(titles)]) as reader:
        for title, typed in ((title, typed) for title, every in titles.items() for typed in every):
            found = {hit.summary.title: hit.tier for hit in reader.searcher.search(typed, ALL)}
            assert found.get(title) == "sound", typed
            names = {"单霁翔谈故宫", "人大代表單霽翔"}  # the same one in both
            assert found.keys() == (names if title in names else {title}), typed


def test_what_is_no_surname_sounds_as_ever() -> None:
    assert "shan" not in sound_tokens("最后一个单位")[0]
    assert sound_tokens("单霁翔")[0].split() == ["dan0ji", "ji0xiang", "0", "shan0ji", "ji0xiang", "0"]
    assert sound_tokens("No sound") == ("", "")


def test_the_words_that_letters_spell_are_named_and_looked_for_in_texts(tmp_path: Path) -> None:
    stories = [
        Story(1, T + 1 * HOUR, title="習近平訪朝", text="雪。"),
        Story(2, T + 2 * HOUR, title="雪", text="又見习近平。"),
        Story(3, T + 3 * HOUR, title="Xijinping", text="雪。"),
        Story(4, T + 4 * HOUR, title="雪夜", text="近平 and 習。"),
    ]
    with start(tmp_path, stories) as reader:
        hits = reader.searcher.search("xijinping", ALL)
        assert [(hit.summary.title, hit.tier == "sound") for hit in hits] == [
            ("Xijinping", False),
            ("習近平訪朝", True),
            ("雪", True),
        ]
        assert hits[2].snippet.text == "又見习近平。"
        assert hits[2].snippet.spans == ((2, 5),)
        assert reader.searcher.spelled("xijinping") == [("xijinping", "習近平", "2")]
        assert reader.searcher.spelled("xi jin ping") == [("xijinping", "習近平", "2")]
        paged, after = [], None
        while page := reader.searcher.search("xijinping", ALL, after=after, limit=1):
            paged += page
            after = page[-1].cursor
        assert paged == hits
        assert names(reader, "xijinping 雪") == ["Xijinping", "雪", "習近平訪朝"]
        assert names(reader, '"xijinping"') == ["Xijinping"]


def test_words_that_letters_spell_come_and_go_with_titles(tmp_path: Path) -> None:
    with start(tmp_path, [Story(1, T, title="雪")]) as reader:
        assert reader.searcher.spelled("gangkou") == []
        write_archive(tmp_path / "archive", [Story(2, T + HOUR, title="港口")])
        ingested(reader)
        fill(reader)
        assert reader.searcher.spelled("gangkou") == [("gangkou", "港口", "1")]
        (tmp_path / "archive/articles/Harbour Post/2.md").unlink()
        ingested(reader)
        fill(reader)
        assert reader.searcher.spelled("gangkou") == []


def test_of_what_letters_spell_frequent_words_are_counted_up_to_a_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("newsreader.library.search.sounds._ENOUGH", 20)
    titles = ["港口"] * 21 + ["鋼扣"]
    stories = [Story(n, T + n * HOUR, title=title, text=f"{n}") for n, title in enumerate(titles, 1)]
    with start(tmp_path, stories) as reader:
        assert reader.searcher.spelled("gangkou") == [("gangkou", "港口", "20+")]
        assert {hit.summary.title for hit in reader.searcher.search("gangkou")} == set(titles)
    (tmp_path / "archive/articles/Harbour Post/1.md").unlink()
    with start(tmp_path, stories[1:]) as reader:
        assert reader.searcher.spelled("gangkou") == [("gangkou", "港口", "20"), ("gangkou", "鋼扣", "1")]


def test_the_newest_are_ranked_and_older_ones_where_these_do_not_fill_a_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, few in (("RECENT", 3), ("PAGE", 2)):
        monkeypatch.setattr(f"newsreader.library.search.lookup.{name}", few)
    texts = [
        "霧霧霧霧。",
        "霧。",
        "霧霧。",
        "霧港。",
        "港港。",
        "港。",
    ]  # the oldest first, a day each; three are recent
    stories = [Story(n, T + n * 24 * HOUR, title=f"{n}", text=text) for n, text in enumerate(texts)]
    with start(tmp_path, stories) as reader:
        assert names(reader, "霧") == [
            "2",
            "3",
            "1",
            "0",
        ]  # one recent, and one to fill the page: ranked; then the rest
        assert names(reader, "港") == ["4", "5", "3"]
        assert names(reader, "霧 date:2023-11-14..2023-11-16") == ["0", "2", "1"]
        monkeypatch.setattr("newsreader.library.search.lookup.RECENT", 6)
        assert names(reader, "霧") == ["0", "2", "1", "3"]


def test_other_names_stand_below_and_off_within_quotes(tmp_path: Path) -> None:
    stories = [
        Story(1, T + 1 * HOUR, title="川普政府", text="雪。"),
        Story(2, T + 2 * HOUR, title="特朗普", text="雪。"),
        Story(3, T + 3 * HOUR, title="The port", text="Trump, they say."),
    ]
    with start(tmp_path, stories) as reader:
        hits = reader.searcher.search("特朗普", ALL)
        assert [(hit.summary.title, hit.tier == "name") for hit in hits] == [
            ("特朗普", False),
            ("川普政府", True),
            ("The port", True),
        ]
        assert hits[2].snippet.text == "Trump, they say."
        assert names(reader, "trump") == ["The port", "特朗普", "川普政府"]
        assert names(reader, "特朗普政府") == ["川普政府"]
        assert names(reader, "特朗普政") == ["川普政府"]
        assert names(reader, '"特朗普"') == ["特朗普"]
        assert names(reader, "雪 -特朗普") == ["川普政府"]
        assert reader.searcher.count("特朗普", ALL) == 1
    own = config_in(tmp_path).places.config / "names.txt"
    own.parent.mkdir(exist_ok=True)
    own.write_text("# mine\nthe boss, 特朗普\n", "utf-8")
    with Reader.open(config_in(tmp_path), tmp_path / "archive") as reader:
        assert names(reader, "特朗普") == ["特朗普", "川普政府", "The port"]
        write_archive(tmp_path / "archive", [Story(4, T + 4 * HOUR, title="Port", text="It is the boss.")])
        ingested(reader)
        fill(reader)
        assert names(reader, "特朗普")[-2:] == ["Port", "The port"]


def test_below_a_title_that_sounds_so_stands_a_sentence_of_the_text(tmp_path: Path) -> None:
    stories = [Story(1, T, title="論烏克蘭", text="雪。"), Story(2, T + HOUR, title="烏克蘭", text="雪。在乌克兰。")]
    with start(tmp_path, stories) as reader:
        shown = [(hit.summary.title, hit.snippet) for hit in reader.searcher.search("wkl", ALL)]
        assert shown == [("烏克蘭", ("在乌克兰。", ((1, 4),))), ("論烏克蘭", ("雪。", ()))]


def test_spellings() -> None:
    assert ["xi", "an"] in spellings("xian")
    assert spellings("wukel") == [["wu", "ke", "l"]]
    assert ["fang", "an"] in spellings("fangan")
    assert ["fan", "gan"] in spellings("fangan")
    assert ["xi", "an"] in spellings("xi'an")
    assert ["xian"] not in spellings("xi'an")
    assert ["fang", "an"] not in spellings("fan'gan")
    assert ["lv", "you"] in spellings("luyou")
    assert ["qu", "nian"] in spellings("qvnian")
    assert list(phrases("zzz")) == [('initials : "zzz"', 3)]
    assert list(phrases("xjpz"))[-1] == ('initials : "xjp jpz"', 4)
    assert list(phrases("vvv")) == []


@given(st.text(st.sampled_from("angexiu"), max_size=64))
def test_letters_are_spelled_in_no_time(letters: str) -> None:
    for way in spellings(letters):
        assert "".join(way).replace("v", "u") == letters


# --- sentences and matches ---------------------------------------------------------------------------------------


def article(title: str, *texts: str) -> Article:
    blocks = tuple(Paragraph((Span(text),)) for text in texts)
    return Article("0" * 16, "k", "https://harbour.example/1", title, "Post", blocks=blocks)


def words(query: str) -> Words:
    return Words(parse(query, EPOCH, EPOCH.tzinfo))  # type: ignore[arg-type]


def shown(query: str, *texts: str) -> str:
    found = snippet(list(enumerate(texts)), words(query))
    text = found.text
    for begin, end in reversed(found.spans):
        text = f"{text[:begin]}[{text[begin:end]}]{text[end:]}"
    return text


def test_the_match_is_shown_in_its_sentence() -> None:
    assert shown("雾", "船未開。霧散了，人也散了。夜來。") == "[霧]散了，人也散了。"
    assert shown("fog ferry", "No. The Fog held the ferry. Yes.") == "The [Fog] held the [ferry]."
    assert shown("港 河", "港口。", "河與港。") == "[河]與[港]。"  # the block that has both
    assert shown("(港 OR 潮) 河", "港與潮。", "港與河。", "潮、港、河。") == "[港]與[河]。"
    assert shown("標題", "第一句。第二句。") == "第一句。"
    assert shown("標題") == ""
    long = "一" * 30 + "，" + "二" * 30 + "霧" + "三" * 200
    assert shown("雾", long) == "…" + "二" * 30 + "[霧]" + "三" * (160 - 31) + "…"
    assert shown("ab*", "xab abc") == "xab [ab]c"
    assert shown("-雾 船", "霧中的船") == "霧中的[船]"


def test_a_sentence_is_safe_for_a_terminal() -> None:
    found = snippet([(0, "a\x1b]0;evil\x07 \u202efog\x9b b\n\n c")], words("fog"))
    assert found.text == clean_line(found.text)
    assert [found.text[begin:end] for begin, end in found.spans] == ["fog"]


@given(st.lists(st.text(st.sampled_from("港霧 fogb,。\x1b\u202e\u0301\n"), max_size=40), max_size=3))
def test_any_sentence_is_safe_and_its_matches_stand_in_it(texts: list[str]) -> None:
    for query in ("雾", "fog", "雾 OR 港"):
        found = snippet(list(enumerate(texts)), words(query))
        assert found.text == clean_line(found.text)
        for begin, end in found.spans:
            assert 0 <= begin < end <= len(found.text)
            assert fold(found.text[begin:end]).strip() in ("雾", "fog", "港", "港雾", "雾港", "雾雾", "港港")


def test_matches_are_where_the_words_stand() -> None:
    furniture = Furniture((Span("ferry"),), "share")
    plain = article("夜渡 Ferry", "the ferry", "no boat", "FERRY, ferryman")
    story = Article(*(plain.id, plain.key, plain.url, plain.title, plain.source), blocks=(furniture, *plain.blocks))
    assert matches(story, words("ferry")) == [(-1, 3, 8), (1, 4, 9), (3, 0, 5)]
    assert matches(story, words("title:ferry")) == [(-1, 3, 8)]
    assert matches(story, words("fe* ferr*")) == [(-1, 3, 7), (1, 4, 8), (3, 0, 4), (3, 7, 11)]


def test_the_reader_tells_matches_and_faults(tmp_path: Path) -> None:
    with start(tmp_path, [Story(1, T, title="夜渡", text="霧未散，ＦＯＧ。")]) as reader:
        (row,) = reader.rows().page()
        assert reader.searcher.matches(row.id, "雾 fog") == [(0, 0, 1), (0, 4, 7)]
        assert reader.searcher.matches(row.id, "(") == []
        assert reader.searcher.matches(row.id, "yedu") == [(-1, 0, 2)], "what sounds so, where the words stand nowhere"
        assert reader.searcher.matches(row.id, "雾 yedu") == [(-1, 0, 2), (0, 0, 1)], "what stands there stays marked"
        assert reader.searcher.matches(row.id, "yedu OR 雾") == [(0, 0, 1)], "one of them is enough"
        assert reader.searcher.matches(row.id, "雾 nowhere") == [(0, 0, 1)]
        words = search_file(reader.target.index)
        for file in words.parent.glob(f"{words.name}*"):
            file.unlink()
        words.mkdir()
        assert reader.searcher.matches(row.id, "雾 fog") == [(0, 0, 1), (0, 4, 7)], "without an index of words, too"
        assert reader.searcher.matches(row.id, "(") == []
        words.rmdir()
        assert reader.searcher.check("雾 fog") is None
        wrong = reader.searcher.check("雾 date:soon")
        assert isinstance(wrong, BadQuery)
        assert (wrong.why, wrong.position) == ("bad-date", 7)
        with pytest.raises(BadQuery):
            reader.searcher.search("雾 date:soon", ALL)


# --- completions and likeness -------------------------------------------------------------------------------------


def test_what_is_typed_is_completed(tmp_path: Path) -> None:
    stories = [Story(n, T + n, source=source) for n, source in enumerate(("Harbour Post", "河口通訊", "河口通訊"))]
    with start(tmp_path, stories) as reader:
        reader.marks.tag([reader.rows().page()[0].id], "to read")

        def options(query: str) -> tuple[str, ...]:
            return reader.searcher.complete(query, len(query)).texts

        assert options("霧 so") == ("source:",)
        assert options("") == ()
        assert options("our") == (), "a field from its beginning, its values from anywhere"
        assert options("source:") == ("河口通訊", '"Harbour Post"')
        assert options("source:通讯") == ("河口通訊",)
        assert options("-source:har") == ('"Harbour Post"',)
        assert options("tag:t") == ('"to read"',)
        assert options("is:un") == ("unread",)
        assert options("date:tod") == ("today",)
        found = reader.searcher.complete("霧 source:通 港", 10)
        assert (found.start, found.end) == (9, 10)


def test_the_nearest_stories_share_the_rare_words(tmp_path: Path) -> None:
    stories = [
        Story(1, T, title="守塔人的日誌", text="守塔人每天記潮位，白鷺落在燈塔下。守塔人寫滿了日誌。"),
        Story(2, T + 1, title="燈塔熄滅之後", text="守塔人退休了，燈塔熄滅，只剩日誌。"),
        Story(3, T + 2, title="圖書館搬家", text="圖書館搬了三次，書還在路上。"),
        Story(4, T + 3, title="白鷺與日誌", text="守塔人說，白鷺來得早。日誌裡有。"),
        *(Story(n, T + n, title=f"第{n}日", text="城裡下雨，人們不出門。") for n in range(5, 60)),
    ]
    with start(tmp_path, stories) as reader:
        near = [row.title for row in reader.searcher.similar(stories[0].id)]
        assert set(near) == {"燈塔熄滅之後", "白鷺與日誌"}
        assert [row.title for row in reader.searcher.similar(stories[0].id, limit=1)] == near[:1]
        assert reader.searcher.similar("0" * 16) == []


def test_terms_are_no_short_words_and_no_part_of_what_stands_there_nearly_each_time() -> None:
    found = _candidates("", [(0, "Up and up: lantern, lantern. 国安法。国安法。国安。")])
    assert {term for term, _ in found} == {("lantern",), ("国", "安", "法"), ("国", "安")}


# --- filling, following, healing -----------------------------------------------------------------------------------


def test_it_is_filled_with_progress_and_only_once(tmp_path: Path) -> None:
    stories = [Story(n, T + n, title=f"霧 {n}") for n in range(400)]
    with start(tmp_path, stories) as reader:
        assert [one.stage for one in reader.fill_search()] == ["done"]
        search_file(reader.target.index).unlink()
        assert reader.searcher.missing() == 400
        told = list(reader.fill_search())
        assert {one.stage for one in told[:-1]} == {"words"}
        assert [one.done for one in told if one.total == 400][:1] == [0]
        assert told[-1].done == told[-1].total == 400
        assert len(names(reader, "霧")) == 400


def test_it_is_of_use_while_it_fills_and_goes_on_where_it_was_left(tmp_path: Path) -> None:
    stories = [Story(n, T + n * HOUR, title=f"霧 {n}") for n in range(400)]
    with start(tmp_path, stories) as reader:
        search_file(reader.target.index).unlink()
        filling = reader.fill_search()
        next(filling)
        next(filling)
        some = names(reader, "霧")
        assert 0 < len(some) < 400
        assert some[0] == "霧 399"  # the newest are in first
        assert [one.stage for one in reader.fill_search()] == ["elsewhere"]
        filling.close()  # type: ignore[attr-defined]
        stopped = list(reader.fill_search(lambda: True))
        assert stopped[-1].stage == "canceled"
        assert stopped[-1].total == 400 - len(some)
        fill(reader)
        assert len(names(reader, "霧")) == 400


def test_it_follows_changed_and_vanished_stories(tmp_path: Path) -> None:
    stories = [Story(1, T, title="舊題", text="霧。"), Story(2, T + HOUR, title="渡船", text="潮。")]
    with start(tmp_path, stories) as reader:
        assert names(reader, "旧题 OR 渡船") == ["渡船", "舊題"]
        again = Story(1, T + 2 * HOUR, title="新題", text="雨。", name="articles/Harbour Post/1-b.md")
        write_archive(tmp_path / "archive", [again])
        (tmp_path / "archive/articles/Harbour Post/2.md").unlink()
        ingested(reader)
        fill(reader)
        assert names(reader, "新题") == ["新題"]
        assert names(reader, "雾 OR 渡船 OR 潮") == []
        assert [reader.searcher.count(word, ALL) for word in ("旧题", "雨")] == [0, 1]


def test_a_story_that_moved_to_another_source_is_found_there(tmp_path: Path) -> None:
    with start(tmp_path, [Story(1, T, title="渡船", source="河口通訊")]) as reader:
        assert names(reader, "source:河口") == ["渡船"]
        (tmp_path / "archive/articles/河口通訊").rename(tmp_path / "archive/articles/Harbour Post")
        ingested(reader)
        fill(reader)
        assert names(reader, "source:河口") == []
        assert names(reader, "source:harbour") == ["渡船"]


@pytest.mark.parametrize("after", [0.0, 0.1])
def test_a_kill_at_any_moment_costs_nothing_that_was_done(tmp_path: Path, after: float) -> None:
    stories = [Story(n, T + n * HOUR, title=f"霧 {n}", text="渡船與潮汐。" * 30) for n in range(300)]
    with Reader.open(config_in(tmp_path), write_archive(tmp_path / "archive", stories)) as reader:
        ingested(reader)
        filling: Job[Progress] = Job("newsreader.reader.ingest:fill_search", reader.target)
        filling.poll(30)
        time.sleep(after)
        filling.cancel()
        before = len(names(reader, "潮汐"))
        list(reader.fill_search())
        assert before <= len(names(reader, "潮汐")) == 300


def test_a_damaged_index_of_words_is_made_anew(tmp_path: Path) -> None:
    stories = [Story(n, T + n, title=f"霧 {n}", text="渡船。" * 50) for n in range(50)]
    with start(tmp_path, stories) as reader:
        path = search_file(reader.target.index)
    data = bytearray(path.read_bytes())
    data[4096:] = b"\x00\xff" * ((len(data) - 4096) // 2)
    path.write_bytes(data)
    with Reader.open(config_in(tmp_path), tmp_path / "archive") as reader:
        assert names(reader, "渡船") == []
        fill(reader)
        assert len(names(reader, "渡船")) == 50
    path.write_bytes(b"no database at all" * 1000)
    with Reader.open(config_in(tmp_path), tmp_path / "archive") as reader:
        assert names(reader, "渡船") == []
        fill(reader)
        assert len(names(reader, "渡船")) == 50


def test_words_that_are_lost_while_one_reads_want_filling(tmp_path: Path) -> None:
    with start(tmp_path, [Story(1, T, text="渡船")]) as reader:
        fill(reader)
        assert len(names(reader, "渡船")) == 1
        while reader.stale():  # until nothing else is new
            ingested(reader)
            reader.changed()
        search_file(reader.target.index).unlink()
        assert names(reader, "渡船") == []
        assert reader.stale()
        assert not reader.stale()


def test_what_other_versions_left_is_deleted(tmp_path: Path) -> None:
    ours = tmp_path / "index-v3-search-v2.db"
    gone = [tmp_path / "index-v2-search-v2.db", tmp_path / "index-v3-search-v1.db"]
    kept = [ours, tmp_path / "index-v4-search-v2.db", tmp_path / "demo-v2-search-v1.db", tmp_path / "index-v2.db"]
    for path in (*gone, *kept):
        path.touch()
    forget_others(ours)
    assert not any(path.exists() for path in gone)
    assert all(path.exists() for path in kept)


def test_a_lock_that_cannot_be_taken_is_an_error_with_a_name(tmp_path: Path) -> None:
    with Reader.open(config_in(tmp_path), write_archive(tmp_path / "archive", [Story(1)])) as reader:
        ingested(reader)
        path = search_file(reader.target.index)
        for lock in (path, reader.target.index):
            lock.with_name(lock.name + ".lock").unlink(missing_ok=True)
            lock.with_name(lock.name + ".lock").mkdir()
        with pytest.raises(StorageFailed, match=r"\.lock"):
            list(reader.fill_search())
        with pytest.raises(StorageFailed, match=r"\.lock"):
            ingested(reader)


@pytest.mark.parametrize(
    "query",
    [
        "港 OR (is:starred -is:starred)",
        "date:1970 OR ((is:unread OR 港) (is:read date:>=1970-02))",
        "-(is:unread) OR 港",
    ],
)
def test_marks_within_or_and_not_are_found(tmp_path: Path, query: str) -> None:
    with Reader.open(config_in(tmp_path), write_archive(tmp_path / "archive", [Story(1, title="港口")])) as reader:
        ingested(reader)
        list(reader.fill_search())
        assert [hit.summary.title for hit in reader.searcher.search(query, View())] == ["港口"]
        assert reader.searcher.count(query, View()) == 1


def test_lowered_digits_and_words_across_their_readings_are_found(tmp_path: Path) -> None:
    text = "H<sub>2</sub>O at the <ruby>灯<rt>とう</rt>台<rt>だい</rt></ruby>。"
    with start(tmp_path, [Story(1, T, title="Water", text=text)]) as reader:
        found = [names(reader, query) for query in ("H2O", "H₂O", "灯台", "海台")]
    assert found == [["Water"]] * 3 + [[]]
