"""``querysight record`` from the outside: the command stays the user's own."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from runner_support import RECORDER, Project, environment, obeying_permissions, record_command

PRINTER = """
import sys
data = sys.stdin.buffer.read()
sys.stdout.buffer.write(b"out " + data + bytes(range(256)))
sys.stderr.buffer.write(b"err " + data)
sys.exit(int(sys.argv[1]))
"""


@pytest.fixture
def project(tmp_path) -> Project:
    return Project(tmp_path / "project")


@pytest.mark.parametrize("code", [0, 1, 5, 77])
def test_exit_code_and_streams_are_the_commands(project, code):
    project.write("printer.py", PRINTER)
    words = (sys.executable, "printer.py", str(code))
    plain = project.run(*words, input=b"\x00in\xff\n")
    recorded = project.record(*words, input=b"\x00in\xff\n")
    assert recorded.returncode == plain.returncode == code
    assert recorded.stdout == plain.stdout
    summary = recorded.stderr.removeprefix(plain.stderr)
    assert summary.startswith(b"querysight: no query was seen: ")
    assert summary.count(b"\n") == 1


def test_words_reach_the_command_as_they_are(project):
    project.write("words.py", "import json, sys; print(json.dumps(sys.argv[1:]))")
    words = ["two words", "", "--", "--root", "$HOME", "*", "ü"]
    answer = project.record(sys.executable, "words.py", *words)
    assert json.loads(answer.stdout) == words


def test_the_environment_differs_by_the_recorders_variables_only(project):
    project.write("env.py", "import json, os, sys; print(json.dumps([dict(os.environ), sys.path, sys.flags[:]]))")
    plain_env, plain_path, plain_flags = json.loads(project.run(sys.executable, "env.py").stdout)
    env, path, flags = json.loads(project.record(sys.executable, "env.py").stdout)
    assert path == plain_path
    assert flags == plain_flags
    added = {name for name in env.keys() | plain_env.keys() if env.get(name) != plain_env.get(name)}
    assert added == {
        "PYTHONPATH",
        "QUERYSIGHT_PARAMETERS",
        "QUERYSIGHT_ROOT",
        "QUERYSIGHT_RUNNER",
        "QUERYSIGHT_RUN_DIR",
    }
    assert env["PYTHONPATH"].endswith(f"bootstrap:{RECORDER}".replace(":", ";" if sys.platform == "win32" else ":"))


def test_a_killed_command_answers_as_a_shell_does(project):
    answer = project.record(sys.executable, "-c", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    assert answer.returncode == 128 + 9


def test_command_not_found(project):
    answer = project.record("no-such-command-anywhere")
    assert answer.returncode == 127
    assert answer.stderr == b"querysight: command not found: no-such-command-anywhere\n"
    assert project.last_run().manifest["state"] == "interrupted"


def test_command_not_executable(project):
    project.write("plain.txt", "text")
    answer = project.record("./plain.txt")
    assert answer.returncode == 126
    assert answer.stderr == b"querysight: cannot run ./plain.txt: Permission denied\n"


def test_no_command(project):
    answer = project.record()
    assert answer.returncode == 2
    assert b"name the command to record" in answer.stderr


def test_root_that_is_not_there(project):
    answer = project.record("true", arguments=["--root", "nowhere"])
    assert answer.returncode == 2
    assert answer.stderr == b"querysight: --root nowhere: there is no such folder\n"


def test_a_file_where_the_folder_should_be(project):
    project.write(".querysight", "")
    answer = project.record(sys.executable, "-c", "print('ran')")
    assert (answer.returncode, answer.stdout) == (2, b"")
    assert answer.stderr == f"querysight: cannot write to {project.folder}/.querysight: File exists. Nothing was run.\n".encode()


@pytest.mark.parametrize("folder", [".", ".querysight", ".querysight/runs"])
def test_a_project_that_cannot_be_written_is_not_run(project, folder):
    (project.folder / folder).mkdir(parents=True, exist_ok=True)
    (project.folder / folder).chmod(0o555)
    words = record_command(sys.executable, "-c", "print('ran')")
    answer = project.run(*obeying_permissions(project.folder / folder), *words)
    assert (answer.returncode, answer.stdout) == (2, b"")
    assert answer.stderr.endswith(b": Permission denied. Nothing was run.\n")
    assert answer.stderr.startswith(f"querysight: cannot write to {project.folder}/.querysight: ".encode())


def test_the_root_is_the_nearest_project_above(project):
    below = project.folder / "shop" / "management"
    project.record(sys.executable, "-c", "pass", cwd=below)
    assert project.last_run().manifest["root"] == str(project.folder)


def test_the_root_can_be_named(project):
    project.record(sys.executable, "-c", "pass", arguments=["--root", "shop"])
    runs = project.folder / "shop" / ".querysight" / "runs"
    (run_dir,) = runs.iterdir()
    assert json.loads((run_dir / "run.json").read_text("utf-8"))["root"] == str(project.folder / "shop")


def test_the_folder_ignores_itself_in_git(project):
    project.record(sys.executable, "-c", "pass")
    assert (project.folder / ".querysight" / ".gitignore").read_text("utf-8") == "*\n"


def test_a_python_file_that_is_not_executable_runs_with_this_interpreter(project):
    project.write("which.py", "import sys; print(sys.executable)")
    answer = project.record("which.py")
    assert answer.stdout.decode().strip() == sys.executable


def test_pytest_falls_back_to_this_interpreters_module(project):
    answer = project.record("pytest", "--version", env=environment(PATH="/nowhere"))
    assert answer.returncode == 0
    assert answer.stdout.startswith(b"pytest ") or answer.stderr.startswith(b"pytest ")


def test_parameters_can_be_left_out(project):
    words = (sys.executable, "manage.py", "test", "shop.tests.TransactionTests")
    project.record(*words, arguments=["--no-parameters"])
    samples = [row["sample"] for row in project.last_run().of_type("row")]
    assert samples
    assert set(samples) == {None}


def test_without_django_it_says_which_interpreter(project):
    bare = [sys.executable, "-c", "pass"]
    answer = project.record(*bare)
    assert answer.stderr == b"querysight: no query was seen: the command did not import Django\n"
    assert project.last_run().manifest["processes"] == []


def test_an_interpreter_without_django_is_named(project, tmp_path):
    venv = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True)
    python = str(venv / "bin" / "python")
    answer = project.record(python, "-c", "pass")
    assert answer.stderr.decode() == (
        f"querysight: no query was seen: Django is not installed in {python}; is this the project's interpreter?\n"
    )


def test_isolated_python_is_named_as_the_reason(project):
    answer = project.record(sys.executable, "-I", "-c", "import django.apps")
    assert b"with -I Python ignores PYTHONPATH" in answer.stderr
