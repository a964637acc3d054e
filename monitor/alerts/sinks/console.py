"""The console: alerts as text on standard output, for a terminal or the journal."""

from __future__ import annotations

from monitor.alerts.render import REPEAT
from monitor.alerts.sinks.port import Means, SinkSettings
from monitor.alerts.states import Rate
from monitor.model import Delivery, Outcome
from monitor.redact import plain


class ConsoleSink:
    """Prints. An output that is closed is an outcome, not an error."""

    rate = Rate()
    gathers = False
    recalls = False

    def __init__(self, settings: SinkSettings, means: Means) -> None:
        self.settings = settings
        self._write = means.write

    async def send(self, delivery: Delivery) -> Outcome:
        """Print the delivery's text and an empty line."""
        text = f"{REPEAT}\n{delivery.payload}" if delivery.repeat_possible else delivery.payload
        try:
            self._write(plain(text, keep_lines=True) + "\n\n")
        except (OSError, ValueError) as error:
            return Outcome("not_sent", error=f"the output cannot be written to ({type(error).__name__})")
        return Outcome("sent")
