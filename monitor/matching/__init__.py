"""An article becomes a judgement with evidence: rule set, gazetteer, spelling, matcher, contexts.

What may enter: an Article, a RuleSet and a time. Pure: no I/O but loading rule files, no clock, no logging.
"""

from monitor.matching.judge import judge
from monitor.matching.loader import load_rules
from monitor.matching.reading import read_article
from monitor.matching.ruleset import RuleSet

__all__ = ["RuleSet", "judge", "load_rules", "read_article"]
