"""Hostile archives, read in a real terminal: no byte may arrive there that newsreader did not write itself.

Every attack stands in every place that an archive's maker controls: title, source, byline, text, caption, alt, link
text, URL, topic, file name, code, table and heading. The program is started in a pty, every view that shows such text
is walked through, and the raw bytes are held against the grammar of the few sequences that a text user interface has
reason to send. Attacks made of such sequences bear the number 7331, by which they are known.
"""

from __future__ import annotations

import html
import os
import re
import sys
from pathlib import Path
from typing import Final

import pytest

from newsreader.config import load_config
from newsreader.reader import Reader
from tests.terminal import Terminal, run

ESC, CSI, OSC, ST = "\x1b", "\x9b", "\x9d", "\x9c"
PWNED: Final = "PWNED"
ESC_WAIT: Final = 0.2
"""Seconds in which a key after Esc would be taken for one of its sequence's."""

ATTACKS: Final = {
    "colour and clear": f"{ESC}[7331m{ESC}[7331J{ESC}[7331;1H{ESC}[?7331l{ESC}c",
    "queries": f"{ESC}[7331n{ESC}[7331c{ESC}[?7331$p{ESC}[7331t{ESC}Z",
    "titles": f"{ESC}]0;{PWNED}\x07{ESC}]2;{PWNED}{ESC}\\",
    "link": f"{ESC}]8;;http://evil.example/{ESC}\\here{ESC}]8;;{ESC}\\",
    "clipboard": f"{ESC}]52;c;UFdORUQ=\x07",
    "font and files": f"{ESC}]50;{PWNED}\x07{ESC}]1337;File=inline=1:UFdORUQ=\x07",
    "unterminated": f"{ESC}]0;{PWNED}",
    "strings": f"{ESC}P+q544e{ESC}\\{ESC}_Gf=24;{PWNED}{ESC}\\{ESC}^{PWNED}{ESC}\\{ESC}X{PWNED}{ESC}\\",
    "tmux": f"{ESC}Ptmux;{ESC}{ESC}]52;c;UFdORUQ={ESC}{ESC}\\{ESC}\\",
    "raw C1": f"{CSI}7331m{OSC}0;{PWNED}{ST}\x90{PWNED}{ST}\x85\x8d",
    "C0": "a\x00b\x08\x08\x08c\x07d\x0ee\x0ff\x7fg\x1bh\x05i",
    "carriage return": f"seen\r{PWNED}",
    "bidi": "abc\u202e\u2066\u2067\u200fdef\u2069\u2028ghi\u2029",
    "tags": "x" + "".join(chr(0xE0000 + ord(c)) for c in PWNED) + "\ufeff\u00ad",
    "zalgo": "a" + "\u0301" * 2000,
    "joiners": "👩" + "\u200d👩" * 3000,
    "markup": "[/x][@click=app.quit]quit[/][link=javascript:x]$primary[b]\\",
    "shell": "$(touch PWNED)`touch PWNED`;touch PWNED|'\"%s{}",
}

# What a full-screen program may send: text, line ends, and sequences of these forms.
_allowed = re.compile(
    rb"""(?: [\x20-\x7e] | [\xc2-\xf4][\x80-\xbf]+ | [\r\n\x08\x0f]
      | \x1b\[ [0-9;:]* [ABCDEFGHJKLMPSTXdfhlmrst@`]    # cursor, erase, insert, delete, scroll, SGR, size
      | \x1b\[\? [0-9;]* (?: [hlsr] | \$p | u )          # private modes and the question which are known
      | \x1b\[ [<>=] [0-9;]* [a-z]                       # the Kitty keyboard
      | \x1b\[ [0-9]* [ ]? [qntc]                        # cursor shape, reports
      | \x1b[78=>M] | \x1b[()][0AB]
      | \x1b\] (?: 0 | 2 ) ; newsreader [^\x00-\x1f\x7f-\x9f]* (?: \x07 | \x1b\\ )   # our own window title
      | \x1bP=[12]s\x1b\\                                # synchronized output, the old way
    )*""",
    re.VERBOSE,
)
_strange = re.compile(
    "[\x00-\x06\x0b\x0c\x0e\x10-\x1a\x1c-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]"
)
_link = re.compile(rb"\x1b\]8;(?:id=\w+)?;(?:(?:https?://|mailto:)[\x21\x23-\x7e]+)?\x1b\\")
_copy = re.compile(rb"\x1b\]52;[cp]*;(?!UFdORUQ=)[A-Za-z0-9+/=]*(?:\x07|\x1b\\)")
# What the window had begun to write when it was left: CAN ends it, unsent.
_cut = re.compile(rb"(?:\x1b(?:\[[0-9;?]*|\][\x20-\x7e]*)?|[\xc2-\xf4][\x80-\xbf]{0,2})\x18")
_attack = re.compile(rb"\x1b\[[?<>=]?[0-9;]*7331|seen\r(?!\n)")


def hostile_dump(attack: str, number: int, url: str = "") -> bytes:
    """A dump with the attack in every place of it, raw and as entities."""
    coded = "".join(f"&#{ord(c)};" if ord(c) < 32 or 126 < ord(c) < 160 else html.escape(c) for c in attack)
    twice = coded.replace("&#", "&amp;#")
    split = f"<b>{html.escape(attack[:1])}</b><i>{html.escape(attack[1:])}</i>"
    url = url or f"https://hostile.example/{number}/a"
    body = f"""<div><i>By {attack}<br>2026-11-1{number % 9}T04:12:14.526Z</i></div>
<img src="https://img.example/{number}.jpg{html.escape(attack)}" alt="{html.escape(attack)}" title="{coded}">
<div><small>caption {attack} {coded}</small></div><h2>Heading {attack} {coded}</h2>
<p>Text {attack} {coded} {twice} {split} <a href="https://evil.example/{html.escape(attack)}">link {attack}</a>
<a href="javascript:alert(1)">script</a> <a href="http://a@b/{coded}">user</a>
<span data-id="1" data-type="AUTO_TOPIC">topic {attack}</span></p>
<ul><li>item {attack}</li></ul><blockquote>quote {attack}</blockquote><pre>code {attack}\tafter</pre>
<table><tr><th>{attack}</th><th>b</th></tr><tr><td>{coded}</td><td>d</td></tr></table>
<figure><img src="https://img.example/f{number}.jpg"><figcaption>figure {attack}</figcaption></figure>
<iframe src="https://video.example/{coded}" title="{html.escape(attack)}"></iframe><p><em>© {attack}</em></p>"""
    head = f"<!--{1763000000000 + number * 3600_000}-->\n[Story {number} {attack}]({url})\n------\n\n"
    return (head + body).encode("utf8", "surrogatepass")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive in which every folder, file name and dump is hostile."""
    root = tmp_path_factory.mktemp("hostile") / "archive"
    for number, attack in enumerate(ATTACKS.values()):
        in_name = attack[:40].replace("/", "_").replace("\x00", "").encode("utf8", "surrogatepass")
        folder = root / "articles" / os.fsdecode(b"S" + in_name)
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / os.fsdecode(b"%05x_" % (0xFFFFF - number) + in_name + b".md")
        file.write_bytes(hostile_dump(attack, number))
    return root


def check(raw: bytes, *, tty: bool = False) -> None:
    """Fails with the bytes around the first one that no rule lets through; a `tty` gets safe links and copies too."""
    if tty:
        raw = _copy.sub(b"", _link.sub(b"", _cut.sub(b"", raw, count=1)))
    attack = _attack.search(raw)
    assert attack is None, raw[max(0, attack.start() - 60) : attack.end() + 60]
    end = _allowed.match(raw)
    assert end is not None
    assert end.end() == len(raw), f"at {end.end()}: {raw[max(0, end.end() - 60) : end.end() + 60]!r}"
    shown = raw.decode("utf8")
    strange = _strange.search(re.sub("\x1b.|[\r\n\x08\x0f]", "", shown))
    assert strange is None, f"{strange[0]!r} in {shown[max(0, strange.start() - 30) : strange.end() + 30]!r}"


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (50, 20)], ids=["wide", "usual", "narrow"])
def test_no_hostile_byte_reaches_the_terminal(hostile: Path, tmp_path: Path, size: tuple[int, int]) -> None:
    env = {"NEWSREADER_HOME": str(tmp_path), "DISPLAY": None, "WAYLAND_DISPLAY": None, "TMUX": None}
    argv = [sys.executable, "-m", "newsreader", str(hostile)]
    with Terminal(argv, size=size, env=env, cwd=str(tmp_path), warm=True) as terminal:
        terminal.wait_for(lambda screen: screen.count("Story") >= 3)
        within = ("\t\t\t", "  ", "u", "Esc", "i", "Esc", ";", "Esc", "o", "Esc", "yY") if size[0] == 80 else (" ",)
        for _ in ATTACKS:
            for keys in ("Enter", *within, "h", "j"):
                terminal.press(keys, quiet=0.02, first=ESC_WAIT if keys == "Esc" else 0.1)
        for keys in ("?", "Esc", ":", "Esc", "z", "z", "L", "L", "L"):
            terminal.press(keys, quiet=0.05, first=ESC_WAIT)
        terminal.resize(size[0] - 7, size[1] - 2)
        terminal.settle()
        terminal.send("Q")
        assert terminal.wait_end() == 0, terminal.screen()
    check(bytes(terminal.raw), tty=True)
    assert not (tmp_path / PWNED).exists(), "a shell ran"


@pytest.mark.parametrize("command", ["list", "show", "export", "sources"])
def test_no_hostile_byte_reaches_a_pipe_or_a_terminal_from_a_command(
    hostile: Path, tmp_path: Path, command: str
) -> None:
    env = {**os.environ, "NEWSREADER_HOME": str(tmp_path), "LANG": "C.UTF-8"}
    argv = [sys.executable, "-m", "newsreader", command]
    if command == "export":
        argv += [str(hostile), "--format", "text"]
    elif command == "show":
        argv += [str(next(hostile.rglob("*.md")))]
    else:
        with Reader.open(load_config(env), hostile) as reader:  # what is opened last is what they list
            assert not [progress for progress in reader.ingest() if progress.failed]
    piped = run(*argv[3:], env=env)
    text = (piped.stdout + piped.stderr).decode("utf8").replace("\f", "")
    assert text
    assert "\x1b" not in text
    check(text.replace("\t", " ").encode())
    with Terminal(argv, env={"NEWSREADER_HOME": str(tmp_path)}, warm=True) as terminal:
        assert terminal.wait_end(60) == 0
    check(bytes(terminal.raw).replace(b"\f", b"").replace(b"\t", b" "), tty=True)


@pytest.mark.parametrize("name", sorted(ATTACKS.keys() - {"markup", "shell", "zalgo"}))
def test_the_check_itself_finds(name: str) -> None:
    with pytest.raises(AssertionError):
        check(f"before {ATTACKS[name]} after".encode())
