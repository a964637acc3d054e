"""basewatch.toml and a mapping of the environment become frozen settings; every mistake is reported at once.

What may enter: the path of a configuration and the environment as a mapping. Reads files, nothing else.
"""

from monitor.config.load import load
from monitor.config.nearest import nearest
from monitor.config.schema import Delivery, FeedSource, Polling, RouteEntry, Settings, Sink

__all__ = ["Delivery", "FeedSource", "Polling", "RouteEntry", "Settings", "Sink", "load", "nearest"]
