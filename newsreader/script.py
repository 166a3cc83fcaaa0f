"""Writing systems: what a text is written in, how much of it there is to read, where it stands in a sorted list, which
characters a search takes for the same, and how Han characters sound.

Decided only here: which characters tell Simplified from Traditional Chinese and both from Japanese; that folding goes
character by character, whatever stands beside it, so that what is found can be shown in the text as it is.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from newsreader.article import Article

_SAMPLE: Final = 20_000  # characters from which a language is told

# Frequent characters that Chinese writes in two ways, in the same order; neither form is a word of the other script.
_SIMPLIFIED: Final = (
    "国为这对会个们时来发说关经过与将学报员动权数业现当长实开议区进没还体应内机资问间华联场选网无总两称认"
    "从务际强题该产万点统济尔论湾军样记电亚调举计导达欧许决声组约确战让则处参证义护师结维视规医图领话东别"
    "罗变设评给严价条审离责织预响马张标观争难专构见击门书项显号势测卫备协办况险诉亿风检边头压习访术贸继监"
    "状单带独线闻陆创历态营队纪级执兰类转汉络驻费讲写谈觉仅连气纳识财违负虑断车奥却节试请紧编随属针远诊货"
    "职环亲银较录临坚缪馆质终绝顿语涨陈黄够频双刚减儿诺欢听伤虽爱坏译讯满胁阳围讨润伦验轻纽岁释损层吗刘读"
    "买宪课稳拥韩郑汇帮飞细弹暂竞购鲁归疗额简龙忧销优兴宫晓杀灾顶错扩岛补毕热丽乐库红顾寻装闭触谓剧汤画税"
    "众启罚续运传艺"
)
_TRADITIONAL: Final = (
    "國為這對會個們時來發說關經過與將學報員動權數業現當長實開議區進沒還體應內機資問間華聯場選網無總兩稱認"
    "從務際強題該產萬點統濟爾論灣軍樣記電亞調舉計導達歐許決聲組約確戰讓則處參證義護師結維視規醫圖領話東別"
    "羅變設評給嚴價條審離責織預響馬張標觀爭難專構見擊門書項顯號勢測衛備協辦況險訴億風檢邊頭壓習訪術貿繼監"
    "狀單帶獨線聞陸創歷態營隊紀級執蘭類轉漢絡駐費講寫談覺僅連氣納識財違負慮斷車奧卻節試請緊編隨屬針遠診貨"
    "職環親銀較錄臨堅繆館質終絕頓語漲陳黃夠頻雙剛減兒諾歡聽傷雖愛壞譯訊滿脅陽圍討潤倫驗輕紐歲釋損層嗎劉讀"
    "買憲課穩擁韓鄭匯幫飛細彈暫競購魯歸療額簡龍憂銷優興宮曉殺災頂錯擴島補畢熱麗樂庫紅顧尋裝閉觸謂劇湯畫稅"
    "眾啟罰續運傳藝"
)
# Forms that only Japanese uses, for headlines without kana.
_JAPANESE: Final = (
    "気発経図駅円広売読対転応変実団価検権労駆浜渋沢桜辺剣焼県恵従徳戦拝挙拡択挿歩歯毎渓満働込畑枠峠塩黒釈鉄銭闘隣霊験髪鶏竜粛総縄聴臓"
    "薬蔵覚訳続絵繊"
)
_ENGLISH: Final = frozenset(
    (
        *(
            "the",
            "of",
            "and",
            "to",
            "a",
            "in",
            "is",
            "that",
            "for",
            "on",
            "with",
            "as",
            "was",
            "at",
            "by",
            "it",
            "from",
        ),
        *("are", "this", "be", "an", "or", "not", "has", "have", "you", "its", "how", "what", "why", "will"),
    )
)

_is_simplified: Final = frozenset(_SIMPLIFIED)
_is_traditional: Final = frozenset(_TRADITIONAL)
_is_japanese: Final = frozenset(_JAPANESE)

_HAN_CLASS: Final = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_KANA_CLASS: Final = "\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\uff66-\uff9d"
_HANGUL_CLASS: Final = "\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3"
_SCRIPTS: Final = f"([{_HAN_CLASS}])|([{_KANA_CLASS}])|([{_HANGUL_CLASS}])|([A-Za-z\u00c0-\u024f])"
_UNSPACED: Final = f"[{_HAN_CLASS}{_KANA_CLASS}{_HANGUL_CLASS}]+"
_WORD: Final = r"[^\W_]+(?:['\u2019.,-][^\W_]+)*"


def language_of(text: str) -> str:
    """ "zh-Hans", "zh-Hant", "ja", "ko", "en", or "" if the text does not tell; by script and telling characters."""
    script_of = re.compile(_SCRIPTS).match
    letters = [0, 0, 0, 0, 0]
    simplified = traditional = japanese = 0
    for char, n in Counter(text[:_SAMPLE]).items():
        script = script_of(char)
        letters[script.lastindex or 0 if script else 0] += n
        simplified += n * (char in _is_simplified)
        traditional += n * (char in _is_traditional)
        japanese += n * (char in _is_japanese)
    _, han, kana, hangul, latin = letters
    # One character of these scripts says about as much as four letters.
    if latin > 4 * (han + kana + hangul):
        return "en" if _reads_english(text[:_SAMPLE]) else ""
    if hangul > han + kana:
        return "ko"
    if 6 * kana > han or (japanese > simplified and 20 * japanese > han):
        return "ja"
    if simplified == traditional:
        return ""
    return "zh-Hans" if simplified > traditional else "zh-Hant"


def _reads_english(text: str) -> bool:
    words = re.findall(_WORD, text.lower())
    return 10 * sum(word in _ENGLISH for word in words) > len(words)


def load_of(article: Article) -> tuple[int, int]:
    """The reading load of an article; furniture is not read."""
    from newsreader.article import Furniture, plain

    return reading_load("\n".join(plain(b.spans) for b in article.blocks if not isinstance(b, Furniture)))


def reading_load(text: str) -> tuple[int, int]:
    """What there is to read: (Han, kana and Hangul characters, words of other scripts); numbers are words."""
    rest = re.sub(_UNSPACED, "", text)
    characters = len(text) - len(rest)
    words = re.findall(_WORD, re.sub(_UNSPACED, " ", text) if characters else text)
    return characters, len(words)


_KEY_CHARS: Final = 24
_AFTER_ALL_ELSE: Final = b"\xf8"  # no byte of UTF-8


@cache
def _places_by_sound() -> dict[str, bytes]:
    """Where each Han character stands in the order of pinyin, made by tests/pinyin.py: two bytes."""
    lines = Path(__file__).with_name("pinyin.txt").read_text(encoding="utf-8").splitlines()
    characters = "".join(line.partition(" ")[2] for line in lines)
    return {char: n.to_bytes(2) for n, char in enumerate(characters)}


def sort_key(text: str) -> bytes:
    """What sorts titles: digits, letters without case and accents, then Han characters by pinyin, whatever its tone
    marks or punctuation; made of the first characters only."""
    key = bytearray()
    for char in unicodedata.normalize("NFKD", text[: 4 * _KEY_CHARS]).casefold():
        if char.isalnum():
            place = _places_by_sound().get(char) if char >= "\u3400" else None
            key += char.encode("utf-8", "replace") if place is None else _AFTER_ALL_ELSE + place
        elif char.isspace() and key:
            key += b" "
        if len(key) >= 3 * _KEY_CHARS:
            break
    return bytes(key)


# --- folding ------------------------------------------------------------------------------------------------------

_UNFOLDED: Final = "\u0300-\u036f"  # marks over Latin, Greek and Cyrillic letters: dropped
_MARKED: Final = re.compile(f"[A-Za-z\u00c0-\u024f\u0370-\u03ff][{_UNFOLDED}]+")
_SHAPELESS: Final = re.compile(f"[{_UNFOLDED}\ufe00-\ufe0f\U000e0100-\U000e01ef]")
"""Such marks, and those after a character that choose between its forms."""
_COMPOSED: Final = re.compile("[\u3041-\u30ff\uac00-\ud7a3]")  # kana with voice marks, and Hangul
_STRAIGHT: Final = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u0060\u00b4", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
        "\u2044": "/",
        "\u0131": "i",
        "\u0142": "l",
        "\u00f8": "o",
        "\u0111": "d",
        "\u00e6": "ae",
        "\u0153": "oe",
        "\u0451": "\u0435",
    }
)


class _Folding(dict[int, str]):
    """What each code point becomes, worked out when it is first met."""

    def __missing__(self, point: int) -> str:
        folded = self[point] = self._folded(chr(point))
        return folded

    def _folded(self, char: str) -> str:
        if char.isspace():
            return " "
        if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co") or _SHAPELESS.match(char):
            return ""
        plain = unicodedata.normalize("NFKC", char)
        if plain != char:
            return "".join(" " if one.isspace() else self[ord(one)] if one != char else one for one in plain)
        base = unicodedata.normalize("NFD", char)
        if base != char and _MARKED.fullmatch(base):
            return self[ord(base[0])]
        if base != char and _COMPOSED.match(char):
            return base  # as those are whose marks stand apart: half-width ones, and names of files on a Mac
        return char.casefold().translate(_STRAIGHT)


@cache
def _folding() -> _Folding:
    """Made of folding.txt (by tests/folding.py): a simplified character and all that become it, a line each."""
    folding = _Folding()
    for line in Path(__file__).with_name("folding.txt").read_text(encoding="utf-8").splitlines():
        folding.update(dict.fromkeys(map(ord, line), line[0]))
    return folding


def fold(text: str) -> str:
    """What a search compares: Simplified for Traditional characters and their variants; wide, narrow and styled forms
    plain (NFKC); letters without case, Latin and Greek ones without marks; kana and Hangul in their parts; quotes and
    dashes straight; any blank a space; nothing for what has no shape of its own. Character by character, so that the
    folding of a text is that of its parts; folding twice is folding once."""
    return text.translate(_folding())


def fold_whence(text: str) -> tuple[str, list[int]]:
    """A folded text, and where in `text` each of its characters comes from, with the end of both at the end."""
    folding = _folding()
    parts = [folding[ord(char)] for char in text]
    whence = [n for n, part in enumerate(parts) for _ in part]
    return "".join(parts), [*whence, len(text)]


# --- readings -----------------------------------------------------------------------------------------------------


@cache
def _sounds() -> dict[str, str]:
    """The most frequent reading of each Han character, without its tone."""
    lines = Path(__file__).with_name("pinyin.txt").read_text(encoding="utf-8").splitlines()
    return {char: sound[:-1] for sound, _, chars in (line.partition(" ") for line in lines) for char in chars}


@cache
def syllables() -> frozenset[str]:
    """Every syllable of Mandarin as it is typed: without tones, "v" for ü; no mere hums."""
    return frozenset(sound for sound in _sounds().values() if set(sound) & set("aeiouv"))


_SURNAMES: Final[dict[str, str]] = dict(
    re.findall(
        "(.)([a-z]+)",
        "单shan仇qiu解xie曾zeng查zha朴piao区ou盖ge种chong翟zhai缪miao乐yue覃qin卜bu折she员yun秘bi祭zhai黑he召shao繁po逄pang"
        "洗xian柏bai薄bo谌chen宓mi隗kui能nai会gui句gou臧zang郗chi尉wei车ju石dan",
    )
)
"""Characters that sound otherwise where they are surnames; 郗, 尉, 车 and 石 in some."""


def surnames(text: str) -> dict[int, str]:
    """Where in a text a character stands that may be a surname and sounds otherwise then, and how: where it makes no
    word with its neighbours. For indexing only."""
    from pypinyin.constants import PHRASES_DICT

    folding = _folding()
    text = "".join(folding[ord(char)][:1] or " " for char in text)
    found = {}
    for at, char in enumerate(text):
        if sound := _SURNAMES.get(char):
            around = (text[max(0, begin) : end] for begin in (at - 1, at) for end in (at + 2, at + 3))
            if not any(word in PHRASES_DICT for word in (text[max(0, at - 1) : at + 1], *around)):
                found[at] = sound
    return found


def readings(text: str) -> list[str]:
    """How each character of a text sounds, by the words it stands in, "" for one that is not Han. Takes a quarter of a
    second the first time: for indexing only."""
    from pypinyin.seg.mmseg import seg

    folding, sounds, known = _folding(), _sounds(), syllables()
    heard = [sounds.get(folding[ord(char)], "") for char in text]
    text = "".join(folding[ord(char)][:1] or " " for char in text)
    for run in re.finditer(f"[{_HAN_CLASS}]+", text):
        at = run.start()
        for word in seg.cut(run[0]):
            for n, sound in enumerate(_spoken(word), at):
                heard[n] = sound if sound in known else heard[n]
            at += len(word)
    return heard


@lru_cache(1 << 15)
def _spoken(word: str) -> list[str]:
    from pypinyin import Style, lazy_pinyin

    spoken = lazy_pinyin(word, style=Style.NORMAL, v_to_u=False)
    return spoken if len(spoken) == len(word) else []
