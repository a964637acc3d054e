"""Rule files become a rule set. Every mistake is one sentence: the file, the key, and the nearest valid one."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rapidfuzz import process

from monitor.errors import RuleError
from monitor.matching.background import background_of
from monitor.matching.factwords import FactWords, read_fact_words
from monitor.matching.gazetteer import base_entries, base_of, is_active, name_forms
from monitor.matching.grades import read_grades
from monitor.matching.matcher import Entry, Matcher
from monitor.matching.notation import NotationError, Pattern, folded_forms, read_pattern, term_forms
from monitor.matching.ruleset import ClassRule, Context, Phrase, Rule, RuleSet, Settings
from monitor.matching.screen import Screen
from monitor.text import words_of

SOURCES = ("seed", "gazetteer", "curated", "general", "verdicts")
NOT_OURS = ("facts.toml", "floors.toml", "learning.toml")  # read by other rooms
KEYS: Mapping[str, tuple[str, ...]] = {
    "base": (
        "id", "name", "kind", "country", "lat", "lon", "precision", "area", "source", "status",
        "seeds", "support", "aliases", "not_alias", "not_owner", "needs_cue", "evidence", "trap", "script_cue",
    ),
    "concept": ("id", "role", "value", "source", "terms", "term", "exact", "script", "note", "measured"),
    "term": ("text", "weight", "source", "seeds", "evidence", "support", "status"),
    "phrase": ("id", "pattern", "patterns", "value", "span", "not_between", "source", "note"),
    "rule": (
        "id", "pattern", "patterns", "score", "label", "needs", "not_between", "immune", "source", "fallback",
        "note", "status",
    ),
    "context": (
        "id", "label", "takes", "gives", "before", "after", "inside", "sentence", "title",
        "within", "within_after", "unless", "blocked_by", "only",
        "source", "note", "status",
    ),
    "class": ("label", "pattern", "patterns", "title_only", "source", "note"),
    "settings": ("threshold", "lead_sentences", "lead_characters", "old_date_days", "old_weekday_days", "old_label"),
}  # fmt: skip

Table = dict[str, Any]


class _Files:
    """The tables of all rule files of a folder, each with the file it stands in."""

    def __init__(self, folder: Path, sources: frozenset[str] | None) -> None:
        if not folder.is_dir():
            raise RuleError(
                f"{folder}: there is no such folder of rule files; run `basewatch learn` or give another --rules"
            )
        self.paths = sorted(path for path in folder.glob("*.toml") if path.name not in NOT_OURS)
        self.sources = sources
        self.tables: dict[str, list[tuple[str, Table]]] = {
            name: [] for name in KEYS if name not in ("term", "settings")
        }
        self.settings: Table = {}
        digest = hashlib.sha256(repr(sorted(sources) if sources else "all").encode())
        facts = folder / "facts.toml"
        self.facts: Table = _read(facts) if facts.exists() else {}
        for path in [*self.paths, *([facts] if facts.exists() else [])]:
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
        self.version = digest.hexdigest()[:12]
        for path in self.paths:
            self._take(path)

    def _take(self, path: Path) -> None:
        for name, value in _read(path).items():
            if name == "settings":
                _check_keys(path.name, "settings", value)
                self.settings.update(value)
            elif name in self.tables:
                for table in _as_tables(path.name, name, value):
                    _check_keys(path.name, name, table)
                    self.tables[name].append((path.name, table))
            elif name != "meta":
                raise RuleError(
                    f"{path.name}: unknown table [{name}]; {_nearest(name, [*self.tables, 'settings', 'meta'])}"
                )

    def of(self, name: str) -> Iterable[tuple[str, Table]]:
        """The tables of this name from the sources that are wanted."""
        for file, table in self.tables[name]:
            if self.wants(table.get("source", "curated"), file) and table.get("status", "active") == "active":
                yield file, table

    def wants(self, source: str, file: str) -> bool:
        """True where a source is among those asked for."""
        if source not in SOURCES:
            raise RuleError(f'{file}: source = "{source}" is unknown; {_nearest(source, SOURCES)}')
        return self.sources is None or source in self.sources


def load_rules(folder: Path, sources: frozenset[str] | None = None) -> RuleSet:
    """The rule set of a folder. `sources` keeps only what is marked so (seed, gazetteer, curated, general).

    Raises RuleError with one sentence that names the file, the key and the nearest valid key.
    """
    files = _Files(folder, sources)
    bases = [(file, table) for file, table in files.of("base")]
    entries = [*_concept_entries(files), *(entry for _, table in bases for entry in base_entries(table))]
    known = {entry.concept for entry in entries} | {
        table["id"] for _, table in files.tables["concept"] if "id" in table
    }
    known |= {table["role"] for _, table in files.tables["concept"] if table.get("role")}
    known |= {"base", "area"}
    phrases = _phrases(files, known)
    rules = _rules(files, known)
    classes = tuple(
        ClassRule(_text(file, table, "label"), _patterns(file, table, known), bool(table.get("title_only")))
        for file, table in files.of("class")
    )
    return RuleSet(
        version=files.version,
        bases={table["id"]: base_of(file, table) for file, table in bases if is_active(table)},
        matcher=Matcher(entries),
        phrases=phrases,
        rules=rules,
        contexts=tuple(_context(file, table, known) for file, table in files.of("context")),
        classes=classes,
        settings=Settings(**files.settings),
        facts=_facts(files.facts),
        background=background_of(folder),
        aliases={
            table["id"]: tuple(alias for names in table.get("aliases", {}).values() for alias in names)
            for _, table in bases
        },
        screen=Screen(
            [(phrase.id, phrase.patterns) for phrase in phrases],
            [(rule.id, rule.patterns) for rule in rules],
            [(one.label, one.patterns) for one in classes],
        ),
        grades=read_grades(files.facts),
        not_aliases={table["id"]: tuple(table.get("not_alias", ())) for _, table in bases},
    )


def _read(path: Path) -> Table:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RuleError(f"{path.name}: cannot be read: {error.strerror}; check the file's permissions") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RuleError(f"{path.name}: is not valid TOML: {error}; correct that line") from error


def _as_tables(file: str, name: str, value: Any) -> list[Table]:
    if isinstance(value, list) and all(isinstance(table, dict) for table in value):
        return value
    raise RuleError(f"{file}: {name} must be written as [[{name}]]")


def _check_keys(file: str, kind: str, table: Any) -> None:
    if not isinstance(table, dict):
        raise RuleError(f"{file}: {kind} must be a table")
    for key in table:
        if key not in KEYS[kind]:
            where = f" ({table.get('id') or table.get('label') or table.get('text')})" if len(table) > 1 else ""
            raise RuleError(f"{file}: [[{kind}]]{where} has the unknown key `{key}`; {_nearest(key, KEYS[kind])}")


def _nearest(word: str, valid: Sequence[str]) -> str:
    found = process.extractOne(word, valid)
    return f"the nearest valid one is `{found[0]}`" if found else f"valid are {', '.join(valid)}"


def _text(file: str, table: Table, key: str) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not value:
        raise RuleError(f"{file}: {table.get('id', 'a table')} needs the key `{key}` with a text")
    return value


def _names(table: Table, key: str) -> tuple[str, ...]:
    value = table.get(key, ())
    return tuple(value.split("|")) if isinstance(value, str) else tuple(value)


# --- concepts ------------------------------------------------------------------------------------


def _concept_entries(files: _Files) -> Iterable[Entry]:
    for file, table in files.tables["concept"]:
        concept = _text(file, table, "id")
        own_source = table.get("source", "curated")
        terms = [{"text": text} for text in table.get("terms", ())] + list(table.get("term", ()))
        for term in terms:
            _check_keys(file, "term", term)
            if term.get("status", "active") == "active" and files.wants(term.get("source", own_source), file):
                yield from _term_entries(file, table, concept, term)


def _term_entries(file: str, table: Table, concept: str, term: Table) -> Iterable[Entry]:
    text = _text(file, term, "text")
    weight = float(term.get("weight", 0.0))
    value = str(table.get("value", ""))
    try:
        forms = _in_script(folded_forms(text), str(table.get("script", "")))
        written = term_forms(text) if table.get("exact") else ()
    except NotationError as error:
        raise RuleError(f"{file}: the term `{text}` of {concept} {error}; correct it") from error
    if not forms:
        raise RuleError(f"{file}: the term `{text}` of {concept} holds no letter or digit; take it out")
    exact = {tuple(words_of(form)): form for form in written}
    for words in forms:
        for name in dict.fromkeys((concept, table.get("role") or concept)):
            yield Entry(words, name, value, text, weight, exact.get(words, ""))


def _in_script(forms: Iterable[tuple[str, ...]], script: str) -> tuple[tuple[str, ...], ...]:
    """The forms with the prefixes or cases that a script's grammar gives a word; "" leaves them as they are."""
    if not script:
        return tuple(forms)
    return tuple(dict.fromkeys(form for words in forms for form in name_forms(" ".join(words), script)))


# --- phrases, rules, contexts -------------------------------------------------------------------------


def _patterns(file: str, table: Table, known: set[str]) -> tuple[Pattern, ...]:
    texts = [*([table["pattern"]] if "pattern" in table else []), *table.get("patterns", ())]
    name = table.get("id") or table.get("label")
    if not texts:
        raise RuleError(f"{file}: {name} needs the key `pattern` or `patterns`")
    patterns = []
    for text in texts:
        try:
            pattern = read_pattern(text)
        except NotationError as error:
            raise RuleError(f"{file}: the pattern `{text}` of {name} {error}; correct it") from error
        _check_concepts(file, str(name), pattern.concepts, known)
        patterns.append(pattern)
    return tuple(patterns)


def _check_concepts(file: str, name: str, concepts: Iterable[str], known: set[str]) -> None:
    for concept in sorted(concepts):
        if concept not in known:
            raise RuleError(f"{file}: {name} names the unknown concept `{concept}`; {_nearest(concept, sorted(known))}")


def _phrases(files: _Files, known: set[str]) -> tuple[Phrase, ...]:
    known |= {_text(file, table, "id") for file, table in files.tables["phrase"]}
    return tuple(
        Phrase(
            id=_text(file, table, "id"),
            patterns=_patterns(file, table, known),
            value=str(table.get("value", "")),
            span=str(table.get("span", "")),
            not_between=_names(table, "not_between"),
        )
        for file, table in files.of("phrase")
    )


def _rules(files: _Files, known: set[str]) -> tuple[Rule, ...]:
    tables = list(files.of("rule"))
    own = [pair for pair in tables if not pair[1].get("fallback")]
    return tuple(
        Rule(
            id=_text(file, table, "id"),
            patterns=_patterns(file, table, known),
            score=float(table.get("score", 1.0)),
            label=table.get("label", "new_attack"),
            needs=tuple(tuple(need.split("|")) for need in table.get("needs", ())),
            not_between=_names(table, "not_between"),
            immune=frozenset(table.get("immune", ())),
        )
        for file, table in own or tables
    )


def _context(file: str, table: Table, known: set[str]) -> Context:
    places = {
        key: _names(table, key) for key in ("before", "after", "inside", "sentence", "title", "unless", "blocked_by")
    }
    for names in places.values():
        _check_concepts(file, str(table.get("id")), names, known)
    return Context(
        id=_text(file, table, "id"),
        label="" if "gives" in table else _text(file, table, "label"),
        takes=-float(table["gives"]) if "gives" in table else float(table.get("takes", 2.0)),
        within=int(table.get("within", 6)),
        within_after=int(table.get("within_after", 4)),
        only=frozenset(table.get("only", ())),
        **places,
    )


def _facts(table: Table) -> FactWords:
    return read_fact_words(table)
