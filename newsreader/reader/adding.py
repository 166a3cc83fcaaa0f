"""Adding a URL: what it is, and the source that it becomes.

Decided only here: a page that has no feeds is asked for an archive at its address; a source's user name and password
are those of the URL that the person gave, and only where it is of that origin.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final, TypeAlias

from newsreader.config import Places, Source, SourceKind
from newsreader.errors import FetchFailed, StorageFailed, UnsafeUrl
from newsreader.fetch.addresses import address_of, is_inside_by_look, shown
from newsreader.fetch.request_terms import Access
from newsreader.fetch.source_names import free_name

if TYPE_CHECKING:
    from newsreader.fetch.opml import ListedFeed
    from newsreader.fetch.probe import Found
    from newsreader.parse.feedlinks import FeedLink

_TITLE_LONG: Final = 500  # of what the person's own list names


def found_at(places: Places, url: str, given: str = "") -> Found | list[FeedLink]:
    """What a URL is: a feed, a remote archive, or a file with dumps; or the feeds that a page links to, to choose from.
    `given`: the URL that the person gave, where this one was found on its page. Raises UnsafeUrl, BadSettings
    and FetchFailed, with `why` "one-dump" for a single dump and "nothing-to-read" for what holds no news."""
    from newsreader.fetch.probe import probe, probe_archive

    address_of(url)
    access = Access(given or url)
    found = probe(places, url, access)
    if found.kind == "dump":
        raise FetchFailed(shown(url), "one-dump")
    if found.kind in ("page", "other"):
        from newsreader.parse.feedlinks import feed_links

        if found.kind == "page" and (links := feed_links(found.body, found.url, found.type)):
            return links
        archive = probe_archive(places, found.url, access)
        if archive is None:
            raise FetchFailed(shown(url), "nothing-to-read")
        return archive
    return found


def source_of(
    places: Places, found: Found, given: str, sources: Sequence[Source], told: Callable[[int], object] = id
) -> Source:
    """The source that a finding becomes, under a name that no other has; a file is brought here first. User name and
    password of the URL that the person gave stand in it apart. Raises BadSettings, FetchFailed and OSError."""
    address, place = address_of(given), address_of(found.location)
    location, kind = shown(found.location), _KINDS[found.kind]
    if found.kind == "file":
        from newsreader.fetch.probe import download

        location = str(download(places, found.location, Access(given), told))
    known = next((source for source in sources if source.location == location), None)
    name = known.name if known else free_name(found.name, place.host, [source.name for source in sources])
    has_secrets = kind != "archive" and place.origin == address.origin
    user, password = (address.user, address.password) if has_secrets else ("", "")
    return Source(name, location, kind, user=user, password=password)


_KINDS: Final[dict[str, SourceKind]] = {"feed": "feed", "remote": "remote", "file": "archive"}


def sources_of_list(feeds: Iterable[ListedFeed], sources: Sequence[Source]) -> list[Source]:
    """The sources that the feeds of a list become, each once, under names that no other has. What is a source already
    keeps its name, and gains the list's tags."""
    known = {_asked_for(source.location): source for source in sources if source.kind != "archive"}
    taken = {source.name for source in sources}
    found: dict[str, Source] = {}
    for feed in feeds:
        address = address_of(feed.url)
        source = found.get(address.url) or known.get(address.url)
        if source is None:
            name = free_name(feed.title, address.host, taken, _TITLE_LONG)
            source = Source(name, feed.location, "feed", user=address.user, password=address.password)
            taken.add(name)
        found[address.url] = source._replace(tags=tuple(sorted({*source.tags, *feed.tags})))
    return list(found.values())


Proposal: TypeAlias = "Source | tuple[tuple[str, str], ...]"
"""What may be added: a source, or the feeds of a page (title, URL) of which one is to be chosen."""


def proposed(places: Places, location: str, given: str = "") -> Iterator[Proposal]:
    """What is at a URL or path that may be added. `given`: as in `found_at`. Raises what that does, NotFound, NotADump
    and Unreadable for a path, and StorageFailed."""
    from newsreader.config import load_sources

    sources = load_sources(places)
    if "://" not in location and not location.lower().startswith("feed:"):
        yield _archive_at(location, sources)
        return
    found = found_at(places, location, given)
    if isinstance(found, list) and len(found) == 1 and not given:
        found = found_at(places, found[0].url, location)
    if isinstance(found, list):
        if given:
            raise FetchFailed(location, "not-a-feed", detail="html")
        yield tuple((link.title, link.url) for link in found)
        return
    try:
        yield source_of(places, found, given or location, sources)
    except OSError as error:
        raise StorageFailed(str(error.filename or places.data), error.strerror or str(error)) from None


def _archive_at(location: str, sources: Sequence[Source]) -> Source:
    from pathlib import Path

    from newsreader.archive import open_archive

    with open_archive(Path(location).expanduser(), pipes=False) as archive:
        path = Path(archive.root).resolve()
    known = next((source for source in sources if source.location == str(path)), None)
    names = {source.name for source in sources}
    return known or Source(free_name(path.name or str(path), str(path.parent), names), str(path), "archive")


def hosts_inside(sources: Iterable[Source]) -> list[str]:
    """The hosts, with their ports, that fetching these sources asks on this machine or in a private network, as far as
    can be told without asking for their names."""
    addresses = (address_of(source.location) for source in sources)
    return sorted({address.place for address in addresses if is_inside_by_look(address)})


def _asked_for(location: str) -> str:
    """What is asked for at a location, however it is spelled."""
    try:
        return address_of(location).url
    except UnsafeUrl:
        return location
