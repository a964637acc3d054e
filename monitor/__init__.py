"""Basewatch: tells people at once, once, and rightly, when what they watch for is in the news.

Rooms are folders in the order in which data flows; docs/architecture.md says where to change what.
"""

__version__ = "0.1.0"
