"""The code objects of Django that tell why a query ran, found on the running version's own classes.

Nothing here is patched: a frame is recognised by its code object, so cached attribute access costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import CodeType
from typing import Any

from django.db.models import Model, QuerySet, deletion, query, query_utils
from django.db.models.fields import related_descriptors
from django.db.models.sql import compiler
from django.db.models.sql.query import RawQuery
from django.template.base import Node

from .frames import CARRIER, TEMPLATE, Role, Walker

COMPILER: Role = "compiler"
RAW: Role = "raw"
QUERYSET: Role = "queryset"
DESCRIPTOR: Role = "descriptor"
MANAGER: Role = "manager"
PREFETCH: Role = "prefetch"
SAVE: Role = "save"
REFRESH: Role = "refresh"
COLLECTOR: Role = "collector"
AUTH: Role = "auth"

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

# Made by Django for each relation; the methods' code objects are constants of these functions.
_MANAGER_FACTORIES = (
    ("create_reverse_many_to_one_manager", "RelatedManager", "reverse_foreign_key"),
    ("create_forward_many_to_many_manager", "ManyRelatedManager", "many_to_many"),
)
# `__init__` and `__call__` make the manager and run no query of the relation's.
_NOT_METHODS = frozenset({"__init__", "__call__"})


def register(walker: Walker) -> None:
    """Tell the walker every role that needs no installed app."""
    add = walker.register
    add(_code(related_descriptors.ForwardManyToOneDescriptor.__get__), DESCRIPTOR, kind="foreign_key")
    add(_code(related_descriptors.ReverseOneToOneDescriptor.__get__), DESCRIPTOR, kind="reverse_one_to_one")
    add(_code(query_utils.DeferredAttribute.__get__), DESCRIPTOR, kind="deferred_field")
    for factory, name, kind in _MANAGER_FACTORIES:
        _register_manager(walker, getattr(related_descriptors, factory), name, kind)
    add(_code(query.prefetch_one_level), PREFETCH)
    for method, api in _QUERYSET_METHODS.items():
        add(_code(getattr(QuerySet, method)), QUERYSET, api)
    add(_code(query.RawQuerySet._fetch_all), QUERYSET, "iterate")
    for owner in (compiler.SQLCompiler, compiler.SQLInsertCompiler, compiler.SQLUpdateCompiler):
        add(_code(owner.execute_sql), COMPILER)
    add(_code(RawQuery._execute_query), RAW)
    add(_code(Model.save_base), SAVE)
    add(_code(Model.refresh_from_db), REFRESH)
    add(_code(deletion.Collector.collect), COLLECTOR)
    add(_code(deletion.Collector.delete), COLLECTOR)
    add(_code(Node.render_annotated), TEMPLATE)
    _register_async(walker)


def register_contenttypes(walker: Walker) -> None:
    """Roles of generic relations. Only once `django.contrib.contenttypes` is installed: the module defines models' fields."""
    from django.contrib.contenttypes import fields

    # A descriptor of its own since Django 6.1, the field itself before.
    owner = getattr(fields, "GenericForeignKeyDescriptor", fields.GenericForeignKey)
    walker.register(_code(owner.__get__), DESCRIPTOR, kind="generic_foreign_key")
    _register_manager(walker, fields.create_generic_related_manager, "GenericRelatedObjectManager", "generic_relation")


def register_auth(walker: Walker) -> None:
    """Roles of Django's own bookkeeping for a request. Only once `django.contrib.auth` is installed: importing its backends
    imports its models, which raises `RuntimeError` where it is not."""
    from django.contrib import auth
    from django.contrib.auth.backends import ModelBackend

    for function in (auth.get_user, auth.authenticate, auth.login):
        walker.register(_code(function), AUTH)
    for name in ("authenticate", "get_user", "_get_permissions", "with_perm"):
        walker.register(_code(getattr(ModelBackend, name)), AUTH)


def _register_manager(walker: Walker, factory: Any, class_name: str, kind: str) -> None:
    for body in _nested(factory.__code__):
        if body.co_name != class_name:
            continue
        for method in _nested(body):
            if method.co_name not in _NOT_METHODS:
                walker.register(method, MANAGER, method.co_name, kind)


def _register_async(walker: Walker) -> None:
    from asgiref.sync import AsyncToSync, SyncToAsync

    walker.register(_code(SyncToAsync.thread_handler), CARRIER)
    walker.register(_code(AsyncToSync.main_wrap), CARRIER)


def _code(function: Any) -> CodeType:
    function = getattr(function, "__func__", function)
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    code: CodeType = function.__code__
    return code


def _nested(code: CodeType) -> Iterator[CodeType]:
    return (constant for constant in code.co_consts if isinstance(constant, CodeType))
