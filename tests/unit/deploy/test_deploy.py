"""Files that other programs read are well-formed and say what the documentation promises."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess

import pytest
import yaml


def test_compose_runs_one_daemon_without_rights_and_with_a_health_check(root):
    service = yaml.safe_load((root / "docker-compose.yml").read_text())["services"]["basewatch"]
    assert service["healthcheck"]["test"][:4] == ["CMD", "basewatch", "doctor", "--health"]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert any(volume.endswith(":/data") for volume in service["volumes"])
    assert int(service["stop_grace_period"].removesuffix("s")) > drain_seconds()


@pytest.mark.fault("SE-4")
def test_the_image_runs_as_nobody_in_particular_and_installs_by_hash(root):
    text = (root / "Dockerfile").read_text()
    lines = [line for line in text.replace("\\\n", " ").splitlines() if line and not line.startswith("#")]
    known = {
        "ARG",
        "FROM",
        "WORKDIR",
        "RUN",
        "COPY",
        "ENV",
        "USER",
        "VOLUME",
        "STOPSIGNAL",
        "HEALTHCHECK",
        "ENTRYPOINT",
        "CMD",
    }
    assert {line.split()[0] for line in lines} <= known
    last_stage = text[text.rindex("\nFROM") :]
    assert re.search(r"^USER 10001$", last_stage, re.MULTILINE)
    assert last_stage.index("USER ") < last_stage.index("ENTRYPOINT")
    assert "--require-hashes -r requirements.lock" in text
    assert '"doctor", "--health"' in last_stage
    for source in re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE):
        assert all((root / name).exists() for name in source.split())


@pytest.mark.fault("SE-5")
def test_the_unit_is_one_daemon_that_is_given_time_to_stop(root):
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str
    unit.read(root / "deploy" / "basewatch.service")
    service = unit["Service"]
    assert service["ExecStart"].split()[1:3] == ["run", "--config"]
    assert int(service["TimeoutStopSec"]) > drain_seconds()
    assert service["NoNewPrivileges"] == service["DynamicUser"] == "yes"
    assert service["RestartPreventExitStatus"] == "2 3"
    assert (service["Type"], service["WatchdogSec"]) == ("notify", "60")


@pytest.mark.fault("SE-5")
def test_systemd_finds_nothing_wrong_with_the_unit(root, tmp_path):
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not installed")
    unit = tmp_path / "basewatch.service"
    text = (root / "deploy" / "basewatch.service").read_text()
    unit.write_text(text.replace("/opt/basewatch/.venv/bin/basewatch", "/bin/true"))
    done = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False)
    assert "basewatch.service" not in done.stderr, done.stderr


@pytest.mark.fault("SE-4")
def test_the_lock_names_no_place_and_hashes_everything(root):
    text = (root / "requirements.lock").read_text()
    assert not re.search(r"[a-z]+://|--[a-z-]*(index|links)", text)
    packages = re.findall(
        r"^([a-z0-9][a-z0-9._-]*)==[^\s\\]+ \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", text, re.MULTILINE
    )
    assert len(packages) == len(re.findall(r"^[a-z0-9][^\n]*==", text, re.MULTILINE))


@pytest.mark.fault("UP-4")
def test_the_lock_holds_every_direct_dependency(root):
    import tomllib

    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    wanted = project["dependencies"] + project["optional-dependencies"]["dev"]
    locked = set(re.findall(r"^([a-z0-9][a-z0-9._-]*)==", (root / "requirements.lock").read_text(), re.MULTILINE))
    names = {re.split(r"[<>=!~ ;\[]", line)[0].lower().replace("_", "-") for line in wanted}
    assert names <= {name.replace("_", "-") for name in locked}


@pytest.mark.parametrize("name", ["feeds", "feeds_unchecked", "feeds_other_languages"])
def test_the_feed_lists_hold_addresses_that_can_be_polled(root, name):
    from monitor.config.checks import address_problem
    from monitor.feeds.opml import read_opml

    feeds, problem = read_opml((root / "rules" / f"{name}.opml").read_bytes())
    assert problem == ""
    assert len(feeds) > 10
    assert [feed.url for feed in feeds if address_problem(feed.url, allow_private=False)] == []


def drain_seconds():
    from monitor.daemon import DRAIN_SECONDS

    return DRAIN_SECONDS
