"""Wrappers through which warnings are attributed as if they were not there.

`warnings.warn(…, stacklevel=2)` names its caller's caller, and filters go by that file (`-W error::DeprecationWarning:shop`). A
wrapper of ours in between would be named instead. CPython passes over the frames of its own import system, which it knows by
two words in their file's name (`is_internal_frame` in Python/_warnings.c); so the wrappers take a name with these words.
"""

from __future__ import annotations

import os
from types import FunctionType
from typing import Any


def unseen(wrapper: Any) -> Any:
    """The same function. What is no plain function stays as it is."""
    if isinstance(wrapper, FunctionType):
        code = wrapper.__code__
        name = os.path.basename(code.co_filename)
        wrapper.__code__ = code.replace(co_filename=f"<{name} of querysight, as importlib._bootstrap>")
    return wrapper
