"""Progress of long work, on standard error and only for people."""

from __future__ import annotations

from collections.abc import Callable

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from monitor.cli.show import console


def progress(what: str) -> Progress:
    """A progress bar on standard error, silent where that is no terminal."""
    screen = console(stderr=True)
    return Progress(
        TextColumn(what),
        TextColumn("{task.description}", style="dim"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=screen,
        transient=True,
        disable=not screen.is_terminal,
    )


def tick(bar: Progress, name: str) -> Callable[[int, int], None]:
    """A task of the bar as the callback of a replay."""
    task = bar.add_task(name, total=None)
    return lambda done, total: bar.update(task, completed=done, total=total)
