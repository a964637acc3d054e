"""The errors of Basewatch. Each message is one sentence: what is wrong, where, and what to do.

BasewatchError
├── ConfigError          basewatch.toml or the environment cannot be used (holds every mistake found)
├── RuleError            a rule file cannot be read or used
├── StoreError           the database cannot be opened, is not ours, or is held by another daemon
│   ├── AlreadyRunning   another daemon holds this database
│   ├── NoDatabase       there is no database yet
│   ├── StoreFull        there is no room on the disk of the database
│   └── StoreLost        the database was open and can no longer be written
├── InputError           a file or an argument given by the user cannot be used
├── FetchError           a URL did not give a usable answer (names the cause, never a secret)
│   ├── AddressRefused   the address guard refused to dial
│   ├── BadStatus        it answered with a status of failure
│   └── TooLarge         an answer was larger than its cap
└── ChildFailed          a child process was killed, died or ran out of time on a document
"""

from __future__ import annotations

from collections.abc import Mapping


class BasewatchError(Exception):
    """Root of all errors that Basewatch raises on purpose."""


class ConfigError(BasewatchError):
    """The configuration cannot be used; `mistakes` holds one sentence for each thing wrong."""

    def __init__(self, mistakes: list[str]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(mistakes))


class RuleError(BasewatchError):
    """A rule file cannot be read or used."""


class StoreError(BasewatchError):
    """The database cannot be opened or is not one of ours."""


class AlreadyRunning(StoreError):
    """Another daemon holds the lock of this database."""


class NoDatabase(StoreError):
    """There is no database yet, and nobody who only looks makes one."""


class StoreFull(StoreError):
    """There is no room on the disk of the database."""


class StoreLost(StoreError):
    """The database was open and can no longer be written: read-only, damaged, or gone."""


class InputError(BasewatchError):
    """A file or an argument given by the user cannot be used."""


class FetchError(BasewatchError):
    """A URL did not give a usable answer; `kind` is a short stable word for its cause."""

    def __init__(self, message: str, kind: str = "network") -> None:
        self.kind = kind
        super().__init__(message)


class AddressRefused(FetchError):
    """The address guard refused to dial."""

    def __init__(self, message: str) -> None:
        super().__init__(message, kind="refused")


class BadStatus(FetchError):
    """A whole answer of another status than was needed: from `url`, with `headers` by lower-case name."""

    def __init__(self, message: str, status: int, url: str, headers: Mapping[str, str]) -> None:
        self.status, self.url, self.headers = status, url, headers
        super().__init__(message, kind="status")


class TooLarge(FetchError):
    """An answer was larger than its cap."""

    def __init__(self, message: str) -> None:
        super().__init__(message, kind="too_large")


class ChildFailed(BasewatchError):
    """A child process was killed, died or ran out of time; `kind` is timeout | died | error."""

    def __init__(self, message: str, kind: str = "died") -> None:
        self.kind = kind
        super().__init__(message)
