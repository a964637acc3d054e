"""Rule files changed step by step, each step with its reason. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from monitor.errors import RuleError
from monitor.learning.edit import Value, add_alias, set_key
from monitor.learning.nearby import NewContext, NewSpelling
from monitor.learning.records import EVEN, LEAST_WRONG, Record, is_doubtful, told_record
from monitor.learning.write import toml_text
from monitor.matching import RuleSet

FILE = "verdicts.toml"
BELOW_THRESHOLD = 0.1  # a lowered rule stands so far below the threshold: it needs a further sign
LOWERED_TAKES = 0.2  # a lowered context takes away only from weak mentions
_COMMENT = """What verdicts taught, written by `basewatch learn --from-verdicts` and accepted by a person.
Each context stands beside false alarms and in no confirmed article; take out what is wrong."""


@dataclass(frozen=True, slots=True)
class Step:
    """One change of the proposal, for people: what, and why. `done` is False where the file must be edited by hand."""

    what: str
    why: str
    done: bool = True


class Editor:
    """The rule files while they are changed, and the steps taken."""

    def __init__(self, files: dict[str, str]) -> None:
        self.files = files
        self.steps: list[Step] = []

    def judge(self, record: Record, rules: RuleSet, *, reweighed: bool) -> None:
        """Switch off what is wrong for sure, lower what is more often wrong than right."""
        why = told_record(record)
        if record.wrong < LEAST_WRONG:
            return
        if record.share.high < EVEN:
            self._set(record.kind, record.id, "status", "off", f"{record.kind} {record.id}: switch off", why)
        elif is_doubtful(record) and not reweighed:
            self._lower(record, rules, why)

    def _lower(self, record: Record, rules: RuleSet, why: str) -> None:
        if record.kind == "rule":
            score = round(rules.settings.threshold - BELOW_THRESHOLD, 2)
            present = next(rule.score for rule in rules.rules if rule.id == record.id)
            if present > score:
                what = f"rule {record.id}: lower its score from {present} to {score}"
                self._set("rule", record.id, "score", score, what, why)
        else:
            present = next((one.takes for one in rules.contexts if one.id == record.id), 0.0)
            if present > LOWERED_TAKES:
                what = f"context {record.id}: let it take {LOWERED_TAKES} instead of {present}"
                self._set("context", record.id, "takes", LOWERED_TAKES, what, why)

    def reweigh(self, name: str, change: float, rules: RuleSet) -> None:
        """Set a weight that was fitted anew, unless its rule or context is switched off already."""
        kind, _, id_ = name.partition(" ")
        if any(step.what == f"{kind} {id_}: switch off" for step in self.steps):
            return
        if kind == "rule":
            key, present = "score", next(rule.score for rule in rules.rules if rule.id == id_)
        else:
            key, present = "takes", next(context.takes for context in rules.contexts if context.id == id_)
        value = round(max(0.0, present + change), 2)
        if value != present:
            what = f"{kind} {id_}: {key} from {present} to {value}"
            self._set(kind, id_, key, value, what, "refitted to all verdicts")

    def _set(self, kind: str, id_: str, key: str, value: Value, what: str, why: str) -> None:
        def edit(text: str) -> str:
            return set_key(text, kind, id_, key, value, f"verdicts: {why}")

        self._edit(edit, Step(what, why))

    def spell(self, new: NewSpelling) -> None:
        """Add a spelling to the base it stands for."""
        why = f"sounds like {new.spelling}; in {len(new.entries)} confirmed: “{new.sentence}”"
        self._edit(lambda text: add_alias(text, new.base, new.alias), Step(f"base {new.base}: + {new.alias}", why))

    def _edit(self, edit: Callable[[str], str], step: Step) -> None:
        """Try the edit on the files, the last one first: what stands there wins."""
        for name in sorted(self.files, reverse=True):
            try:
                self.files[name] = edit(self.files[name])
            except RuleError:
                continue
            self.steps.append(step)
            return
        self.steps.append(Step(step.what, step.why, done=False))

    def add_contexts(self, contexts: Sequence[NewContext]) -> None:
        """Append the new contexts to the file of what verdicts taught."""
        before = self.files.get(FILE, "")
        text = toml_text("" if before else _COMMENT, context_tables(contexts))
        self.files[FILE] = f"{before.rstrip()}\n{text}" if before else text
        for new in contexts:
            what = f"context {context_id(new)}: + beside {', '.join(new.rules)}"
            self.steps.append(Step(what, f"“{new.words}” stands by {len(new.entries)} false alarms, by none confirmed"))


def context_tables(contexts: Iterable[NewContext]) -> list[tuple[str, dict[str, object]]]:
    """The tables of new contexts: a concept and the context that uses it."""
    tables: list[tuple[str, dict[str, object]]] = []
    for new in contexts:
        concept = context_id(new).replace("-", "_")
        tables.append(("concept", {"id": concept, "source": "verdicts", "terms": [new.words]}))
        tables.append(
            (
                "context",
                {
                    "id": context_id(new), "label": "unrelated", "source": "verdicts",
                    "before": concept, "inside": concept, "after": concept,
                    "note": f"beside {len(new.entries)} false alarms, beside nothing confirmed",
                },
            )
        )  # fmt: skip
    return tables


def context_id(new: NewContext) -> str:
    """The id of the context that new words make."""
    return f"verdict-{new.words.replace(' ', '-')}"
