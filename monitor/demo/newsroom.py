"""Stories as feeds and pages: real RSS with real HTML, as a small paper would serve them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from email.utils import format_datetime
from html import escape
from xml.etree import ElementTree as ET

from monitor.demo.script import Story

SUMMARY_PARAGRAPHS = 3
SUMMARY_CHARACTERS = 1000
COPY_TITLE = "{title} – Evening Copy"


def wire_feed(stories: Sequence[Story], root: str) -> bytes:
    """The wire's own feed: newest first, each story at its address."""
    return _feed("Demo Wire", root, [(story.title, f"{root}/wire/{story.slug}.html", story) for story in stories])


def copy_feed(stories: Sequence[Story], root: str) -> bytes:
    """A paper that tells the same again: each story as a copy on its own page, and once more as a tracked link."""
    items = []
    for story in stories:
        items.append((COPY_TITLE.format(title=story.title), f"{root}/copy/{story.slug}.html", story))
        items.append((story.title, f"{root}/wire/{story.slug}.html?utm_source=copy&utm_medium=rss", story))
    return _feed("Evening Copy", root, items)


def _feed(title: str, root: str, items: Sequence[tuple[str, str, Story]]) -> bytes:
    rss = ET.Element("rss", version="2.0")
    channel = ET.SubElement(rss, "channel")
    _add(channel, "title", title)
    _add(channel, "link", root)
    _add(channel, "description", "Articles of the demo, with their original dates")
    for headline, link, story in reversed(items):
        item = ET.SubElement(channel, "item")
        _add(item, "title", headline)
        _add(item, "link", link)
        _add(item, "guid", link).set("isPermaLink", "true")
        _add(item, "pubDate", format_datetime(story.published_at))
        _add(item, "description", summary(story))
    written: bytes = ET.tostring(rss, encoding="utf-8", xml_declaration=True)
    return written


def _add(parent: ET.Element, name: str, text: str) -> ET.Element:
    element = ET.SubElement(parent, name)
    element.text = text
    return element


def summary(story: Story) -> str:
    """What a feed gives of a story: its first sentences of prose."""
    prose = [paragraph for paragraph in story.paragraphs if len(paragraph) > 80 and paragraph != story.title]
    return " ".join(prose[:SUMMARY_PARAGRAPHS])[:SUMMARY_CHARACTERS]


def page(story: Story, title: str) -> bytes:
    """The page of a story, with the furniture that every paper puts around it."""
    body = "\n".join(f"<p>{escape(paragraph)}</p>" for paragraph in story.paragraphs if paragraph != story.title)
    day = story.published_at.date().isoformat()
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>
<meta property="article:published_time" content="{story.published_at.isoformat()}"></head>
<body>
<header><nav><a href="/">Home</a> <a href="/world">World</a> <a href="/sport">Sport</a></nav></header>
<main><article><h1>{escape(title)}</h1><time datetime="{day}">{day}</time>
{body}
</article></main>
<aside><h2>Most read</h2><ul><li><a href="/1">Ten recipes for autumn</a></li></ul></aside>
<footer>Subscribe to our newsletter. All rights reserved.</footer>
</body></html>
""".encode()
