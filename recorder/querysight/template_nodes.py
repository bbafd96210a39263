"""Django's template nodes as places: the tag or variable that a `Node.render_annotated` frame renders."""

from __future__ import annotations

from types import FrameType

from .files import Files
from .frames import Place, PlaceReader


def node_reader(files: Files) -> PlaceReader:
    """Reads the node's own position, right inside `extends` and `include`.

    `origin` and `token` are set by `Parser.extend_nodelist` (django/template/base.py), with and without debug.
    """

    def read(frame: FrameType) -> Place | None:
        node = frame.f_locals["self"]
        origin, token = getattr(node, "origin", None), getattr(node, "token", None)
        if origin is None or token is None:
            return None
        path = files.user_path(origin.name)
        if path is None:
            return None
        name = getattr(node, "name", "") if type(node).__name__ == "BlockNode" else ""
        return Place("template", path, token.lineno, token.contents, name)

    return read
