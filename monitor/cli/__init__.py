"""Words to calls, nothing else: one file a group of commands, human output by rich, machine output by --json.

What may enter: what a person types. Everything else happens in monitor.app and below.
"""

from monitor.cli.main import app as basewatch_app
from monitor.cli.main import main

__all__ = ["basewatch_app", "main"]
