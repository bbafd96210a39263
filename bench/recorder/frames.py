"""Deep stacks as tests have them: a runner's and Django's frames outside, a few of the project's own inside."""

from __future__ import annotations

from collections.abc import Callable

USER_FRAMES = 14
"""Of the project's own; `2 ** USER_FRAMES` stacks can be told apart."""

Body = Callable[[], None]


def _library_frames() -> Callable[[int, Body], None]:
    """A function that the recorder takes for a library's, because its file is not the project's."""
    source = "def descend(depth, body):\n    body() if depth == 0 else descend(depth - 1, body)\n"
    names: dict[str, Callable[[int, Body], None]] = {}
    exec(compile(source, "/library/frames.py", "exec"), names)
    return names["descend"]


_descend = _library_frames()


def below(frames: int, body: Body) -> None:
    """Run the body with so many frames of libraries around it."""
    _descend(max(0, frames - 1), body)


def left(path: int, depth: int, body: Body) -> None:
    """Run the body below `depth` frames of the project. The bits of `path` say which of two functions each is."""
    if depth == 0:
        body()
    else:
        (right if path & 1 else left)(path >> 1, depth - 1, body)


def right(path: int, depth: int, body: Body) -> None:
    """The other function of `left`."""
    if depth == 0:
        body()
    else:
        (right if path & 1 else left)(path >> 1, depth - 1, body)
