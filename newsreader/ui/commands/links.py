"""Where links lead: into the reader, to the browser, into the clipboard. Decided only here: what happens where there is
no browser. No URL goes anywhere that `safety.openable` has not let through; a picture that the story itself holds is
handed on as a file of ours."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from newsreader.errors import UnsafeUrl
from newsreader.pictures import embedded
from newsreader.safety import clean_line, is_openable, openable
from newsreader.summary import Summary
from newsreader.ui import external_programs
from newsreader.ui.dialogs import Choice, Item
from newsreader.ui.panes.article_page import Reading
from newsreader.ui.panes.hints import Stop

if TYPE_CHECKING:
    from newsreader.article import Link
    from newsreader.ui.screens.reading_screen import ReadingScreen

_MOST: Final = 1000  # links that a count goes on by


class Links:
    """Follows links for the keys of a screen."""

    def __init__(self, screen: ReadingScreen) -> None:
        self.screen = screen

    @property
    def _reading(self) -> Reading:
        """What is open: the commands about it are not run without it."""
        reading = self.screen.article.reading
        assert reading is not None
        return reading

    # --- Selecting ---

    def action_link(self, step: int, count: int | None) -> None:
        """Select the next link or fold, or with -1 the one before."""
        reading = self._reading
        for _ in range(min(count or 1, _MOST)):
            if not reading.select(step):
                break
        if not reading.stops():
            self.screen.status.say("no_links")
        self.screen.scrolled()

    def action_hints(self, _count: int | None) -> None:
        """Let a link be named by letters."""
        self.screen.status.say("pick_hint" if self._reading.start_hints() else "no_links")

    def take_hint(self, key: str) -> bool:
        """A key while the letters of links are shown; False while they are not."""
        reading = self.screen.article.reading
        if reading is None or not reading.hints.stops:
            return False
        if len(key) != 1:
            reading.hints.end()
        elif (stop := reading.hints.take(key)) is not None:
            self.take(stop)
        return True

    # --- Following ---

    def action_follow(self, _count: int | None) -> None:
        """Follow what is selected, or unfold it."""
        if self._reading.selected is not None:
            self.take(self._reading.selected)

    def take(self, stop: Stop) -> None:
        """Select a stop of the open article, and follow or unfold it."""
        reading = self._reading
        reading.choose(stop)
        if stop.fold is not None:
            reading.toggle_fold(stop.fold)
        elif stop.link is not None and (link := reading.link(stop.link)) is not None:
            self.follow(link)

    def follow(self, link: Link) -> None:
        """A link to a story opens here, one to a place in this story goes there, any other opens in the browser."""
        screen = self.screen
        if link.block is not None:
            screen.article.go_within(link.block)
            screen.focus_pane("article")
            return
        row = screen.headlines.rows.summary(link.story) if link.story else None
        if row is None:
            self.browse(link.url)
            return
        screen.open(row)
        screen.headlines.show(row)

    def action_browser(self, number: int | None) -> None:
        """Open the story, or link `number` of the open one, in the browser."""
        url = self._url_of(number)
        if url is not None:
            self.browse(url)

    def action_browser_read(self, number: int | None) -> None:
        """The same, and the story is read."""
        row, url = self.screen.marking.target(), self._url_of(number)
        if url is not None and self.browse(url) and row is not None and number is None:
            self.screen.marking.set([row], "read", True)

    def browse(self, url: str) -> bool:
        """Open a URL in the browser; where there is none, copy and show it. False if it is none that may be opened."""
        status = self.screen.status
        try:
            safe = openable(url)
        except UnsafeUrl:
            status.complain(status.words.say("unsafe" if url else "no_address", url=clean_line(url)))
            return False
        self._hand_over(safe)
        return True

    def _hand_over(self, goal: str) -> None:
        done = self.screen.window.browse(goal)
        if done != "opened":
            self.screen.window.copy_to_clipboard(goal)
        self.screen.status.say({"opened": "opened", "none": "no_browser"}.get(done, "browser_failed"), url=goal)

    # --- Copying ---

    def action_copy_url(self, number: int | None) -> None:
        """Copy the address of the story, or of link `number` of the open one."""
        url = self._url_of(number)
        if url is not None:
            self.copy(url)

    def action_copy_title(self, _count: int | None) -> None:
        """Copy the story's title and address."""
        row = self.screen.marking.target()
        if row is not None:
            self.copy(f"{clean_line(row.title)}\n{clean_line(row.url)}")

    def copy(self, text: str) -> None:
        """Copy a text and say so."""
        if not text:
            self.screen.status.say("no_address")
            return
        self.screen.window.copy_to_clipboard(text)
        self.screen.status.say("copied", what=clean_line(text))

    def _url_of(self, number: int | None) -> str | None:
        """The URL of link `number` of the open article, or without a number of the story; None if it said why not."""
        status, reading = self.screen.status, self.screen.article.reading
        found: Summary | Link | None
        if number is None:
            found = self.screen.marking.target()
        else:
            found = reading.link(number) if reading is not None else None
        if found is None:
            status.say("no_article" if number is None else "no_link", n=number)
        return found.url if found is not None else None

    # --- Lists ---

    def action_links(self, _count: int | None) -> None:
        """A list of the article's links; picking one follows it."""
        links = {link.n: link for link in self._reading.article.links}
        if not links:
            self.screen.status.say("no_links")
            return
        items = [
            Item(str(n), clean_line(link.text) or clean_line(link.url), note=clean_line(link.url))
            for n, link in links.items()
        ]
        title = self.screen.words.say("links")
        self.screen.window.pick(Choice(title, items), lambda item: self.follow(links[int(item.key)]))

    def action_open_links(self, _count: int | None) -> None:
        """Open all links of the article that lead out of it, once the reader has said yes."""
        urls = self._addresses()

        def open_them() -> None:
            done = [url for url in urls if self.browse(url)]
            if len(done) > 1:
                self.screen.status.say("opened_links", n=len(done))

        if urls:
            self.screen.window.ask(self.screen.words.say("ask_open_links", n=len(urls)), open_them)
        else:
            self.screen.status.say("no_links")

    def action_copy_links(self, _count: int | None) -> None:
        """Copy the addresses of all links of the article, a line each."""
        if urls := self._addresses():
            self.copy("\n".join(urls))
        else:
            self.screen.status.say("no_links")

    def _addresses(self) -> list[str]:
        """Where the links of the article lead that may be opened, each once."""
        found = (link.url for link in self._reading.article.links if link.block is None and is_openable(link.url))
        return list(dict.fromkeys(map(openable, found)))

    def action_image(self, number: int | None) -> None:
        """Open an image of the article in the browser; without a number the one in sight, or next below."""
        reading, places = self._reading, self.screen.window.config.places
        images = {image.n: image for image in reading.article.images}
        number = reading.image_in_sight() if number is None else number
        if number not in images:
            self.screen.status.say("no_image" if images else "no_images", n=number)
        elif picture := embedded(images[number].url):
            try:
                self._hand_over(str(external_programs.put_aside(places.make(places.cache / "pictures"), picture)))
            except OSError as error:
                self.screen.status.say("save_failed", why=clean_line(error.strerror or str(error)))
        else:
            self.browse(images[number].url)

    def action_images(self, _count: int | None) -> None:
        """A list of the article's images; picking one opens it in the browser."""
        images = {image.n: image for image in self._reading.article.images}
        if not images:
            self.screen.status.say("no_images")
            return
        items = [
            Item(str(n), name or goal, note=goal if name else "")
            for n, image in images.items()
            for name in [clean_line(image.caption or image.alt)]
            for goal in [clean_line(re.sub(r"(?i)^(data:[^,]*),.*", r"\1", image.url))]
        ]
        title = self.screen.words.say("images")
        self.screen.window.pick(Choice(title, items), lambda item: self.action_image(int(item.key)))
