"""What an alert says to each kind of sink, and that a feed's text stays text (HC-1, HC-2, HC-3, DL-9)."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from alerts import ALERT, ARTICLE, BASE, EVIDENCE, FACT, INCIDENT, JUDGEMENT, NOW, payload
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from slack_api import accepted_by_slack, texts_of

from monitor.alerts import render
from monitor.alerts.blocks import escape
from monitor.alerts.sinks.apprise import message_of
from monitor.alerts.words import headline, web_link, when
from monitor.model import Base, Delivery, Evidence, Fact, Notice

SCHEMA = json.loads((Path(render.__file__).parent / "schema" / "webhook.schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)
EVIL = "<!channel> <@U1> <!subteam^S1> <#C1> <https://evil.example|bank> &lt;!here&gt; *b* `c`"
KINDS = ("console", "slack", "webhook")
hostile = st.text(
    alphabet=st.one_of(
        st.characters(),
        st.sampled_from("<>&|!@#*`\u202e\u2066\u200b\u200d\ufeff\x1b\x07\r\n\t\x9b\u0301\U000e0041"),
    ),
    max_size=4000,
)


def live_markup(text: str) -> list[str]:
    """What Slack would bring to life in a text: everything between angle brackets."""
    return re.findall(r"<([^>]*)>", text)


def all_evil(text: str) -> dict[str, object]:
    """An alert in which every text of the feed is this text."""
    fact = Fact("claimed_by", text, "e1", text, text, NOW)
    return {
        "article": replace(ARTICLE, title=text, source=text, url=f"https://news.example/{text}"),
        "judgement": replace(JUDGEMENT, evidence=(Evidence("r", "c", text, text), *EVIDENCE)),
        "incident": replace(INCIDENT, facts=(fact, FACT)),
        "alert": replace(ALERT, reason="update", changes=(("claimed_by", text, text),)),
    }


# --- what it says --------------------------------------------------------------------------------


def test_the_headline_says_place_weapon_day_toll_how_sure_and_how_grave():
    text = headline(ALERT, INCIDENT, BASE, None, (FACT,))
    assert text == "New: drone attack at Fort A (XX), 1 May 2024, 2 wounded (claim, medium severity)"


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        (None, None, "day not stated"),
        (date(2024, 5, 1), date(2024, 5, 1), "1 May 2024"),
        (date(2024, 5, 1), date(2024, 5, 3), "between 1 May 2024 and 3 May 2024"),
        (date(2024, 5, 1), None, "since 1 May 2024"),
        (None, date(2024, 5, 3), "until 3 May 2024"),
    ],
)
def test_days_in_words(first, last, words):
    assert when(first, last) == words


def test_the_console_shows_everything_a_person_needs():
    text = payload("console")
    for wanted in (
        "Fort A",
        "drone",
        "1 May 2024",
        "Two drones hit Fort A on Wednesday.",
        "Example News",
        "https://news.example/a",
        "wounded: 2",
        "r-attack",
        "score 3.5",
        "i1",
        "basewatch explain e1",
    ):
        assert wanted in text


def test_an_update_says_what_changed():
    update = replace(ALERT, reason="update", changes=(("wounded", "2", "24"), ("claimed_by", "", "A group")))
    assert "wounded: 2 → 24" in payload("console", alert=update)
    assert "wounded: 2 → 24" in payload("slack", alert=update)
    data = json.loads(payload("webhook", alert=update))
    assert data["type"] == "incident.updated"
    assert data["data"]["changes"] == [
        {"slot": "wounded", "old": "2", "new": "24"},
        {"slot": "claimed_by", "old": None, "new": "A group"},
    ]


def test_the_webhook_body_is_as_documented():
    assert json.loads(payload("webhook")) == {
        "type": "incident.new",
        "timestamp": "2024-05-01T12:00:00Z",
        "data": {
            "incident": {
                "id": "i1",
                "base": {"id": "fort-a", "name": "Fort A", "country": "XX", "lat": 1.5, "lon": 2.5},
                "area": None,
                "date_from": "2024-05-01",
                "date_to": "2024-05-01",
                "weapons": ["drone"],
            },
            "article": {
                "title": "Fort A attacked",
                "url": "https://news.example/a",
                "source": "Example News",
                "published": "2024-05-01T12:00:00Z",
            },
            "evidence": [{"rule": "r-attack", "text": "drones", "sentence": "Two drones hit Fort A on Wednesday."}],
            "alert": {"id": "a1", "reason": "new", "confidence": "claim", "severity": "medium"},
        },
    }


def test_an_unnamed_place_has_null_fields():
    nameless = replace(INCIDENT, base="", country="XX", date_from=None, date_to=None, weapons=())
    document = json.loads(payload("webhook", incident=nameless, base=None))
    assert document["data"]["incident"]["base"] == {"id": None, "name": None, "country": "XX", "lat": None, "lon": None}
    VALIDATOR.validate(document)
    assert "an unnamed place (XX), day not stated" in payload("console", incident=nameless, base=None)


def test_an_area_is_told_where_its_base_is_not_named():
    area = Base("the-north", "The North", kind="area", country="XX")
    within = replace(INCIDENT, base="", area="the-north")
    document = json.loads(payload("webhook", incident=within, base=None, area=area))
    assert document["data"]["incident"]["area"] == {"id": "the-north", "name": "The North"}
    assert document["data"]["incident"]["base"]["id"] is None
    VALIDATOR.validate(document)
    for kind in ("console", "slack"):
        assert "an unnamed place in The North (XX)" in payload(kind, incident=within, base=None, area=area)


def test_a_named_base_is_told_by_its_own_name_and_its_area_beside_it():
    area = Base("the-north", "The North", kind="area", country="XX")
    within = replace(INCIDENT, area="the-north")
    assert json.loads(payload("webhook", incident=within, area=area))["data"]["incident"]["area"]["id"] == "the-north"
    assert "attack at Fort A (XX)" in payload("console", incident=within, area=area)


def test_an_area_that_the_rules_have_dropped_keeps_its_id():
    within = replace(INCIDENT, base="", area="the-north")
    document = json.loads(payload("webhook", incident=within, base=None))
    assert document["data"]["incident"]["area"] == {"id": "the-north", "name": None}
    VALIDATOR.validate(document)
    assert "an unnamed place in the-north (XX)" in payload("console", incident=within, base=None)


def test_bodies_from_before_areas_stay_valid():
    document = json.loads(payload("webhook"))
    del document["data"]["incident"]["area"]
    VALIDATOR.validate(document)


@pytest.mark.parametrize("reason", ["new", "update", "possible_update", "reminder"])
def test_every_body_is_valid_by_the_schema(reason):
    changes = (("wounded", "", "2"),) if reason == "update" else ()
    VALIDATOR.validate(json.loads(payload("webhook", alert=replace(ALERT, reason=reason, changes=changes))))
    VALIDATOR.validate(json.loads(render.test_payload("webhook", "ops", NOW)))
    VALIDATOR.validate(json.loads(render.canary_payload("webhook", "ops", NOW)))
    VALIDATOR.validate(json.loads(render.notice_payload("webhook", Notice("sink", "ops", "is broken", NOW))))


@pytest.mark.parametrize("broken", ["type", "timestamp", "data"])
def test_the_schema_refuses_what_is_no_body(broken):
    document = json.loads(payload("webhook"))
    del document[broken]
    assert not VALIDATOR.is_valid(document)
    assert not VALIDATOR.is_valid(json.loads(payload("webhook")) | {"type": "incident.updated"})


def test_the_same_alert_always_gives_the_same_characters():
    for kind in KINDS:
        assert payload(kind) == payload(kind)


# --- hostile text --------------------------------------------------------------------------------


@pytest.mark.fault("HC-1")
def test_no_mention_and_no_link_of_a_feed_comes_to_life_in_slack():
    """HC-1: the only markup is our own link, and its words are its host."""
    slack = payload("slack", **all_evil(EVIL))
    found = [markup for text in texts_of(slack) for markup in live_markup(text)]
    assert found
    assert all(re.fullmatch(r"https://news\.example/[^|<>]*\|news\.example", markup) for markup in found)
    assert "&amp;lt;!here&amp;gt;" in slack
    assert "&lt;!channel&gt;" in slack
    assert all(part.get("verbatim") for block in json.loads(slack)["blocks"] for part in block.get("elements", []))


def test_addresses_in_a_feeds_words_are_no_links_where_slack_makes_them_itself():
    evil = all_evil("see https://evil.example/x")
    base = replace(BASE, name="https://evil.example")
    text = json.loads(payload("slack", **evil, base=base))["text"]
    assert "https://evil.example" not in re.sub(r"<https://news\.example/[^>]*>", "", text)


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd", "//evil", "", "http://", "https://[::1",
     "https://a.b\x1b]8;;x", "ht\ntps://x", "java\nscript:alert(1)"],
)  # fmt: skip
@pytest.mark.fault("HC-5")
def test_only_web_addresses_become_links(url):
    """HC-5."""
    link, host = web_link(url)
    assert link == "" or link.startswith(("http://", "https://"))
    assert (link == "") == (host == "")
    assert "\x1b" not in link
    assert "javascript" not in payload("slack", article=replace(ARTICLE, url="javascript:alert(1)"))
    assert json.loads(payload("webhook", article=replace(ARTICLE, url=url)))["data"]["article"]["url"] in (link, None)


@pytest.mark.fault("HC-2")
def test_a_host_that_looks_like_another_is_shown_as_it_is_dialled():
    """HC-2: Cyrillic а."""
    link, host = web_link("https://bаnk.example/login")
    assert host == "xn--bnk-6cd.example"
    assert link == "https://xn--bnk-6cd.example/login"
    assert "xn--bnk" in payload("console", article=replace(ARTICLE, url="https://bаnk.example/login"))


@given(hostile)
@pytest.mark.fault("HC-1", "DL-9")
def test_whatever_a_feed_says_slack_accepts_it_and_nothing_comes_to_life(text):
    """HC-1, HC-2, DL-9."""
    slack = payload("slack", **all_evil(text))
    accepted_by_slack(slack)
    for shown in texts_of(slack):
        for markup in live_markup(shown):
            assert markup.startswith("https://news.example/")
        assert shown.removeprefix("> ").count(">") == shown.count("<") == len(live_markup(shown))
        assert not re.search(r"&(?!(?:amp|lt|gt);)", shown)
    notice = render.notice_payload("slack", Notice("sink", "x", text or "x", NOW))
    others = render.with_repeat(slack), render.minimal(slack), render.digest("slack", [slack] * 5, "together"), notice
    for other in others:
        accepted_by_slack(other)
        for shown in texts_of(other):
            assert all(markup.startswith("https://news.example/") for markup in live_markup(shown))
            assert shown.removeprefix("> ").count(">") == shown.count("<") == len(live_markup(shown))


@given(hostile, st.booleans())
@pytest.mark.fault("HC-1", "HC-3")
def test_whatever_a_feed_says_apprise_gets_no_sign_of_a_mention_or_of_markup(text, repeat):
    """HC-1: services make links and mentions of words by signs of their own."""
    told = payload("apprise", **all_evil(text))
    title, body = message_of(Delivery("d", "a", "pager", 0, told, "sending", repeat_possible=repeat))
    assert not set("@<>\x00\x07\x1b\u202e\u2066\u200b") & set(title + body)
    assert body.startswith(render.REPEAT) == repeat
    assert "Fort A" in title


@given(hostile)
@pytest.mark.fault("HC-2", "HC-3")
def test_whatever_a_feed_says_no_exit_lets_control_or_bidi_characters_out(text):
    """HC-2, HC-3."""
    evil = all_evil(text)
    forbidden = re.compile(
        r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
    )
    assert not forbidden.search(payload("console", **evil))
    document = json.loads(payload("webhook", **evil))
    VALIDATOR.validate(document)
    assert not forbidden.search(json.dumps(document, ensure_ascii=False))
    payload("webhook", **evil).encode()
    payload("slack", **evil).encode()


@given(st.lists(st.sampled_from(["&", "<", "é", "x" * 100, "&amp;"]), max_size=400), st.integers(10, 3000))
@pytest.mark.fault("DL-9")
def test_escaping_is_measured_after_and_never_cuts_an_entity(parts, limit):
    """DL-9: escaping can grow a text fivefold."""
    escaped = escape("".join(parts), limit)
    assert len(escaped) <= limit
    assert not re.search(r"&(?!(?:amp|lt|gt);)", escaped)


@pytest.mark.fault("DL-9")
def test_3000_ampersands_fit():
    """DL-9."""
    accepted_by_slack(payload("slack", **all_evil("&" * 3000)))


@given(st.lists(hostile, min_size=1, max_size=60))
def test_a_digest_is_accepted_and_counts_its_rows(texts):
    """DL-12."""
    payloads = [payload("slack", article=replace(ARTICLE, title=text, source=text)) for text in texts]
    fitting = render.digest_fits("slack", payloads)
    assert fitting >= min(len(payloads), 20)
    digest = render.digest("slack", payloads[:fitting], "that waited")
    accepted_by_slack(digest)
    assert sum(text.count("\n•") + text.startswith("•") for text in texts_of(digest)) == fitting


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", ["{0}", "{{7*7}}", "%s %n", "$x ${x}", "{alert.id}"])
@pytest.mark.fault("HC-13")
def test_templates_in_a_title_stay_as_they_are(kind, text):
    """HC-13."""
    assert text in payload(kind, article=replace(ARTICLE, title=text))


@pytest.mark.fault("HC-12")
def test_an_endless_title_is_cut_with_a_mark():
    """HC-12."""
    huge = replace(ARTICLE, title="x" * 300_000)
    for kind in KINDS:
        text = payload(kind, article=huge)
        assert len(text) < 20_000
        assert "…" in text
