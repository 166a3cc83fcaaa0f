"""The smallest Textual app there is to compare with: one line of text, and a key that changes it."""

from textual.app import App, ComposeResult
from textual.events import Key
from textual.widgets import Static

READY = "a minimal Textual app"
ANSWER = "answered"


class Minimal(App[None]):
    """Shows READY, and ANSWER after a key."""

    def compose(self) -> ComposeResult:
        yield Static(READY)

    def on_key(self, event: Key) -> None:
        self.query_one(Static).update(ANSWER)


if __name__ == "__main__":
    Minimal().run()
