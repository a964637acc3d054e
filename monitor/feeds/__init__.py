"""A feed's bytes become entries: fetching, parsing, politeness, identity, OPML.

What may enter: addresses and bytes. `parse` and `identity` are pure; only `fetch` talks, through monitor.http.
"""
