"""Pages as sites make them, with texts of our own: what is of the story, and the page around it."""

# ruff: noqa: E501

from __future__ import annotations

from collections.abc import Callable

_WHO = (
    "The keeper",
    "A ferryman",
    "The harbour master",
    "Her sister",
    "An old pilot",
    "The clerk",
    "Nobody",
    "A guest",
)
_DID = ("counted", "wrote down", "forgot", "measured", "looked for", "asked about", "heard of", "waited for")
_WHAT = (
    "the herons",
    "the height of the water",
    "a boat from the north",
    "the last lamp",
    "the log of 1962",
    "the fog",
)
_WHEN = ("before dawn", "at low tide", "on the third of March", "when the bell rang", "that winter", "after the storm")
_HAN = (
    ("守塔人", "摆渡人", "港务长", "她的妹妹", "老领航员", "书记官"),
    ("数过", "记下了", "忘了", "量过", "寻找", "问起"),
)
_HAN_MORE = (
    ("滩涂上的白鹭", "潮水的高度", "北边来的船", "最后一盏灯", "一九六二年的日志"),
    ("天亮以前", "退潮时", "那年冬天", "风暴过后"),
)


def sentences(first: int, count: int) -> str:
    """So many sentences, none of them twice among the first two thousand."""
    return " ".join(
        f"{_WHO[n % 8]} {_DID[n // 8 % 8]} {_WHAT[n // 64 % 6]} {_WHEN[(n + n // 64) % 6]}, as {_WHO[(n + 3) % 8].lower()}"
        f" said {n} times."
        for n in range(first, first + count)
    )


def han(first: int, count: int) -> str:
    """The same in Chinese."""
    (who, did), (what, when) = _HAN, _HAN_MORE
    return "".join(
        f"{when[n % 4]}，{who[n % 6]}{did[n // 6 % 6]}{what[n // 3 % 5]}，共{n}次。"
        for n in range(first, first + count)
    )


def _links(count: int) -> str:
    return "".join(f'<li><a href="/other/{n}">Another story of the harbour, number {n}</a></li>' for n in range(count))


_MENU = "".join(
    f'<li class="menu-item"><a href="/{name}">{name.title()}</a></li>' for name in ("news", "boats", "sport", "weather")
)
_CARDS = "".join(
    f'<div class="card"><a href="/c/{n}"><img src="/c/{n}.jpg"><h3>Card headline {n}</h3></a><p>A teaser of the card {n}.</p></div>'
    for n in range(8)
)


def wordpress() -> tuple[str, list[str]]:
    story = [sentences(10 * n, 4) for n in range(6)]
    body = "".join(f"<p>{one}</p>" for one in story[:3])
    body += '<figure class="wp-block-image"><img src="data:image/gif;base64,R0" data-lazy-src="/w/tower-300x200.jpg">'
    body += (
        "<noscript><img src='/w/tower-300x200.jpg'></noscript><figcaption>The tower from the mole</figcaption></figure>"
    )
    body += "<h2>What was left</h2>" + "".join(f"<p>{one}</p>" for one in story[3:])
    comments = "".join(
        f'<li class="comment"><div class="comment-body"><p>{sentences(900 + n, 1)}</p></div></li>' for n in range(9)
    )
    return (
        f"""<body class="single has-sidebar"><div id="page" class="site"><header class="site-header"><ul>{_MENU}</ul></header>
<div id="content" class="site-content"><div id="primary" class="content-area"><main class="site-main">
<article class="post hentry"><header class="entry-header"><h1 class="entry-title">The tower</h1></header>
<div class="entry-content">{body}<div class="sharedaddy sd-sharing-enabled"><h3>Share this:</h3><ul><li><a href=#>Tweet</a></li></ul></div>
<div id="jp-relatedposts" class="jp-relatedposts"><h3>Related</h3><ul>{_links(3)}</ul></div></div>
<footer class="entry-footer">Posted in <a href="/c">Harbour</a></footer></article>
<nav class="post-navigation"><a href="/p">Previous: The boats</a></nav>
<div id="comments" class="comments-area"><h2>9 thoughts</h2><ol>{comments}</ol></div></main></div>
<aside id="secondary" class="widget-area"><section class="widget"><h2>Recent Posts</h2><ul>{_links(9)}</ul></section></aside></div>
<footer class="site-footer"><p>Proudly powered by a press. {sentences(950, 2)}</p></footer></div>""",
        [*story, "What was left"],
    )


def hugo() -> tuple[str, list[str]]:
    story = [sentences(100 + 10 * n, 3) for n in range(5)]
    code = "tide --at low --write log.txt"
    body = "".join(f"<p>{one}</p>" for one in story[:2]) + f"<pre><code>{code}</code></pre>"
    body += f"<blockquote><p>{story[2]}</p></blockquote><ul><li>{story[3]}</li><li>{story[4]}</li></ul>"
    return (
        f"""<body><header><nav><ul>{_MENU}</ul></nav></header><main><h1>Notes on tides</h1><time>2024-03-03</time>{body}
<ul class="tags"><li><a href="/t/tide">tide</a></li><li><a href="/t/log">log</a></li></ul></main><footer>© the notes</footer>""",
        [*story, code],
    )


def magazine() -> tuple[str, list[str]]:
    story = [sentences(200 + 10 * n, 3) for n in range(8)]
    paragraphs = "".join(f'<p class="pw-post-body-paragraph x{n} dj">{one}</p>' for n, one in enumerate(story))
    return (
        f"""<body><div id="root"><div class="a b c"><div class="d e"><div class="f"><a href="/m/signin">Sign in</a></div></div>
<div class="l"><article><div class="g"><section><div><div class="h"><h1 class="pw-post-title">Fog</h1>
<div class="i"><img src="/me.jpg" width=32><a href="/@me">A Writer</a> · 5 min read</div>
<figure><picture><source srcset="/m/640 640w, /m/1400 1400w"><img loading=lazy></picture><figcaption>Fog at six</figcaption></figure>
{paragraphs}</div></div></section></div></article></div>
<div class="j k"><div>{"".join(f'<div class="n"><h2><a href="/r{n}">More from A Writer {n}</a></h2></div>' for n in range(6))}</div></div>
</div></div>""",
        story,
    )


def portal() -> tuple[str, list[str]]:
    story = [sentences(300 + 10 * n, 2) for n in range(9)]
    body = "".join(
        f'<p class="article__text">{one}</p>' + ('<div class="ad-slot">Advertisement</div>' if n % 3 == 2 else "")
        for n, one in enumerate(story)
    )
    return (
        f"""<body><div class="cookie-banner"><p>{sentences(960, 3)}</p><button>Accept</button></div>
<div class="topbar"><ul>{_MENU}</ul></div><div class="layout"><div class="layout__left"><div class="rail">{_CARDS}</div></div>
<div class="layout__main"><div class="article"><h1>The mole is mended</h1><p class="article__lead">{sentences(390, 1)}</p>
<div class="article__image"><img src="/p/mole.jpg"><p class="article__caption">The mole in May. Photo: A. Guest</p></div>
<div class="article__body">{body}</div><div class="newsletter-box"><p>Subscribe to our letter. {sentences(970, 1)}</p></div></div></div>
<div class="layout__right"><h3>Most read</h3><ol>{_links(10)}</ol>{_CARDS}</div></div>
<div class="footer"><p>{sentences(980, 3)}</p></div>""",
        [*story, sentences(390, 1)],
    )


def chinese() -> tuple[str, list[str]]:
    story = [han(10 * n, 3) for n in range(9)]
    body = "".join(f"<p>　　{one}</p>" for one in story)
    hot = "".join(f'<li><a href="/h/{n}">热门新闻之{n}：{han(700 + n, 1)}</a></li>' for n in range(10))
    return (
        f"""<body><div class="nav"><a href=/>首页</a> <a href=/g>国际</a> <a href=/s>社会</a></div><div class="wrap clearfix">
<div class="left"><h1>河口的守塔人</h1><div class="source">2024年03月03日 09:12 来源：河口通讯</div>
<div class="TRS_Editor"><p align=center><img src="/u/ta.jpg"></p>{body}</div><div class="editor">（责任编辑：林岸）</div>
<div class="share">分享到：<a href=#>微博</a></div></div><div class="right"><h3>热门排行</h3><ul>{hot}</ul></div></div>
<div class="footer">关于我们 | 版权所有 河口通讯 京ICP备00000000号</div>""",
        story,
    )


def chinese_short() -> tuple[str, list[str]]:
    story = [han(200 + n, 1) for n in range(30)]
    return (
        f"""<body><div class=top><a href=/>首页</a></div><div id=artibody>{"".join(f"<div>{one}</div>" for one in story)}</div>
<div class=bottom><a href=/a>关于</a><a href=/b>联系</a></div>""",
        story,
    )


def forum() -> tuple[str, list[str]]:
    story = [sentences(400 + 10 * n, 4) for n in range(4)]
    replies = "".join(
        f'<div class="reply comment"><div class="author"><a href="/u/{n}">user{n}</a></div><div class="comment-text">Thanks {n}.</div></div>'
        for n in range(6)
    )
    body = "<br><br>".join(story)
    return (
        f"""<body><div id="header"><ul>{_MENU}</ul></div><div id="main"><div class="topic-title"><h1>How do you read the tide?</h1></div>
<div class="post first"><div class="author"><a href="/u/k">keeper</a><span>Posts: 12</span></div><div class="post-content">{body}</div></div>
{replies}<form action="/reply"><textarea></textarea><input type=submit></form></div><div id="footer">Forum software</div>""",
        story,
    )


def docs() -> tuple[str, list[str]]:
    story = [sentences(500 + 10 * n, 2) for n in range(6)]
    rows = "".join(f"<tr><td>{when}</td><td>{n} herons</td></tr>" for n, when in enumerate(_WHEN))
    sections = "".join(
        f"<section id=s{n}><h2>Part {n}<a class=headerlink href=#s{n}>¶</a></h2><p>{one}</p></section>"
        for n, one in enumerate(story)
    )
    toc = "".join(f'<li class="toctree-l1"><a href="/d/{n}.html">Chapter {n} of the manual</a></li>' for n in range(25))
    return (
        f"""<body class="wy-body"><div class="wy-grid"><nav class="wy-nav-side"><div class="wy-menu"><ul>{toc}</ul></div></nav>
<section class="wy-nav-content-wrap"><div class="wy-nav-content"><div role="navigation"><ul class="wy-breadcrumbs"><li><a href=/>Docs</a></li></ul></div>
<div role="main" class="document"><div itemprop="articleBody"><h1>The log</h1>{sections}<table>{rows}</table></div></div>
<footer><a href=/n>Next</a><p>Built with care.</p></footer></div></section></div>""",
        [*story, *(f"Part {n}" for n in range(6)), *(f"{when} {n} herons" for n, when in enumerate(_WHEN))],
    )


def short_paragraphs() -> tuple[str, list[str]]:
    story = [sentences(600 + n, 1) for n in range(60)]
    return (
        f"""<body><div class="page"><div class="head"><a href=/>The Post</a></div><div class="text">
{"".join(f"<p>{one}</p>" for one in story)}</div><div class="more"><h4>More</h4><ul>{_links(12)}</ul></div></div>""",
        story,
    )


def breaks() -> tuple[str, list[str]]:
    story = [sentences(800 + 5 * n, 2) for n in range(8)]
    return (
        f"""<body bgcolor=white><table width=100%><tr><td><a href=/>Home</a><br><a href=/b>Boats</a></td><td><font size=4><b>A letter</b></font>
<div class=x>{"<br><br>".join(story)}</div></td></tr></table><hr><center>© the letter writers</center>""",
        story,
    )


PAGES: tuple[Callable[[], tuple[str, list[str]]], ...] = (
    *(wordpress, hugo, magazine, portal, chinese, chinese_short, forum, docs, short_paragraphs, breaks),
)
