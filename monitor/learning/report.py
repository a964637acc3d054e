"""What was learned, from where and what it would change: lines for people, one dict for machines."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable, Sequence
from typing import Any

from monitor.learning.learn import Material, Proposal
from monitor.learning.trial import Background, HeldOut

_ROLES = (
    ("seed_noun", "what is hit"),
    ("seed_owner_acronym", "whose"),
    ("seed_owner", "whose"),
    ("seed_modifier", "of what kind"),
    ("seed_weapon", "with what"),
    ("seed_event", "what happens"),
    ("seed_actor", "by whom"),
    ("seed_place", "where"),
    ("seed_topic", "stands out"),
)
_MOST_SHOWN = 20


def report(
    proposal: Proposal,
    material: Material,
    held_out: Sequence[HeldOut] = (),
    background: Background | None = None,
) -> dict[str, Any]:
    """Everything worth knowing of a proposal, ready for JSON."""
    return {
        "seeds": list(proposal.lesson.seeds),
        "bases": [
            {
                "id": base.id,
                "kind": base.kind,
                "status": "active" if base.active else "suggested",
                "spellings": list(base.spellings),
                "seeds": list(base.seeds),
                "patterns": list(base.patterns),
                "known": base.known is not None,
                "evidence": base.support[0].sentence,
            }
            for base in proposal.lesson.bases
        ],
        "concepts": [
            {"id": id_, "role": role, "term": term["text"], "seeds": term["seeds"], "evidence": term["evidence"]}
            for id_, role in _ROLES
            for name, table in proposal.tables
            if name == "concept" and table["id"] == id_
            for term in table["term"]
        ],
        "rules": [table["id"] for name, table in proposal.tables if name == "rule"],
        "changes": changes(proposal, material),
        "leave_one_out": [_told_held_out(one) for one in held_out],
        "background": _told_background(background) if background else None,
    }


def _told_held_out(one: HeldOut) -> dict[str, Any]:
    return {
        "seed": one.seed,
        "flagged": one.judgement.flagged,
        "rule": one.judgement.rule,
        "missing": one.judgement.missing,
        "found": list(one.found),
        "unseen": list(one.unseen),
    }


def _told_background(background: Background) -> dict[str, Any]:
    return {
        "articles": background.articles,
        "fired": [
            {"id": one.id, "title": one.title, "url": one.url, "rule": one.rule, "words": list(one.words)}
            for one in background.fired
        ],
    }


def changes(proposal: Proposal, material: Material) -> list[dict[str, str]]:
    """What the proposal adds to the present learned files, takes out, or changes, by table."""
    before, after = _parts(material.present), _parts(proposal.files)
    rows = []
    for key in sorted({*before, *after}):
        if key not in before:
            rows.append({"change": "add", "what": key})
        elif key not in after:
            rows.append({"change": "remove", "what": key})
        elif before[key] != after[key]:
            rows.append({"change": "change", "what": key})
    return rows


def _parts(files: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """The bases, terms, phrases and rules of files, by a name that a reader knows them by."""
    parts: dict[str, Any] = {}
    for _, text in files:
        for name, tables in tomllib.loads(text).items():
            for table in tables:
                for term in table.get("term", ()):
                    parts[f"{table['id']}: {term['text']}"] = term
                if "term" not in table:
                    parts[f"{name} {table['id']}"] = table
    return parts


def diff(proposal: Proposal, material: Material) -> list[str]:
    """The proposal against the present learned files, as unified diff lines."""
    present = dict(material.present)
    lines: list[str] = []
    for name, text in proposal.files:
        old = present.get(name, "").splitlines()
        lines.extend(difflib.unified_diff(old, text.splitlines(), f"present/{name}", f"learned/{name}", lineterm=""))
    return lines


# --- for people ----------------------------------------------------------------------------------


def lines(told: dict[str, Any]) -> list[str]:
    """The report as plain lines."""
    return [
        f"Learned from {len(told['seeds'])} seeds: {', '.join(told['seeds'])}",
        *_base_lines(told["bases"]),
        *_concept_lines(told["concepts"]),
        *(
            []
            if told["rules"]
            else ["", "No rule could be made: no event and no target that the seeds share; give more or longer seeds."]
        ),
        *_change_lines(told["changes"]),
        *_held_out_lines(told["leave_one_out"]),
        *_background_lines(told["background"]),
    ]


def _base_lines(bases: list[dict[str, Any]]) -> list[str]:
    shown = [
        f"  {base['status']:9} {base['kind']:4} {base['id']}: {', '.join(base['spellings'])}"
        f" ({len(base['seeds'])} seeds; {', '.join(base['patterns'])})"
        for base in bases
    ]
    return ["", "Named targets", *(shown or ["  none"])]


def _concept_lines(concepts: list[dict[str, Any]]) -> list[str]:
    by_role: dict[str, list[str]] = {}
    for term in concepts:
        by_role.setdefault(term["role"], []).append(f"{term['term']} [{len(term['seeds'])}]")
    return [
        "",
        "Words, with the number of seeds",
        *(f"  {role}: {', '.join(words)}" for role, words in by_role.items()),
    ]


def _change_lines(rows: list[dict[str, str]]) -> list[str]:
    if not rows:
        return ["", "Nothing changes against the present rules."]
    shown = [f"  {row['change']:6} {row['what']}" for row in rows[:_MOST_SHOWN]]
    more = [f"  … and {len(rows) - _MOST_SHOWN} more"] if len(rows) > _MOST_SHOWN else []
    return ["", f"{len(rows)} changes against the present rules", *shown, *more]


def _held_out_lines(rows: list[dict[str, Any]]) -> list[str]:
    if not rows:
        return ["", "Leave one seed out: too few seeds."]
    flagged = sum(row["flagged"] for row in rows)
    return [
        "",
        f"Leave one seed out: {flagged} of {len(rows)} flagged by what the others teach",
        *(
            f"  {row['seed']}: {'flagged by ' + row['rule'] if row['flagged'] else 'missed, ' + row['missing']}"
            f"; names found {len(row['found'])}, of them unseen {len(row['unseen'])}"
            for row in rows
        ),
    ]


def _background_lines(told: dict[str, Any] | None) -> list[str]:
    if told is None:
        return []
    fired = told["fired"]
    return [
        "",
        f"On other news: {len(fired)} of {told['articles']} articles fire",
        *(f"  {one['title']} [{one['rule']}: {', '.join(one['words'])}] {one['url']}" for one in fired[:_MOST_SHOWN]),
    ]
