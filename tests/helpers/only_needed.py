"""Import every module of the project where only what it declares can be imported, less what the arguments name."""

from __future__ import annotations

import importlib
import pkgutil
import re
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from importlib.metadata import PackageNotFoundError, packages_distributions, requires


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def needed(project: str) -> set[str]:
    """The distributions that a project needs, and what these need, without any extra."""
    found, asked = set(), [project]
    while asked:
        name = plain(asked.pop())
        if name in found:
            continue
        found.add(name)
        try:
            lines = requires(name) or []
        except PackageNotFoundError:
            continue  # for another system or Python
        asked += [re.match(r"[\w.-]+", line)[0] for line in lines if "extra ==" not in line]
    return found


class OnlyThese:
    """An importer that refuses the packages of all other distributions, as if they were not installed."""

    def __init__(self, distributions: set[str]) -> None:
        self.packages = packages_distributions()
        self.distributions = distributions

    def find_spec(self, name: str, _path: Sequence[str] | None = None, _target: object = None) -> ModuleSpec | None:
        owners = {plain(owner) for owner in self.packages.get(name.partition(".")[0], [])}
        if owners and not owners & self.distributions:
            raise ModuleNotFoundError(
                f"{name} belongs to {', '.join(sorted(owners))}, which is not declared", name=name
            )
        return None


def import_all() -> int:
    """Import all modules, and read one document of each kind, since libraries load parts of theirs late."""
    import monitor

    modules = [module.name for module in pkgutil.walk_packages(monitor.__path__, "monitor.")]
    for module in modules:
        if not module.endswith("__main__"):
            importlib.import_module(module)
    from monitor.articles.extract import extract_page
    from monitor.feeds.parse import parse_feed

    feed = b"<rss version='2.0'><channel><item><title>one</title><guid>1</guid></item></channel></rss>"
    assert len(parse_feed(feed, {}, "https://news.example/feed").entries) == 1
    assert "Words" in extract_page(b"<p>Words of a page.</p>" * 20, "https://news.example/1", "text/html").text
    return len(modules)


if __name__ == "__main__":
    sys.meta_path.insert(0, OnlyThese(needed("basewatch") - set(sys.argv[1:])))
    print(f"{import_all()} modules")
