"""Projects do without apps that most have: what the recorder knows of those apps must not be needed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from runner_support import environment, record_command

CLINIC = Path(__file__).resolve().parent.parent.parent / "test" / "projects" / "clinic"


def test_records_a_project_without_auth(tmp_path: Path) -> None:
    project = tmp_path / "clinic"
    shutil.copytree(CLINIC, project, ignore=shutil.ignore_patterns("__pycache__", ".querysight", "*.sqlite3"))
    settings = next(path for path in project.rglob("settings.py"))
    assert "django.contrib.auth" not in settings.read_text("utf-8")

    done = subprocess.run(
        record_command(sys.executable, "manage.py", "test"),
        cwd=project,
        env=environment(),
        capture_output=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stderr.decode()
    segment = next((project / ".querysight" / "runs").rglob("main.ndjson")).read_text("utf-8")
    assert '"kind":"foreign_key"' in segment.replace(" ", "")
    assert '"level":"warning"' not in segment.replace(" ", "")
