"""The composition root: the only room that builds objects, reads the environment and sets up the logs.

What may enter: the path of a configuration. Everything else is built here from the rooms below.
"""

from monitor.app.canary import send_once as send_canary
from monitor.app.inspect import alive, examine, explain_what, how_it_goes
from monitor.app.logs import set_up_logs
from monitor.app.outlets import sink_settings, try_sinks
from monitor.app.parts import configure, database_of, feeds_of, now, rules_in, rules_of, some_database
from monitor.app.routes import Asked, Case, Way, imagined, place_problem, remembered, routes_of, ways
from monitor.app.service import Service, open_service

__all__ = [
    "Asked",
    "Case",
    "Service",
    "Way",
    "alive",
    "configure",
    "database_of",
    "examine",
    "explain_what",
    "feeds_of",
    "how_it_goes",
    "imagined",
    "now",
    "open_service",
    "place_problem",
    "remembered",
    "routes_of",
    "rules_in",
    "rules_of",
    "send_canary",
    "set_up_logs",
    "sink_settings",
    "some_database",
    "try_sinks",
    "ways",
]
