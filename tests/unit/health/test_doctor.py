"""What the doctor says of secret files and of versions."""

from __future__ import annotations

import sqlite3

import pytest

from monitor.health.doctor import check_secret_files, check_versions


@pytest.mark.fault("SE-2")
def test_a_secret_that_every_user_can_read_is_told_and_a_private_one_is_not(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("x")
    secret.chmod(0o644)
    [check] = check_secret_files([secret, tmp_path / "absent"])
    assert check.state == "look"
    assert str(secret) in check.text
    assert "chmod 600" in check.text
    secret.chmod(0o600)
    assert check_secret_files([secret]) == []


@pytest.mark.fault("DB-8")
@pytest.mark.parametrize(("version", "state"), [((3, 40, 1), "look"), ((3, 51, 3), "ok"), ((4, 0, 0), "ok")])
def test_a_sqlite_that_needs_care_is_told(monkeypatch, version, state):
    monkeypatch.setattr(sqlite3, "sqlite_version_info", version)
    [check] = [check for check in check_versions() if check.name == "sqlite"]
    assert check.state == state
