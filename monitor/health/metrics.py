"""The status as Prometheus reads it (text format 0.0.4). docs/operations.md lists the names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from monitor import __version__
from monitor.health.status import Status

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def metrics_text(status: Status, counters: Mapping[str, int], database: Path) -> bytes:
    """All metrics at once. `counters` count since the start, by name without "basewatch_" and "_total"."""
    registry = CollectorRegistry()
    registry.register(_Once([*gauges(status, database), *counts(counters)]))
    ProcessCollector(registry=registry)
    text: bytes = generate_latest(registry)
    return text


class _Once(Collector):
    """Gives metrics that were made before."""

    def __init__(self, metrics: list[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        """The metrics."""
        return self._metrics


def gauges(status: Status, database: Path) -> Iterator[Metric]:
    """What is now."""
    yield _by("basewatch_info", "The version at work.", "version", {__version__: 1})
    yield _by("basewatch_feeds", "Watched feeds by state.", "state", status.feeds)
    yield _by("basewatch_deliveries", "Deliveries by state.", "state", status.outbox)
    alarms = {kind: sum(alarm.kind == kind for alarm in status.alarms) for kind in {a.kind for a in status.alarms}}
    yield _by("basewatch_alarms", "Open alarms by kind.", "kind", alarms)
    yield _one("basewatch_ready", "1 where nothing keeps the service from its work.", int(status.ready))
    yield _one("basewatch_undecided_entries", "Entries that wait to be judged.", status.undecided)
    if status.last_alert:
        at = status.last_alert.at.timestamp()
        yield _one("basewatch_last_alert_timestamp_seconds", "When the last alert was decided.", at)
    if status.canary:
        told = "1 where the canary arrived when it was sent last."
        yield _one("basewatch_canary_arrived", told, int(not status.canary.problem))
        if status.canary.arrived_at:
            at = status.canary.arrived_at.timestamp()
            yield _one("basewatch_canary_arrived_timestamp_seconds", "When the canary last arrived.", at)
    for name, file in (("database", database), ("wal", database.with_name(database.name + "-wal"))):
        size = file.stat().st_size if file.exists() else 0
        yield _one(f"basewatch_{name}_bytes", f"Size of the {name} file.", size)


def counts(counters: Mapping[str, int]) -> Iterator[Metric]:
    """What was counted since the start."""
    for name, value in counters.items():
        yield CounterMetricFamily(f"basewatch_{name}", f"{name} since the start.".replace("_", " "), value=value)


def _one(name: str, told: str, value: float) -> Metric:
    return GaugeMetricFamily(name, told, value=value)


def _by(name: str, told: str, label: str, values: Mapping[str, int]) -> Metric:
    family = GaugeMetricFamily(name, told, labels=[label])
    for value, number in sorted(values.items()):
        family.add_metric([value], number)
    return family
