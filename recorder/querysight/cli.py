"""The command line: ``python -m querysight record [--root DIR] [--no-parameters] -- COMMAND …``."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from querysight import __version__
from querysight.launch import bootstrapped, recording_variables, resolve, run, runner_of
from querysight.manifest import finish_run, start_run
from querysight.project import find_root
from querysight.report import describe, say

if TYPE_CHECKING:
    from collections.abc import Sequence

# As shells answer; a usage error is argparse's 2.
EXIT_CANNOT_RECORD = 2
EXIT_NOT_EXECUTABLE = 126
EXIT_NOT_FOUND = 127


def main(arguments: Sequence[str] | None = None) -> int:
    """Answer the exit code: the recorded command's own, unless it could not be recorded or started."""
    options = _parser().parse_args(arguments)
    words = options.command[1:] if options.command[:1] == ["--"] else options.command
    if not words:
        _parser().error("name the command to record: querysight record -- pytest")
    return _record(words, options.root, parameters=options.parameters)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="querysight", description="Records what Django's ORM does.")
    parser.add_argument("--version", action="version", version=f"querysight {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    record = commands.add_parser(
        "record",
        help="run a command and record its queries",
        description="Run a command unchanged and record its queries into .querysight/ of the project.",
        usage="querysight record [--root DIR] [--no-parameters] -- COMMAND …",
    )
    record.add_argument(
        "--root",
        type=Path,
        help="the project's folder (default: the nearest above with manage.py, pyproject.toml, …)",
    )
    record.add_argument(
        "--no-parameters",
        dest="parameters",
        action="store_false",
        help="do not keep sample parameters of queries",
    )
    record.add_argument("command", nargs=argparse.REMAINDER, help="the command and its arguments")
    return parser


def _record(words: Sequence[str], root: Path | None, *, parameters: bool) -> int:
    if root is not None and not root.is_dir():
        say(f"--root {root}: there is no such folder")
        return EXIT_CANNOT_RECORD
    project = root.resolve() if root is not None else find_root(Path.cwd())
    runner = runner_of(words)
    try:
        run_dir, manifest = start_run(project, words, runner)
    except OSError as error:
        reason = error.strerror or str(error)
        say(f"cannot write to {project / '.querysight'}: {reason}. Nothing was run.")
        return EXIT_CANNOT_RECORD
    command = resolve(words)
    variables = recording_variables(root=project, run_dir=run_dir, runner=runner, parameters=parameters)
    try:
        ended = run(command, bootstrapped(os.environ, variables))
    except OSError as error:
        finish_run(run_dir, manifest, None, interrupted=True)
        return _cannot_start(command[0], error)
    # pytest answers 2 where it was interrupted from the keyboard or could not collect.
    interrupted = ended.interrupted or (runner == "pytest" and ended.exit_code == 2)
    try:
        summary = finish_run(run_dir, manifest, ended.exit_code, interrupted=interrupted)
    except OSError as error:
        say(f"cannot finish the manifest in {run_dir}: {error}")
        return ended.exit_code
    say(describe(command, summary, run_dir, interrupted=interrupted))
    return ended.exit_code


def _cannot_start(program: str, error: OSError) -> int:
    if isinstance(error, FileNotFoundError):
        say(f"command not found: {program}")
        return EXIT_NOT_FOUND
    say(f"cannot run {program}: {error.strerror or error}")
    return EXIT_NOT_EXECUTABLE
