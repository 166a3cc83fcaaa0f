"""When the next frame may be sent: the terminal says how far it has come.

Decided here: whether to wait for it. Pure: the time, in seconds of one clock, is passed in.

After each frame the terminal is asked for something that it answers in turn, so that the answer says the frame stands
on the screen; meanwhile newer frames replace the waiting one. Nothing else tells of a slow line: a tty takes 20 kB and
more before a write blocks, an SSH connection megabytes, and TIOCOUTQ is always 0 on a pty.
"""

from __future__ import annotations

from typing import Final

PATIENCE: Final = 2.0
"""Seconds to wait for an answer; a frame that takes longer was lost or the line is worse than slow."""
_STRIKES: Final = 3


class FramePacing:
    """Frames in flight. Until the terminal has answered once nothing is held back, and one that never answers within
    PATIENCE, or no longer does, is not asked again; a late answer counts.
    """

    def __init__(self) -> None:
        self._is_known = False
        self._asked: list[float] = []
        self._missed = 0
        self._is_deaf = False

    @property
    def asks(self) -> bool:
        """Whether the next frame should end with a question."""
        return not self._is_deaf and (self._is_known or not self._asked)

    @property
    def waits(self) -> bool:
        """Whether an answer is still to come."""
        return bool(self._asked)

    def sent(self, now: float) -> None:
        """A question went out."""
        self._asked.append(now)

    def answered(self) -> None:
        """The oldest question was answered."""
        self._is_known, self._is_deaf, self._missed = True, False, 0
        del self._asked[:1]

    def wait(self, now: float) -> float:
        """Seconds until the next frame may go, if no answer comes before; 0 for now."""
        if self._asked and now - self._asked[-1] >= PATIENCE:
            self._missed += 1
            self._is_deaf = not self._is_known or self._missed >= _STRIKES
            self._asked.clear()
        if not self._is_known or not self._asked:
            return 0.0
        return max(self._asked[-1] + PATIENCE - now, 0.0)
