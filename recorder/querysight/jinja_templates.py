"""Jinja's compiled templates as places: a generated function's line, told as the template's line.

Jinja compiles a template to Python whose code objects bear the template's file name and the lines of the generated source
(https://jinja.palletsprojects.com/en/stable/api/#jinja2.Template). Its debug information is by lines: no tag's text is known.
"""

from __future__ import annotations

import re
from types import FrameType
from typing import Any

from .files import Files, modified
from .frames import Place, PlaceReader

# `Template._from_namespace` leaves the template among its functions' globals, for Jinja's own tracebacks.
MARKER = "__jinja_template__"
_BLOCK = "block_"


def template_reader(files: Files) -> PlaceReader:
    """Reads the line that a frame of a template's, a block's or a macro's function waits at."""
    places: dict[tuple[int, int], Place | None] = {}

    def read(frame: FrameType) -> Place | None:
        code = frame.f_code
        # The instruction, since looking up its line costs more than all the rest.
        key = (id(code), frame.f_lasti)
        if key not in places:
            path = files.user_path(code.co_filename)
            template = frame.f_globals[MARKER]
            line = template.get_corresponding_lineno(frame.f_lineno)
            if path is not None and _renders_parent(frame, template):
                line = _extends_line(template, files.file(path, "jinja").text or "") or line
            block = code.co_name.removeprefix(_BLOCK) if code.co_name.startswith(_BLOCK) else ""
            if path is None:
                places[key] = None
            else:
                saved = modified(path) if _is_current(template) else 0
                places[key] = Place("template", path, line, None, block, "jinja", modified_ns=saved)
        return places[key]

    return read


def _is_current(template: Any) -> bool:
    """False where the file was saved since; a loader of the project's own may fail to say."""
    try:
        return bool(template.is_up_to_date)
    except Exception:
        return True


def _renders_parent(frame: FrameType, template: Any) -> bool:
    """True where an extending template has run to its end, which renders its parent and has no line of its own."""
    if not frame.f_locals.get("parent_template"):
        return False
    lines = sorted({line for _, _, line in frame.f_code.co_lines() if line})
    marked = {line for _, line in template.debug_info}
    return frame.f_lineno in lines[-2:] and frame.f_lineno not in marked


def _extends_line(template: Any, text: str) -> int:
    """The line of the `extends` tag; 0 where none is found."""
    tag = re.search(re.escape(template.environment.block_start_string) + r"[-+]?\s*extends\b", text)
    return 0 if tag is None else text.count("\n", 0, tag.start()) + 1
