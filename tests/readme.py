"""What README.md takes from elsewhere: the table of keys. `python -m tests.readme` writes it anew."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from newsreader.ui.key_names import show_chord
from newsreader.ui.keys import COMMANDS, GROUPS

README: Final = Path(__file__).resolve().parents[1] / "README.md"
BEGIN: Final = "<!-- keys: from newsreader/ui/keys.py by `python -m tests.readme` -->\n"
END: Final = "<!-- end of keys -->\n"
_HEADINGS: Final = {
    "move": "Move",
    "read": "Read",
    "view": "What the list shows",
    "source": "In the sources pane",
    "mark": "Mark",
    "link": "Links and pictures",
    "pane": "Panes",
    "program": "The program",
}


def key_table() -> str:
    """The table of keys in Markdown, the default preset's."""
    lines = ["| | |", "|---|---|"]
    for group in GROUPS:
        lines.append(f"| **{_HEADINGS[group]}** | |")
        for command in COMMANDS:
            if command.group == group:
                keys = " ".join(f"`{show_chord(chord)}`" for chord in command.keys)
                lines.append(f"| {keys} | {command.sentence} |")
    return "\n".join(lines) + "\n"


def cut(text: str) -> tuple[str, str, str]:
    """README's text before, in and after the table of keys."""
    before, begin, rest = text.partition(BEGIN)
    table, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{README} has no place for the table of keys")
    return before + begin, table, end + after


if __name__ == "__main__":
    before, _, after = cut(README.read_text("utf-8"))
    README.write_text(before + key_table() + after, "utf-8")
