"""The code objects of Django that tell why a query ran, found on the running version's own classes.

Nothing here is patched: a frame is recognised by its code object, so cached attribute access costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import CodeType

from . import django_names
from .capture import Walker
from .files import Files
from .frames import CARRIER, Role
from .template_nodes import node_reader

COMPILER: Role = "compiler"
RAW: Role = "raw"
RAW_ROWS: Role = "raw rows"
QUERYSET: Role = "queryset"
DESCRIPTOR: Role = "descriptor"
MANAGER: Role = "manager"
PREFETCH: Role = "prefetch"
SAVE: Role = "save"
REFRESH: Role = "refresh"
COLLECTOR: Role = "collector"
AUTH: Role = "auth"

_DESCRIPTORS = "django.db.models.fields.related_descriptors"

# The method on the stack -> the API that a developer calls.
_QUERYSET_METHODS = {
    "_fetch_all": "iterate",
    "_iterator": "iterator",
    **{
        name: name
        for name in (
            "aggregate",
            "bulk_create",
            "bulk_update",
            "contains",
            "count",
            "create",
            "delete",
            "earliest",
            "exists",
            "explain",
            "first",
            "get",
            "get_or_create",
            "in_bulk",
            "last",
            "latest",
            "update",
            "update_or_create",
        )
    },
    "_raw_delete": "delete",
    "_update": "update",
}

# (code, role, kind, the variables that are read of its frames): see `causes.py`.
_FUNCTIONS: tuple[tuple[str, Role, str, tuple[str, ...]], ...] = (
    (f"{_DESCRIPTORS}:ForwardManyToOneDescriptor.__get__", DESCRIPTOR, "foreign_key", ("self", "instance")),
    (f"{_DESCRIPTORS}:ReverseOneToOneDescriptor.__get__", DESCRIPTOR, "reverse_one_to_one", ("self", "instance")),
    ("django.db.models.query_utils:DeferredAttribute.__get__", DESCRIPTOR, "deferred_field", ("self", "instance")),
    ("django.db.models.query:prefetch_one_level", PREFETCH, "", ("instances", "lookup", "level")),
    ("django.db.models.sql.compiler:SQLCompiler.execute_sql", COMPILER, "", ("self",)),
    ("django.db.models.sql.compiler:SQLInsertCompiler.execute_sql", COMPILER, "insert", ("self",)),
    ("django.db.models.sql.compiler:SQLUpdateCompiler.execute_sql", COMPILER, "", ("self",)),
    ("django.db.models.sql.query:RawQuery._execute_query", RAW, "", ("self",)),
    ("django.db.models.query:RawModelIterable.__iter__", RAW_ROWS, "", ("self",)),
    ("django.db.models:Model.save_base", SAVE, "", ("self",)),
    ("django.db.models:Model.refresh_from_db", REFRESH, "", ("self",)),
    ("django.db.models.deletion:Collector.collect", COLLECTOR, "", ("self",)),
    ("django.db.models.deletion:Collector.delete", COLLECTOR, "", ("self",)),
    ("asgiref.sync:SyncToAsync.thread_handler", CARRIER, "", ()),
    ("asgiref.sync:AsyncToSync.main_wrap", CARRIER, "", ()),
)

# Made by Django for each relation; the methods' code objects are constants of these functions.
_MANAGER_FACTORIES = (
    (f"{_DESCRIPTORS}:create_reverse_many_to_one_manager", "RelatedManager", "reverse_foreign_key"),
    (f"{_DESCRIPTORS}:create_forward_many_to_many_manager", "ManyRelatedManager", "many_to_many"),
)
# `__init__` and `__call__` make the manager and run no query of the relation's.
_NOT_METHODS = frozenset({"__init__", "__call__"})

_GENERIC = "django.contrib.contenttypes.fields"
_MODEL_BACKEND = "django.contrib.auth.backends:ModelBackend"
_AUTH = (
    *(f"django.contrib.auth:{name}" for name in ("get_user", "authenticate", "login")),
    "django.contrib.auth.models:update_last_login",
    *(f"{_MODEL_BACKEND}.{name}" for name in ("authenticate", "get_user", "_get_permissions", "with_perm")),
)
# Coroutines, since Django 5.0 and 5.2: what they ask runs in another thread, and is told by those who called into it.
_ASYNC_AUTH = (
    *(f"django.contrib.auth:{name}" for name in ("aget_user", "aauthenticate", "alogin")),
    *(f"{_MODEL_BACKEND}.{name}" for name in ("aauthenticate", "aget_user", "_aget_permissions")),
)


def register(walker: Walker, files: Files) -> None:
    """Tell the walker every role that needs no installed app. What this Django does not have is left out."""
    for name, role, kind, reads in _FUNCTIONS:
        _register(walker, name, role=role, kind=kind, reads=reads)
    if django_names.has("django.db.models.fetch_modes"):
        # FETCH_PEERS loads a deferred field for all of a queryset's instances with one query of its own; what it loads of
        # relations goes through `prefetch_one_level` (django/db/models/query_utils.py, since 6.1).
        name = "django.db.models.query_utils:DeferredAttribute.fetch_many"
        _register(walker, name, role=PREFETCH, kind="deferred_field", reads=("self", "to_fetch"))
    for factory, class_name, kind in _MANAGER_FACTORIES:
        _register_manager(walker, factory, class_name, kind)
    for method, api in _QUERYSET_METHODS.items():
        _register(walker, f"django.db.models:QuerySet.{method}", role=QUERYSET, method=api)
    _register(walker, "django.db.models.query:RawQuerySet._fetch_all", role=QUERYSET, method="iterate")
    _register_aiterator(walker)
    node = django_names.code("django.template.base:Node.render_annotated")
    if node is not None:
        walker.register_place(node, node_reader(files))


def register_contenttypes(walker: Walker) -> None:
    """Roles of generic relations. Only once `django.contrib.contenttypes` is installed: the module defines models' fields."""
    # A descriptor of its own since Django 6.1, the field itself before.
    names = (f"{_GENERIC}:GenericForeignKeyDescriptor.__get__", f"{_GENERIC}:GenericForeignKey.__get__")
    _register(walker, *names, role=DESCRIPTOR, kind="generic_foreign_key", reads=("self", "instance"))
    _register_manager(walker, f"{_GENERIC}:create_generic_related_manager", "GenericRelatedObjectManager", "generic_relation")


def register_auth(walker: Walker) -> None:
    """Roles of Django's own bookkeeping for a request. Only once `django.contrib.auth` is installed: importing its backends
    imports its models, which raises `RuntimeError` where it is not."""
    for name in _AUTH:
        _register(walker, name, role=AUTH, reads=())
    for name in _ASYNC_AUTH:
        if django_names.exists(name):
            _register(walker, name, role=AUTH, reads=())


def _register(
    walker: Walker, *names: str, role: Role, method: str = "", kind: str = "", reads: tuple[str, ...] = ("self",)
) -> None:
    code = django_names.code(*names, reads=reads)
    if code is not None:
        walker.register(code, role, method, kind)


def _register_aiterator(walker: Walker) -> None:
    """What `aiterator` runs in another thread, chunk by chunk."""
    name = "django.db.models.query:BaseIterable._async_generator"
    made_by = django_names.code(name, reads=())
    steps = [] if made_by is None else [step for step in _nested(made_by) if step.co_name == "next_slice"]
    for step in steps:
        walker.register(step, QUERYSET, "iterator")
    if made_by is not None and not steps:
        django_names.miss(f"{name}.next_slice")


def _register_manager(walker: Walker, factory: str, class_name: str, kind: str) -> None:
    made_by = django_names.code(factory, reads=())
    if made_by is None:
        return
    bodies = [body for body in _nested(made_by) if body.co_name == class_name]
    if not bodies:
        django_names.miss(f"{factory}.{class_name}")
    for body in bodies:
        for method in _nested(body):
            if method.co_name not in _NOT_METHODS:
                walker.register(method, MANAGER, method.co_name, kind)


def _nested(code: CodeType) -> Iterator[CodeType]:
    return (constant for constant in code.co_consts if isinstance(constant, CodeType))
