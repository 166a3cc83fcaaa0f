"""Where links lead: into the reader, to the browser, into the clipboard. Decided only here: what happens where there is
no browser. No URL goes anywhere that `safety.openable` has not let through; a picture that the story itself holds is
handed on as a file of ours."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

from newsreader.errors import UnsafeUrl
from newsreader.pictures import Embedded, embedded
from newsreader.safety import clean_line, is_openable, openable
from newsreader.summary import Summary
from newsreader.ui.dialogs import Choice, Dialogs, Item
from newsreader.ui.panes.article_page import Stop

if TYPE_CHECKING:
    from newsreader.article import Article, Link
    from newsreader.ui.screens.pane_screen import PaneScreen


class World(Dialogs, Protocol):
    """What is reached outside of the program."""

    def copy(self, text: str) -> None:
        """Put a text into the person's clipboard."""

    def browse(self, url: str) -> str:
        """Open a safe URL, or a file of ours, in a browser: "opened", "none" where there is none that the person sees,
        or "failed"."""
        ...

    def put_aside(self, picture: Embedded) -> str:
        """The path of a file of ours that holds a picture; raises OSError."""


class Links:
    """Follows links for the commands of a screen."""

    def __init__(self, screen: PaneScreen) -> None:
        self.screen = screen
        self.world: World = screen.outside

    @property
    def _article(self) -> Article:
        """The article that is open: the commands about it are not run without one."""
        reading = self.screen.article.reading
        assert reading is not None
        return reading.article

    def take(self, stop: Stop) -> None:
        """Select a stop of the open article, and follow or unfold it."""
        reading = self.screen.article.reading
        if reading is None:
            return
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
        done = self.world.browse(goal)
        if done != "opened":
            self.world.copy(goal)
        self.screen.status.say({"opened": "opened", "none": "no_browser"}.get(done, "browser_failed"), url=goal)

    def copy(self, text: str) -> None:
        """Copy a text and say so."""
        if not text:
            self.screen.status.say("no_address")
            return
        self.world.copy(text)
        self.screen.status.say("copied", what=clean_line(text))

    def url_of(self, number: int | None, row: Summary | None) -> str | None:
        """The URL of link `number` of the open article, or without a number of the story; None if it said why not."""
        status, reading = self.screen.status, self.screen.article.reading
        if number is None:
            if row is None:
                status.say("no_article")
                return None
            return row.url
        link = reading.link(number) if reading is not None else None
        if link is None:
            status.say("no_link", n=number)
            return None
        return link.url

    def list_links(self) -> None:
        """A list of the article's links; picking one follows it."""
        links = {link.n: link for link in self._article.links}
        if not links:
            self.screen.status.say("no_links")
            return
        items = [
            Item(str(n), clean_line(link.text) or clean_line(link.url), note=clean_line(link.url))
            for n, link in links.items()
        ]
        self.world.pick(Choice(self.screen.words.say("links"), items), lambda item: self.follow(links[int(item.key)]))

    def open_all(self) -> None:
        """Open all links of the article that lead out of it, once the reader has said yes."""
        urls = self._addresses()

        def open_them() -> None:
            done = [url for url in urls if self.browse(url)]
            if len(done) > 1:
                self.screen.status.say("opened_links", n=len(done))

        if urls:
            self.world.ask(self.screen.words.say("ask_open_links", n=len(urls)), open_them)
        else:
            self.screen.status.say("no_links")

    def copy_all(self) -> None:
        """Copy the addresses of all links of the article, a line each."""
        if urls := self._addresses():
            self.copy("\n".join(urls))
        else:
            self.screen.status.say("no_links")

    def _addresses(self) -> list[str]:
        """Where the links of the article lead that may be opened, each once."""
        found = (link.url for link in self._article.links if link.block is None and is_openable(link.url))
        return list(dict.fromkeys(map(openable, found)))

    def look_at(self, number: int | None) -> None:
        """Open an image of the article in the browser; without a number the one in sight, or next below."""
        reading = self.screen.article.reading
        assert reading is not None
        images = {image.n: image for image in reading.article.images}
        number = reading.image_in_sight() if number is None else number
        if number not in images:
            self.screen.status.say("no_image" if images else "no_images", n=number)
        elif picture := embedded(images[number].url):
            try:
                self._hand_over(self.world.put_aside(picture))
            except OSError as error:
                self.screen.status.say("save_failed", why=clean_line(error.strerror or str(error)))
        else:
            self.browse(images[number].url)

    def list_images(self) -> None:
        """A list of the article's images; picking one opens it in the browser."""
        images = {image.n: image for image in self._article.images}
        if not images:
            self.screen.status.say("no_images")
            return
        items = [
            Item(str(n), name or goal, note=goal if name else "")
            for n, image in images.items()
            for name in [clean_line(image.caption or image.alt)]
            for goal in [clean_line(re.sub(r"(?i)^(data:[^,]*),.*", r"\1", image.url))]
        ]
        self.world.pick(Choice(self.screen.words.say("images"), items), lambda item: self.look_at(int(item.key)))
