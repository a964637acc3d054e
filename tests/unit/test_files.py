"""A file that is replaced is whole at any moment."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from monitor.files import replace_file

ENDLESSLY = """
import sys
from pathlib import Path
from monitor.files import replace_file
file, number = Path(sys.argv[1]), 0
print("ready", flush=True)
while True:
    number += 1
    replace_file(file, str(number % 10).encode() * 200_000)
"""
SMALL_DISK = """
import resource, sys
from pathlib import Path
from monitor.files import replace_file
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    replace_file(Path(sys.argv[1]), b"new" * 1000)
except OSError as error:
    print(error.strerror)
"""


def test_a_file_is_made_replaced_and_keeps_its_mode(tmp_path):
    file = tmp_path / "a"
    replace_file(file, b"one")
    file.chmod(0o640)
    replace_file(file, b"two")
    assert (file.read_bytes(), file.stat().st_mode & 0o7777) == (b"two", 0o640)
    assert list(tmp_path.iterdir()) == [file]


def test_the_target_of_a_link_is_replaced_and_the_link_stays(tmp_path):
    (tmp_path / "real").mkdir()
    file, link = tmp_path / "real" / "a", tmp_path / "link"
    file.write_bytes(b"one")
    link.symlink_to(file)
    replace_file(link, b"two")
    assert link.is_symlink()
    assert file.read_bytes() == b"two"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_owner_and_group_stay(tmp_path):
    file = tmp_path / "a"
    file.write_bytes(b"one")
    os.chown(file, 12345, 23456)
    replace_file(file, b"two")
    assert (file.stat().st_uid, file.stat().st_gid) == (12345, 23456)


def test_where_there_is_no_room_nothing_has_changed(tmp_path):
    file = tmp_path / "a"
    file.write_bytes(b"one")
    done = subprocess.run([sys.executable, "-c", SMALL_DISK, file], capture_output=True, text=True, check=True)
    assert done.stdout == "File too large\n"
    assert file.read_bytes() == b"one"
    assert list(tmp_path.iterdir()) == [file]


def test_a_kill_at_any_moment_leaves_the_old_or_the_new_file(tmp_path):
    file = tmp_path / "a"
    file.write_bytes(b"0" * 200_000)
    for number in range(20):
        with subprocess.Popen([sys.executable, "-c", ENDLESSLY, file], stdout=subprocess.PIPE) as process:
            assert process.stdout.readline() == b"ready\n"
            time.sleep(0.0037 * number)
            process.send_signal(signal.SIGKILL)
        content = file.read_bytes()
        assert content == content[:1] * 200_000
    replace_file(file, b"after")
    assert list(tmp_path.iterdir()) == [file]


def test_a_link_that_lies_in_wait_is_not_written_through(tmp_path):
    victim = tmp_path / "victim"
    victim.write_bytes(b"theirs")
    (tmp_path / ".a.new").symlink_to(victim)
    with pytest.raises(OSError, match="symbolic link"):
        replace_file(tmp_path / "a", b"ours")
    assert victim.read_bytes() == b"theirs"
