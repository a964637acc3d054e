"""Incidents become messages: when to speak, what to say, how a delivery moves from state to state.

What may enter: incidents, facts and times as arguments. `policy`, `render` and `states` are pure; only `sinks` talk.
"""
