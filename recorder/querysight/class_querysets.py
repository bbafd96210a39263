"""Generic views and admin classes as places: where Django itself makes the queryset that a class stands for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import FrameType, ModuleType
from typing import Any

from .class_source import ClassSource, PlaceCache, Written
from .frames import Codes, Place
from .relations import label

VIEW = "view"
ADMIN = "model_admin"
INLINE = "inline_admin"


def register_lists(module: ModuleType, walker: Codes, source: ClassSource) -> None:
    """`django.views.generic.list`."""
    _register_views(module.MultipleObjectMixin, walker, source)


def register_details(module: ModuleType, walker: Codes, source: ClassSource) -> None:
    """`django.views.generic.detail`."""
    _register_views(module.SingleObjectMixin, walker, source)


def register_admin(options: ModuleType, walker: Codes, source: ClassSource) -> None:
    """`django.contrib.admin.options`: change lists, forms and actions ask one method, inlines it as well."""
    base = options.BaseModelAdmin
    admins = PlaceCache(_Finder(base, source, _is_registered_for_others, _class_statement), ADMIN)
    inlines = PlaceCache(_Finder(base, source, _has_other_heirs, _model_statement), INLINE)

    def read(frame: FrameType) -> Place | None:
        owner = frame.f_locals["self"]
        cls = type(owner)
        if options.InlineModelAdmin in cls.__mro__:
            model, cache = _model_of(cls), inlines
        else:
            model, cache = _label(_own(owner).get("model")), admins
        return None if model is None else cache.get(cls, model)

    walker.register_place(base.get_queryset.__code__, read)


def _register_views(library: Any, walker: Codes, source: ClassSource) -> None:
    cache = PlaceCache(_Finder(library, source, _has_other_heirs, _model_statement), VIEW)

    def read(frame: FrameType) -> Place | None:
        view = frame.f_locals["self"]
        # `ListView.as_view(model=Order)` names it for this view alone.
        model = None if _own(view).keys() & {"model", "queryset"} else _model_of(type(view))
        return None if model is None else cache.get(type(view), model)

    walker.register_place(library.get_queryset.__code__, read)


def _own(owner: Any) -> dict[str, Any]:
    return getattr(owner, "__dict__", {})


class _Finder:
    """Finds what a queryset for all instances of a model is written as in a class: None where a change there would be no good.

    Not where the class is a library's, where others made from it are about other models, and where a method of the user's calls
    Django's: that call is the expression, if its class is about this model alone.
    """

    def __init__(
        self,
        library: type,
        source: ClassSource,
        is_shared: Callable[[type, str], bool],
        written_in: Callable[[type, Written, ClassSource], Written],
    ) -> None:
        self._code = library.__dict__["get_queryset"].__code__
        self._source = source
        self._is_shared = is_shared
        self._written_in = written_in

    def __call__(self, cls: type, model: str) -> Written | None:
        own = self._source.body(cls)
        if own is None or self._is_shared(cls, model):
            return None
        caller = self._caller(cls)
        if caller is not None and (caller is cls or not self._is_shared(caller, model)):
            return None
        return self._written_in(cls, own, self._source)

    def _caller(self, cls: type) -> type | None:
        """The user's class whose method is called first."""
        for base in cls.__mro__:
            method = base.__dict__.get("get_queryset")
            if getattr(method, "__code__", None) is self._code:
                return None
            if method is not None and self._source.body(base) is not None:
                return base
        return None


def _model_statement(cls: type, own: Written, source: ClassSource) -> Written:
    """`model = …` where the class itself says so, and nobody else inherits it; else the class statement."""
    found = source.assigned(cls, "model")
    return found if found is not None and found.body is own.body and not cls.__subclasses__() else own


def _class_statement(cls: type, own: Written, source: ClassSource) -> Written:
    return own


def _has_other_heirs(cls: type, model: str) -> bool:
    """True for a class that does not say which model it is about, and where one derived from it is about another or goes on
    with the queryset by itself: what it does with it, it would do with the changed one."""
    heirs = list(_heirs(cls))
    return any(_model_of(each) != model for each in (cls, *heirs)) or any("get_queryset" in vars(heir) for heir in heirs)


def _model_of(cls: type) -> str | None:
    """The model that a class is about, where nothing has to be run to tell; None also where it has a queryset."""
    return None if _written(cls, "queryset") is not None else _label(_written(cls, "model"))


def _written(cls: type, name: str) -> Any:
    """A class's attribute as it is: a property stays one, and runs no code of the user's."""
    return next((vars(base)[name] for base in cls.__mro__ if name in vars(base)), None)


def _label(model: Any) -> str | None:
    return label(model) if isinstance(model, type) else None


def _is_registered_for_others(cls: type, model: str) -> bool:
    from django.contrib.admin.sites import all_sites

    return any(isinstance(admin, cls) and label(other) != model for site in all_sites for other, admin in site._registry.items())


def _heirs(cls: type) -> Iterator[type]:
    heirs: list[type] = cls.__subclasses__()
    for heir in heirs:
        yield heir
        yield from _heirs(heir)
