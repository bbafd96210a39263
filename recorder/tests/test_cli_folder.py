"""What lies in the folder that a recording is started from."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from runner_support import environment, record_command

HELLO = [sys.executable, "-c", "print('hello')"]


def record(folder: Path, *words: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(record_command(*words), cwd=folder, env=environment(), capture_output=True, timeout=60, check=False)


@pytest.mark.parametrize("name", ["selectors", "queue", "secrets", "subprocess", "argparse"])
def test_modules_named_like_the_standard_librarys_are_left_alone(tmp_path: Path, name: str) -> None:
    (tmp_path / f"{name}.py").write_text("raise RuntimeError('the user\\'s own')\n", "utf-8")
    done = record(tmp_path, *HELLO)
    assert (done.returncode, done.stdout) == (0, b"hello\n"), done.stderr.decode()


@pytest.mark.parametrize("linked", [".querysight", ".querysight/runs"])
def test_a_linked_folder_is_not_written_into(tmp_path: Path, linked: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    project = tmp_path / "project"
    elsewhere.mkdir()
    (project / linked).parent.mkdir(parents=True, exist_ok=True)
    (project / "manage.py").touch()
    (project / linked).symlink_to(elsewhere, target_is_directory=True)

    done = record(project, *HELLO)

    assert done.returncode == 2
    assert b"is a link" in done.stderr
    assert done.stdout == b""
    assert list(elsewhere.iterdir()) == []
