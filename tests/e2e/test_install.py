"""What is locked installs, and what is declared is all that is needed (UP-4)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import only_needed
import pytest

PARTS = ("monitor", "pyproject.toml", "README.md", "LICENSE", "requirements.lock")
OFFLINE = ("Failed to establish a new connection", "Temporary failure in name resolution", "Network is unreachable")


def import_without(*distributions: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(Path(only_needed.__file__)), *distributions]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.fault("UP-4")
def test_what_is_declared_is_all_that_is_needed():
    done = import_without()
    assert done.returncode == 0, done.stderr
    assert int(done.stdout.split()[0]) > 200


@pytest.mark.control("UP-4")
@pytest.mark.parametrize(("forgotten", "package"), [("lxml-html-clean", "lxml_html_clean"), ("rapidfuzz", "rapidfuzz")])
def test_what_were_not_declared_would_be_seen(forgotten, package):
    done = import_without(forgotten)
    assert done.returncode == 1
    assert package in done.stderr


@pytest.mark.soak
@pytest.mark.timeout(1200)
@pytest.mark.fault("UP-4", "SE-4")
def test_the_lock_installs_into_an_empty_environment_and_the_service_starts(tmp_path, root):
    """As `make install` does it, with no cache and nothing that is here."""
    for part in PARTS:
        copy = shutil.copytree if (root / part).is_dir() else shutil.copy
        copy(root / part, tmp_path / part)
    run(tmp_path, sys.executable, "-m", "venv", "fresh")
    pip = [str(tmp_path / "fresh" / "bin" / "python"), "-m", "pip", "--no-cache-dir", "--disable-pip-version-check"]
    run(tmp_path, *pip, "install", "--quiet", "--require-hashes", "-r", "requirements.lock")
    run(tmp_path, *pip, "install", "--quiet", "--no-deps", "--no-build-isolation", ".")
    run(tmp_path, *pip, "check")
    shutil.rmtree(tmp_path / "monitor")
    basewatch = str(tmp_path / "fresh" / "bin" / "basewatch")
    assert run(tmp_path, basewatch, "--version").strip()
    shutil.copytree(root / "rules", tmp_path / "rules")
    run(tmp_path, basewatch, "init")
    assert "feeds" in run(tmp_path, basewatch, "explain", "--help") + run(tmp_path, basewatch, "feeds", "list")


def run(folder: Path, *command: str) -> str:
    """The output of a command that must succeed; the test is skipped, visibly, where there is no network."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(command, cwd=folder, env=clean, capture_output=True, text=True, check=False)
    if any(words in done.stderr for words in OFFLINE):
        pytest.skip("the package index cannot be reached")
    assert done.returncode == 0, done.stderr
    return done.stdout
