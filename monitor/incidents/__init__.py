"""Judgements become attacks: mentions, dates, facts, identity.

What may enter: articles, judgements and open incidents as arguments. Pure: no I/O, no clock, no logging.
"""
