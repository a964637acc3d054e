"""An article becomes a judgement with evidence: rule set, gazetteer, spelling, matcher, contexts.

What may enter: an Article, a RuleSet and a time. Pure: no I/O but loading rule files, no clock, no logging.
"""
