"""The command line: ``python -m querysight record [--root DIR] [--[no-]parameters] -- COMMAND …`` and ``… vendor``."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from querysight import __version__
from querysight.launch import bootstrapped, keeps_parameters, passed_by_tox, recording_variables, resolve, run, runner_of
from querysight.manifest import FOLDER, finish_run, start_run
from querysight.project import find_root
from querysight.report import conclude, say
from querysight.run_summary import RunSummary
from querysight.vendor import vendor

if TYPE_CHECKING:
    from collections.abc import Sequence

# As shells answer; a usage error is argparse's 2.
EXIT_CANNOT_RECORD = 2
EXIT_NOT_EXECUTABLE = 126
EXIT_NOT_FOUND = 127


def main(arguments: Sequence[str] | None = None) -> int:
    """Answer the exit code: the recorded command's own, unless it could not be recorded or started."""
    options = _parser().parse_args(arguments)
    if options.what == "vendor":
        return _vendor(options.root)
    words = options.command[1:] if options.command[:1] == ["--"] else options.command
    if not words:
        _parser().error("name the command to record: querysight record -- pytest")
    return _record(words, options.root, parameters=options.parameters)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="querysight", description="Records what Django's ORM does.")
    parser.add_argument("--version", action="version", version=f"querysight {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", dest="what")
    record = commands.add_parser(
        "record",
        help="run a command and record its queries",
        description="Run a command unchanged and record its queries into .querysight/ of the project.",
        usage="querysight record [--root DIR] [--[no-]parameters] -- COMMAND …",
    )
    record.add_argument(
        "--parameters",
        action=argparse.BooleanOptionalAction,
        help="keep sample parameters of queries (default: yes, but no for a server, whose data may be people's)",
    )
    vendored = commands.add_parser(
        "vendor",
        help="copy the recorder into the project, for containers that see nothing else",
        description="Copy the recorder into .querysight/ of the project, so that a container with the project can record.",
    )
    for command in (record, vendored):
        command.add_argument(
            "--root",
            type=Path,
            help="the project's folder (default: the nearest above with manage.py, pyproject.toml, …)",
        )
    record.add_argument("command", nargs=argparse.REMAINDER, help="the command and its arguments")
    return parser


def _record(words: Sequence[str], root: Path | None, *, parameters: bool | None) -> int:
    project = _project(root)
    if project is None:
        return EXIT_CANNOT_RECORD
    runner = runner_of(words)
    try:
        run_dir, manifest = start_run(project, words, runner)
    except OSError as error:
        reason = error.strerror or str(error)
        say(f"cannot write to {project / FOLDER}: {reason}. Nothing was run.")
        return EXIT_CANNOT_RECORD
    command = resolve(words)
    keeps = keeps_parameters(runner, parameters)
    variables = recording_variables(root=project, run_dir=run_dir, runner=runner, parameters=keeps)
    try:
        ended = run(command, bootstrapped(os.environ, {**variables, **passed_by_tox(words, os.environ)}))
    except OSError as error:
        finish_run(run_dir, manifest, RunSummary(), None, interrupted=True)
        return _cannot_start(command[0], error)
    # pytest answers 2 where it was interrupted from the keyboard or could not collect.
    interrupted = ended.interrupted or (runner == "pytest" and ended.exit_code == 2)
    if runner == "server":
        # Ctrl-C is how a server ends.
        interrupted = False
    conclude(run_dir, manifest, command, ended.exit_code, interrupted=interrupted)
    return ended.exit_code


def _vendor(root: Path | None) -> int:
    project = _project(root)
    if project is None:
        return EXIT_CANNOT_RECORD
    try:
        folder = vendor(project).as_posix()
    except OSError as error:
        say(f"cannot write to {project / FOLDER}: {error.strerror or error}")
        return EXIT_CANNOT_RECORD
    say(f"the recorder is in {project / folder}; in a container that works in the project's folder:")
    print(f"PYTHONPATH={folder} python -m querysight record -- COMMAND …")
    return 0


def _project(root: Path | None) -> Path | None:
    if root is None:
        return find_root(Path.cwd())
    if not root.is_dir():
        say(f"--root {root}: there is no such folder")
        return None
    return root.resolve()


def _cannot_start(program: str, error: OSError) -> int:
    if isinstance(error, FileNotFoundError):
        say(f"command not found: {program}")
        return EXIT_NOT_FOUND
    say(f"cannot run {program}: {error.strerror or error}")
    return EXIT_NOT_EXECUTABLE
