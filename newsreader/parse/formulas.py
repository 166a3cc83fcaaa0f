"""Formulas -> one line of text: MathML in Unicode where all of it can be written so, else the TeX beside it."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from newsreader.article import lowered, raised
from newsreader.parse.soup import Element, Text

DRAWN: Final = re.compile(r"(?:^|\s)(?:katex(?:-display)?|mwe-math-element|MathJax(?:_\w+)?|mjx-\w+)(?:\s|$)")
"""The classes of what scripts draw formulas into."""

_MOST: Final = 400
_DEEPEST: Final = 40
_LONGEST: Final = 2000
_DISPLAY: Final = re.compile(r"^\s*\{\\displaystyle\s?(.*)\}\s*$", re.DOTALL)
_ACCENTS: Final = {
    "¯": "\u0304",
    "‾": "\u0304",
    "^": "\u0302",
    "~": "\u0303",
    "˙": "\u0307",
    "→": "\u20d7",
    "ˆ": "\u0302",
}
_BINARY: Final = "=+−-×·<>≤≥≠≈→⇒∈±∓∝≡"
_INVISIBLE: Final = re.compile("[\u2061-\u2064\u200b]")


class _Part(NamedTuple):
    text: str
    atom: bool = True  # whether it needs no brackets beside something
    whole: bool = True  # whether Unicode has all of it


def formula_in(element: Element) -> str:
    """The formula that an element is or holds, "" if there is none."""
    math = _find(element, "math")
    if math is None:
        return ""
    part = _row(math.children, _DEEPEST)
    text = " ".join(part.text.split())
    if not part.whole or not text:
        note = _find(math, "annotation")
        tex = _text(note.children) if note is not None and "tex" in note.get("encoding") else math.get("alttext")
        text = tex_of(tex) or text
    return text if len(text) <= _LONGEST else ""


def tex_of(text: str) -> str:
    """TeX on one line, without what only sets its size."""
    found = _DISPLAY.match(text)
    return " ".join((found[1] if found else text).split())


def _find(element: Element, tag: str) -> Element | None:
    waiting, left = [element], _MOST
    while waiting and left:
        left -= 1
        found = waiting.pop()
        if found.tag == tag:
            return found
        waiting += [child for child in reversed(found.children) if isinstance(child, Element)]
    return None


def _text(children: list[Element | Text], deep: int = 4) -> str:
    texts = (c.text if isinstance(c, Text) else _text(c.children, deep - 1) if deep else "" for c in children)
    return _INVISIBLE.sub("", "".join(texts))


def _elements(element: Element) -> list[Element]:
    return [child for child in element.children if isinstance(child, Element)]


def _row(children: list[Element | Text], deep: int) -> _Part:
    parts = [_part(child, deep - 1) for child in children if isinstance(child, Element)]
    parts = [part for part in parts if part.text.strip()]
    if not parts:
        return _Part(_text(children).strip())
    if len(parts) == 1:
        return parts[0]
    text, name = "", False
    for part in parts:
        sign = part.text.strip()
        was_name, name = name, len(sign) > 1 and sign.isalpha() and sign.isascii() and part.atom
        if text[-1:].isalnum() and sign[:1] not in ")]},.;" and (name or (was_name and sign != "(")):
            text += " "  # sin x, A cos (2πt)/T
        if text and len(sign) == 1 and sign in _BINARY and text[-1:] not in "([{,":
            text += f" {sign} "
        elif sign == ",":
            text += ", "
        else:
            text += part.text
    return _Part(text, atom=False, whole=all(part.whole for part in parts))


def _held(part: _Part) -> str:
    text = part.text.strip()
    simple = part.atom or len(text) == 1 or (text.isalnum() and text.isascii() and (text.isdigit() or len(text) < 2))
    return text if simple else f"({text})"


def _script(part: _Part, sign: str) -> _Part:
    text = part.text.strip()
    found = (raised if sign == "^" else lowered)(text.replace(" ", ""))
    if found is not None:
        return _Part(found)
    return _Part(f"{sign}{text}" if len(text) == 1 else f"{sign}({text})", whole=False)


def _part(element: Element, deep: int) -> _Part:
    tag, inner = element.tag, _elements(element)
    if not deep or tag in ("annotation", "annotation-xml", "mphantom"):
        return _Part("", whole=bool(deep))
    parts = [_part(child, deep - 1) for child in inner[:3]] if tag not in ("mrow", "mtable") else []
    match tag, len(inner):
        case (("mi" | "mn" | "mtext" | "ms" | "mo"), _):
            return _Part(" ".join(_text(element.children).split()) if tag != "mtext" else _text(element.children))
        case "mspace", _:
            return _Part(" ")
        case (("msup" | "mover"), 2):
            if tag == "mover" and parts[1].text.strip() in _ACCENTS and len(parts[0].text.strip()) == 1:
                return _Part(parts[0].text.strip() + _ACCENTS[parts[1].text.strip()])
            return _scripted(parts[0], None, parts[1])
        case (("msub" | "munder"), 2):
            return _scripted(parts[0], parts[1], None)
        case (("msubsup" | "munderover"), 3):
            return _scripted(parts[0], parts[1], parts[2])
        case "mfrac", 2:
            return _Part(f"{_held(parts[0])}/{_held(parts[1])}", False, parts[0].whole and parts[1].whole)
        case "msqrt", _:
            root = _row(element.children, deep)
            return _Part("√" + _held(root), whole=root.whole)
        case "mroot", 2:
            sign = {"3": "∛", "4": "∜"}.get(parts[1].text.strip())
            before = sign or (raised(parts[1].text.strip()) or "") + "√"
            return _Part(before + _held(parts[0]), whole=parts[0].whole and before != "√")
        case "mfenced", _:
            held = [_part(child, deep - 1) for child in inner]
            texts = (element.get("separators") or ",").strip()[:1].join(part.text for part in held)
            ends = (element.attributes.get("open", "("), element.attributes.get("close", ")"))
            return _Part(f"{ends[0]}{texts}{ends[1]}", whole=all(part.whole for part in held))
        case "mtable", _:
            rows = [[_row(cell.children, deep - 2).text for cell in _elements(row)] for row in inner]
            return _Part("; ".join(" ".join(row) for row in rows), whole=False)
        case "semantics", _:
            return parts[0] if parts else _Part("")
    return _row(element.children, deep)


def _scripted(base: _Part, under: _Part | None, over: _Part | None) -> _Part:
    text, whole = _held(base), base.whole
    for part, sign in ((under, "_"), (over, "^")):
        if part is not None and part.text.strip():
            script = _Part(part.text.strip()) if part.text.strip() in "′″‴" else _script(part, sign)
            text, whole = text + script.text, whole and part.whole and script.whole
    return _Part(text, whole=whole)
