"""Bytes of an unknown encoding -> text.

Owns: which encoding bytes are in. Decided only here: the order in which a byte order mark, UTF-8, a declaration and
a guess are believed. Never: what the text means. Nothing raises, nothing is dropped: a byte that the encoding does
not know stands in the text as \\xNN.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from newsreader.errors import Warning

_SAMPLE: Final = 4096  # bytes that a guess looks at
_PLAUSIBLE: Final = 0.2  # a guess below it is believed only if it leaves no byte over

_BOMS: Final = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_declared = re.compile(
    rb"<meta[^>]{0,200}?charset\s{0,9}=\s{0,9}[\"']?\s{0,9}([a-z0-9_:.-]{2,40})"
    rb"|<\?xml[^>]{0,200}?encoding\s{0,9}=\s{0,9}[\"']([a-z0-9_:.-]{2,40})",
    re.IGNORECASE,
)
# The labels that pages declare, and the codec that reads what they really hold (WHATWG Encoding).
_LABELS: Final = {
    **dict.fromkeys(("gb2312", "gbk", "gb18030", "x-gbk", "gb_2312-80", "hz-gb-2312"), "gb18030"),
    **dict.fromkeys(("big5", "big5-hkscs", "x-x-big5", "cn-big5", "csbig5"), "big5hkscs"),
    **dict.fromkeys(("shift_jis", "shift-jis", "sjis", "x-sjis", "ms_kanji", "windows-31j"), "cp932"),
    **dict.fromkeys(("euc-jp", "x-euc-jp"), "euc_jp"),
    **dict.fromkeys(("euc-kr", "ks_c_5601-1987", "windows-949", "cp949", "korean"), "cp949"),
    **dict.fromkeys(("iso-8859-1", "latin1", "us-ascii", "ascii", "windows-1252", "cp1252"), "cp1252"),
    **{f"windows-{n}": f"cp{n}" for n in (1250, 1251, 1253, 1254, 1255, 1256, 1257, 1258)},
    **{f"iso-8859-{n}": f"iso8859-{n}" for n in (2, 5, 7, 9, 15)},
    "koi8-r": "koi8-r",
}


def to_text(data: bytes) -> tuple[str, tuple[Warning, ...]]:
    """The text that `data` holds, without its byte order mark, in linear time.

    Warnings: "encoding" where it was declared or guessed (detail: the codec), "undecodable" where bytes were kept as
    \\xNN (detail: in how many places).
    """
    for bom, codec in _BOMS:
        if data.startswith(bom):
            return _decoded(data[len(bom) :], codec)
    try:
        return data.decode("utf-8"), ()
    except UnicodeDecodeError:
        pass
    if _is_damaged_utf8(data):
        return _decoded(data, "utf-8")
    known = _guessed_codec(data, _declared_codec(data))
    if known is None:
        return _decoded(data, "utf-8")
    if known == "big5hkscs" and not _bad_places(data, "cp950"):
        known = "cp950"  # the two differ in a few points; Hong Kong's is only needed for its own characters
    text, warnings = _decoded(data, known)
    return text, (Warning("encoding", known), *warnings)


def _decoded(data: bytes, codec: str) -> tuple[str, tuple[Warning, ...]]:
    try:
        return data.decode(codec), ()
    except UnicodeDecodeError:
        return data.decode(codec, "backslashreplace"), (Warning("undecodable", str(_bad_places(data, codec))),)


def _bad_places(data: bytes, codec: str) -> int:
    own = 0 if codec != "utf-8" else data.count(b"\xef\xbf\xbd")
    return data.decode(codec, "replace").count("\ufffd") - own


def _is_damaged_utf8(data: bytes) -> bool:
    """Whether what is not ASCII is mostly whole UTF-8 sequences, in other encodings rare, above all the longer ones."""
    sample = _sample(data)
    whole = re.findall("[^\0-\x7f\ufffd]", sample.decode("utf-8", "replace"))
    return sum(3 if char > "\u07ff" else 1 for char in whole) > 2 * _bad_places(sample, "utf-8")


def _sample(data: bytes) -> bytes:
    """From the last ASCII byte before the first that is none."""
    first = re.search(rb"[\x80-\xff]", data)
    start = max(first.start() - 1, 0) if first else 0
    return data[start : start + _SAMPLE]


def _declared_codec(data: bytes) -> str | None:
    declared = _declared.search(data, 0, _SAMPLE)
    if declared is None:
        return None
    return _LABELS.get((declared[1] or declared[2]).decode("ascii").lower())


# --- Guessing -------------------------------------------------------------------------------------------------------

# Characters that make up a half and more of any text in their language.
_HAN: Final = frozenset(
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家"
    "种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把机十民"
    "第公此已工使情明性知全三又关点正业外将两高间由问很最重并物手应战向头文体政美相见被利什二等产或新己制身果加西斯月话"
    "合回特代内信表化老给世位次度门任常先海通教儿原东声提立及比员解水名真论处走义各入几口认条平系气题活尔更别打女变四神总"
    "何电数安少报才结反受目太量再感建务做接必场件计管期市直德资命山金指克许统区保至队形社便空决治展马科司五基眼书非则听白"
    "却界达光放强即像难且权思王象完设式色路记南品住告类求据程北边死张该交规万取拉格望觉术领共确传师观清今切院让识候带导争运"
    "這個們來為國說時會對過發後裡種經麼學現當沒動還進樣開從實軍無與長機點業將兩間問並應戰頭體產話給門車張東聲員論處義幾認條"
    "氣題爾別變總電數報結務場計資許統區隊決馬書則聽達強難權設記類據邊該規萬領傳師觀聯黨議際華灣習協導對選舉團級議愛親買賣費"
    "者書言年月日分前後東京都府市区県町村社会党国内本当時間円気電車駅話語読見新聞発表政権首相対策経済関係約問題調査結果必要"
)
_KANA: Final = frozenset(map(chr, (*range(0x3041, 0x3094), *range(0x30A1, 0x30F7), 0x30FC)))
_HANGUL: Final = frozenset(
    "이다는에의가을를하고은한지로기서도사대정시자그어해일인나전리으과있아보라수장부적스원제상들동국경주안비여와성구조것게"
    "신면발민관선세공없했었니까오우미계연치무소방교용행실회문화위금당통유생분중만터내식거마요드트단진결북남미차법현재개"
)
_POINTS: Final = frozenset("，。、：；？！（）「」『』《》“”‘’—…・　％０１２３４５６７８９")
_LATIN_POINTS: Final = frozenset("“”‘’‚„–—…•€£§©®°«»¿¡\u00a0")
_latin_letters = re.compile("[À-ÖØ-öø-ÿŒœŠšŽžŸ]{1,3}").fullmatch
_latin_run = re.compile("([ -~]?)([^\0-\x7f]+)(?=([ -~]?))")


def _rows(codec: str, first: int, last: int) -> frozenset[str]:
    """The characters of a double-byte codec whose code is from `first` to `last`: its level of everyday characters."""
    codes = b"".join(code.to_bytes(2, "big") for code in range(first, last + 1) if code & 0xFF >= 0x40)
    return frozenset(char for char in codes.decode(codec, "ignore") if "\u4e00" <= char <= "\ud7a3")


class _Weights(dict[str, float]):
    """How much each character speaks for one encoding: 1 where it is common in a language that is written in it,
    less where it is of the encoding's everyday level, below 0 where text hardly ever holds it."""

    def __init__(self, everyday: frozenset[str], *common: frozenset[str]) -> None:
        super().__init__(dict.fromkeys(everyday, 0.4))
        for chars in common:
            self.update(dict.fromkeys(chars, 1.0))

    def __missing__(self, char: str) -> float:
        if "\u4e00" <= char <= "\u9fff" or "\uac00" <= char <= "\ud7a3":
            return 0.0
        if char == "\ufffd" or "\x80" <= char <= "\x9f" or "\ue000" <= char <= "\uf8ff":
            return -1.0
        return -0.3


@cache
def _candidates() -> dict[str, _Weights]:
    japanese = _Weights(_rows("cp932", 0x889F, 0x9872), _HAN, _POINTS, _KANA)
    return {
        "gb18030": _Weights(_rows("gb2312", 0xB0A1, 0xD7F9), _HAN, _POINTS),
        "big5hkscs": _Weights(_rows("big5", 0xA440, 0xC67E), _HAN, _POINTS),
        "cp932": japanese,
        "euc_jp": japanese,
        "cp949": _Weights(_rows("euc_kr", 0xB0A1, 0xC8FE), _HANGUL, _POINTS),
    }


def _guessed_codec(data: bytes, declared: str | None) -> str | None:
    """The declared codec, if the bytes bear it out, else the one whose text is the most plausible, if it is."""
    sample = _sample(data)
    scores = {codec: _score(sample, codec, weights) for codec, weights in _candidates().items()}
    scores["cp1252"] = _latin_score(sample)
    best = max(scores, key=scores.__getitem__)
    if declared and (scores[declared] + 0.3 >= scores[best] if declared in scores else not _bad_places(data, declared)):
        return declared
    if scores[best] >= _PLAUSIBLE or (scores[best] >= 0 and not _bad_places(data, best)):
        return best
    return None


def _score(sample: bytes, codec: str, weights: _Weights) -> float:
    text = re.sub("[\0-\x7f]+", "", sample.decode(codec, "replace"))
    return sum(map(weights.__getitem__, text)) / max(len(text), 1)


def _latin_score(sample: bytes) -> float:
    """Like `_score` for Western European text: letters with accents stand among plain letters of the same case,
    points next to plain text, and neither in long runs."""
    score = total = 0.0
    for before, run, after in _latin_run.findall(sample.decode("cp1252", "replace")):
        total += len(run)
        if _latin_letters(run):
            small = run.islower() and not (before + after).isupper()
            large = run.isupper() and not before.islower()
            score += len(run) if (small or large) and _may_end_word(after) else -len(run)
        else:
            score += sum(0.8 if char in _LATIN_POINTS else -0.5 for char in run)
    return score / max(total, 1.0)


def _may_end_word(after: str) -> bool:
    return after.isalpha() or after in " .,;:!?'\")-<"
