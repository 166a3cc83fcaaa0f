"""Dump -> Article: what a newsroom's HTML says, as blocks that a terminal can show.

Decided only here: in which order the rules below apply. Any body gives an article.

    soup       HTML -> a tree, by Beautiful Soup; nothing lost, nothing recursive
    roles      what an element claims to be
    blocks     the tree -> drafts of blocks
    handlers   the table of tags that `blocks` asks
    inline     texts -> spans; white space
    tables     grids
    formulas   MathML -> text
    numbering  letters, Roman and Chinese numbers of lists
    links      addresses
    figures    pictures and their captions
    firstline  author and date
    shape      headings, leads, tables drawn with spaces
    furniture  what is no part of the story
    finish     drafts -> the frozen blocks of `article`

And of a page, which is no dump:
    feedlinks  the feeds that it links to
    fulltext   the story on it
"""

from __future__ import annotations

from newsreader.article import Article
from newsreader.dump import Dump, key_of
from newsreader.former_dumps import former_article
from newsreader.identity import story_id
from newsreader.parse import figures, finish, firstline, furniture, shape
from newsreader.parse.blocks import Builder
from newsreader.parse.handlers import HANDLERS
from newsreader.parse.soup import read_tree
from newsreader.script import language_of

__all__ = ["parse"]


def parse(dump: Dump, *, source: str, guid: str = "") -> Article:
    """The article that `dump` holds. `source` is the display name of where it comes from, `guid` the feed's name of it,
    where its body does not end with that.

    Never raises. `published` is the first line's moment, else the dump's; `updated` the dump's. Revision 1 of 1.
    """
    if former := former_article(dump):
        return former
    tree = read_tree(dump.body)
    builder = Builder(dump.url, HANDLERS, dump.title)
    builder.read(tree)
    drafts = builder.drafts
    goals = {name: drafts[n] for name, n in builder.places.items() if n < len(drafts)}
    updated = finish.moment_of(dump.time_ms)
    byline, moment = firstline.take(drafts, builder.times, updated)
    figures.attach(drafts, builder.pictures, builder.link_titles)
    author = firstline.author(drafts)
    reporter = furniture.fold(drafts, dump.url, lambda n: builder.links[n - 1][0])
    shape.shape(drafts)

    key = key_of(dump, guid=guid)
    title = finish.title_of(dump, drafts)
    furniture.fold_title(drafts, title)
    blocks, places = finish.blocks_of(drafts)
    return Article(
        id=story_id(key),
        key=key,
        url=dump.url,
        title=title,
        source=source,
        published=moment[0] if moment else updated,
        precision=moment[1] if moment else "time",
        updated=updated,
        byline=byline or author or reporter,
        language=language_of(finish.sample(title, drafts)),
        lead=shape.lead_text(drafts),
        topics=finish.topics_of(builder, blocks),
        blocks=blocks,
        links=finish.links_of(builder, blocks, {name: places.get(id(goal)) for name, goal in goals.items()}),
        images=finish.images_of(builder.pictures, blocks),
        warnings=dump.warnings,
    )
