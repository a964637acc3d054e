"""Articles decided in order, with a memory of incidents and texts as the store keeps it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from monitor.alerts.policy import Speech, speak
from monitor.articles.sketch import best_copy, sketch
from monitor.incidents import Consideration, confidence, consider, moment_of
from monitor.matching import RuleSet, judge
from monitor.model import Article, Incident


@dataclass(frozen=True, slots=True)
class Told:
    """What one article meant for the incidents, and what was said of it."""

    considered: Consideration
    speech: Speech


@dataclass(slots=True)
class Telling:
    """Decides one article after the other; `incidents` are those known so far, by id."""

    rules: RuleSet
    incidents: dict[str, Incident] = field(default_factory=dict)
    _sketches: dict[str, frozenset[int]] = field(default_factory=dict)
    _incident_of: dict[str, str] = field(default_factory=dict)

    def tell(self, article: Article) -> Told:
        """Decide one article and remember what came of it."""
        hashes = sketch(f"{article.title}\n{article.summary}\n{article.text}")
        copied = self._incident_of.get(best_copy(hashes, self._sketches) or "")
        known = dict(self.incidents)
        considered = consider(article, judge(article, self.rules), self.rules, list(known.values()), copied)
        speech = self._speech(article, considered, known)
        spoken = {alert.incident_id for alert in speech.alerts}
        for incident in considered.incidents:
            self.incidents[incident.id] = replace(incident, spoken=incident.spoken or incident.id in spoken)
        if considered.incidents:
            self._sketches[article.id] = hashes
            self._incident_of[article.id] = considered.incidents[0].id
        return Told(considered, speech)

    def _speech(self, article: Article, considered: Consideration, known: dict[str, Incident]) -> Speech:
        sure = {incident.id: confidence(incident, self.rules.facts) for incident in considered.incidents}
        changes = dict(considered.changes)
        return speak(article.id, considered.links, known, changes, sure, baseline=False, now=moment_of(article))
