"""Factories as places: what factory_boy and model_bakery ask is a test's set-up, wherever in the test they are called."""

from __future__ import annotations

from types import FrameType, ModuleType

from .class_source import ClassSource, PlaceCache
from .frames import Codes, Place

KIND = "factory"


def register_classes(base: ModuleType, walker: Codes, source: ClassSource) -> None:
    """`factory.base`. All that a factory builds is built within this method of its class, by sub-factories and hooks too."""
    cache = PlaceCache(lambda cls, _: source.nearest(cls), KIND)

    def read(frame: FrameType) -> Place | None:
        cls = frame.f_locals["cls"]
        model = getattr(cls._meta, "model", None)
        return cache.get(cls, getattr(model, "__name__", ""))

    walker.register_place(base.BaseFactory._generate.__func__.__code__, read)


def register_calls(baker: ModuleType, walker: Codes, source: ClassSource) -> None:
    """`model_bakery.baker`. It has no class of the user's: the place is the line that calls it, for all that is made along."""
    calls = (baker.make.__code__, baker.prepare.__code__)

    def read(frame: FrameType) -> Place | None:
        caller = frame.f_back
        while caller is not None:
            code = caller.f_code
            if code in calls:
                return None
            file = source.unchanged(code.co_filename)
            if file is not None:
                return Place(KIND, file.real, caller.f_lineno, "baker", getattr(code, "co_qualname", code.co_name), "python")
            caller = caller.f_back
        return None

    for code in calls:
        walker.register_place(code, read)
