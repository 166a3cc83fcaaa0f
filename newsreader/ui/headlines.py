"""The list pane. Pure: the first frame uses it too. Decided only here: which ground a row stands on."""

from __future__ import annotations

from datetime import datetime

from newsreader.safety import clean_line
from newsreader.summary import Summary
from newsreader.ui.desk import Desk
from newsreader.ui.list_viewport import ListLine
from newsreader.ui.rows import Cells, Drawn, cut, day_cells, day_of, heading_cells, row_cells


class Headlines:
    """The rows of the desk's view around its cursor."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def lines(self, width: int, height: int) -> list[Drawn]:
        """What stands on each line of the pane now."""
        desk = self.desk
        window = desk.window
        if not window.rows:
            return [
                *[((), "")] * (height // 3),
                (((" ", "pad"), (cut(self._nothing(), width - 1, desk.marks.cut), "meta")), ""),
            ]
        return self._drawn(window.lines())

    def ahead(self) -> list[Drawn]:
        """What the next page would show where one was turned."""
        window = self.desk.window
        return self._drawn(window.lines(window.paging)) if window.rows else []

    def _drawn(self, lines: list[ListLine]) -> list[Drawn]:
        desk = self.desk
        window = desk.window
        now = desk.now()
        ground = "cursor" if desk.pane == "list" else "resting"
        rows: dict[int, tuple[Cells, ...]] = {}
        drawn: list[Drawn] = []
        for row, line in lines:
            summary = window.rows[row]
            if line < 0:
                drawn.append((self._heading(summary, now), ""))
                continue
            if row not in rows:
                rows[row] = row_cells(
                    desk.worded(summary),
                    desk.columns,
                    desk.words,
                    now,
                    desk.marks,
                    selected=summary.id in desk.marking.selected,
                    sort=desk.view.sort,
                    below=len(desk.shelf.below(summary)),
                    is_below=desk.shelf.is_under(summary),
                    near=[*window.rows[max(row - 1, 0) : row], *window.rows[row + 1 : row + 2]],
                )
            drawn.append((rows[row][line], ground if row == window.cursor else ""))
        return drawn

    def _heading(self, row: Summary, now: datetime) -> Cells:
        desk = self.desk
        if desk.view.sort == "source":
            return heading_cells(clean_line(row.source), desk.columns, desk.marks.cut)
        return day_cells(day_of(row, desk.zone), now.date(), desk.columns, desk.words, desk.marks.cut)

    def _nothing(self) -> str:
        desk = self.desk
        if desk.progress is not None or desk.reader.needs_index():
            return desk.words.say("reading")
        if desk.view.unread and not desk.is_narrowed:
            return desk.words.say("all_read", key=desk.keymap.shown("show_read"))
        if desk.is_narrowed:
            return desk.words.say("no_stories_in_view", key=desk.keymap.shown("widen").split(" ")[0])
        return desk.words.say("no_stories", key=desk.keymap.shown("fetch"))
