"""Why something was not fetched, and what to do: the codes of errors.FetchFailed put into words.

The window and the commands share them; the name of what was not fetched is not part of a reason.
"""

from __future__ import annotations

from newsreader.errors import FetchFailed, TryLater
from newsreader.ui.i18n import Words, words_for
from newsreader.ui.phrases import PHRASES


def why_not_fetched(error: FetchFailed, words: Words | None = None) -> str:
    """The reason in `words` (English), which quote untrusted text as it is."""
    words = words or words_for("en")
    if isinstance(error, TryLater) and error.seconds is not None:
        return words.say("unfetched_later", time=_duration(error.seconds, words))
    if error.why == "status":
        known = f"unfetched_status_{error.status}"
        phrase = known if known in PHRASES else "unfetched_status"
    elif error.why == "not-a-feed" and error.detail:
        phrase = "unfetched_html" if error.detail == "html" else "unfetched_file"
    else:
        phrase = f"unfetched_{error.why.replace('-', '_')}"
        if phrase not in PHRASES:
            return error.why or words.say("unfetched_unknown")
    n = int(error.detail) if error.why == "missing" else 0
    said = words.say(phrase, detail=error.detail, status=error.status, n=n)
    return said.replace(" ()", "").replace("（）", "").rstrip(": ：")


def _duration(seconds: float, words: Words) -> str:
    minutes = max(1, round(seconds / 60))
    return words.say("minutes", n=minutes) if minutes < 120 else words.say("hours", n=round(minutes / 60))
