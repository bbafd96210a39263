"""A Django that calls things otherwise: copies of the installed one in which names are replaced throughout, and really run."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import django
import pytest
from runner_support import environment, record_command

# What the recorder looks up and Django could rename on its own (documented names such as `QuerySet.get` it could not), each
# with what the notice must say: "" where nothing is looked up and only less can be read of an object while a query runs.
# One run a batch; in a batch stands nothing that would be missed in vain because of another.
BATCHES = {
    "descriptors": {
        "ForwardManyToOneDescriptor": "ForwardManyToOneDescriptor.__get__",
        "ReverseOneToOneDescriptor": "ReverseOneToOneDescriptor.__get__",
        "DeferredAttribute": "DeferredAttribute.__get__",
        "create_reverse_many_to_one_manager": "create_reverse_many_to_one_manager",
        "create_forward_many_to_many_manager": "create_forward_many_to_many_manager",
        "create_generic_related_manager": "create_generic_related_manager",
        "prefetch_one_level": "prefetch_one_level",
        "GenericForeignKeyDescriptor": "",
        "render_annotated": "Node.render_annotated",
        "save_base": "Model.save_base",
        "Collector": "Collector.collect",
    },
    "compilers": {
        "SQLCompiler": "SQLCompiler.execute_sql",
        "SQLInsertCompiler": "SQLInsertCompiler.execute_sql",
        "SQLUpdateCompiler": "SQLUpdateCompiler.execute_sql",
        "RawQuery": "sql.query:RawQuery",
    },
    "compiler methods": {
        "execute_sql": "SQLCompiler.execute_sql",
        "_execute_query": "RawQuery._execute_query",
        "RawQuerySet": "RawQuerySet._fetch_all",
        "ModelIterable": "query:ModelIterable",
        "FlatValuesListIterable": "query:FlatValuesListIterable",
        "RawModelIterable": "query:RawModelIterable",
        "RelatedManager": "create_reverse_many_to_one_manager.RelatedManager",
        "lookup": "prefetch_one_level with instances, lookup, level",
    },
    "queryset methods": {
        "_fetch_all": "QuerySet._fetch_all",
        "_iterator": "QuerySet._iterator",
        "_raw_delete": "QuerySet._raw_delete",
        "_update": "QuerySet._update",
        "_clone": "QuerySet._clone",
        "next_slice": "BaseIterable._async_generator.next_slice",
        "prefetcher": "query:prefetch_one_level(instances, prefetcher, lookup, level)",
        "hints": "QuerySet.__init__(self, model, query, using, hints)",
        "ModelBackend": "ModelBackend.authenticate",
    },
    "model state": {"ModelState": "base:ModelState", "_get_permissions": "ModelBackend._get_permissions"},
    "hooks": {
        "_prepare_related_fields_for_save": "Model._prepare_related_fields_for_save",
        "get_response_async": "BaseHandler.get_response_async",
        "_setup_and_call": "SimpleTestCase._setup_and_call",
        "clone_test_db": "BaseDatabaseCreation.clone_test_db",
        "setup_worker_connection": "BaseDatabaseCreation.setup_worker_connection",
        "get_databases": "DiscoverRunner.get_databases",
        "AsyncRequestFactory": "AsyncRequestFactory",
    },
    "attributes": {
        "prefetch_through": "",
        "prefetch_cache_name": "",
        "_resource_closers": "",
        "fields_cache": "",
        "_prefetched_objects_cache": "",
        "get_current_to_attr": "",
        "get_accessor_name": "",
        "alias_map": "",
        "join_field": "",
        "total_unique_constraints": "",
        "related_query_name": "",
        "db_table": "",
        "get_fields": "",
        "high_mark": "",
    },
}

TESTS = """
    import pickle

    from django.contrib.auth.models import Group, Permission, User
    from django.template import engines
    from django.test import TestCase

    from shop.models import Item


    class Tests(TestCase):
        @classmethod
        def setUpTestData(cls):
            cls.user = User.objects.create_user("a", password="a")
            for name in "ab":
                group = Group.objects.create(name=name)
                group.permissions.set(Permission.objects.all()[:2])
                cls.user.groups.add(group)

        def test_loads(self):
            with self.assertNumQueries(14):
                for permission in Permission.objects.only("codename")[:2]:
                    permission.name
                    permission.content_type.model
                for user in User.objects.prefetch_related("groups__permissions"):
                    self.assertEqual(len(user.groups.all()), 2)
                for group in Group.objects.raw("SELECT * FROM auth_group"):
                    group.permissions.count()
                for permission in Permission.objects.select_related("content_type").iterator():
                    self.assertTrue(permission.content_type.model)

        def test_writes(self):
            item = Item.objects.create(name="a")
            item.save()
            Item.objects.filter(name="a").update(name="b")
            item.refresh_from_db()
            self.assertEqual(pickle.loads(pickle.dumps(item)).name, "b")
            self.assertEqual(list(pickle.loads(pickle.dumps(Item.objects.all()))), [item])
            item.delete()
            self.user.delete()

        def test_requests(self):
            self.assertTrue(self.client.login(username="a", password="a"))
            self.assertEqual(self.client.get("/items/5/").status_code, 200)
            self.assertEqual(b"".join(self.client.get("/stream/")), b"000")
            template = engines["django"].from_string("{% for g in groups %}{{ g.permissions.count }}{% endfor %}")
            self.assertEqual(template.render({"groups": Group.objects.all()}), "22")

        async def test_async(self):
            self.assertEqual(await User.objects.acount(), 1)
            self.assertEqual([g.name async for g in self.user.groups.order_by("name")], ["a", "b"])
            self.assertEqual((await self.async_client.get("/list/")).status_code, 200)
"""


@dataclass(frozen=True)
class Outcome:
    """A recorded run: what was printed, its queries, its executions that stand in no row and were not outside of every scope,
    its notices of what Django does not have, and the recorder's own exceptions."""

    output: str
    code: int
    queries: int
    lost: int
    causes: set[str]
    notices: list[dict]
    faults: list[str]


def run_with(folder: Path, names: list[str]) -> Outcome:
    """Record the tests on a Django in which each name has an X at its end."""
    shutil.copytree(Path(__file__).parent / "runner_project", folder / "project")
    project = folder / "project"
    (project / "shop" / "tests.py").write_text(textwrap.dedent(TESTS), encoding="utf-8")
    _renamed_django(folder / "site", names)
    answer = subprocess.run(
        record_command(sys.executable, "manage.py", "test", "--verbosity=0"),
        cwd=project,
        env=environment(PYTHONPATH=f"{folder / 'site'}:{environment()['PYTHONPATH']}"),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    records = [json.loads(line) for path in project.glob(".querysight/runs/*/*.ndjson") for line in path.open(encoding="utf-8")]
    ends = [record for record in records if record["type"] == "end"]
    queries = sum(end["queries"] for end in ends)
    in_rows = sum(record["count"] for record in records if record["type"] == "row")
    return Outcome(
        answer.stdout,
        answer.returncode,
        queries,
        queries - in_rows - sum(end["outside"] for end in ends),
        {record["kind"] for record in records if record["type"] == "cause"},
        [record for record in records if record["type"] == "notice" and record["code"] == "django-unknown"],
        [record["message"] for record in records if record["type"] == "notice" and record["code"] == "recorder-error"],
    )


@cache
def _sources(folder: Path) -> dict[Path, str]:
    return {file: file.read_text("utf-8") for file in folder.rglob("*.py")}


def _renamed_django(site: Path, names: list[str]) -> None:
    """Django's own files: those that hold a name rewritten, and all others linked, a folder at once where it holds none.

    What was compiled is linked as well: it is not looked at where the source beside it has another size.
    """
    package = Path(django.__file__).parent
    wanted = re.compile(rf"(?<![\w%])({'|'.join(map(re.escape, names))})(?!\w)") if names else None
    changed = {}
    for file, text in _sources(package).items() if wanted else ():
        rewritten = wanted.sub(r"\1X", text)
        if rewritten != text:
            changed[file] = rewritten
    folders = {folder for file in changed for folder in file.parents}

    def place(source: Path, target: Path) -> None:
        if source in changed:
            target.write_text(changed[source], encoding="utf-8")
        elif source in folders:
            target.mkdir(parents=True)
            for entry in source.iterdir():
                place(entry, target / entry.name)
        else:
            target.symlink_to(source)

    site.mkdir()
    place(package, site / "django")


@pytest.fixture(scope="module")
def known(tmp_path_factory) -> Outcome:
    return run_with(tmp_path_factory.mktemp("known"), [])


def test_the_installed_django_has_all_that_is_looked_up(known):
    assert (known.code, known.lost, known.notices, known.faults) == (0, 0, [], []), known.output
    assert {"foreign_key", "deferred_field", "prefetch", "many_to_many", "raw", "save", "delete", "auth"} <= known.causes


@pytest.mark.parametrize("batch", BATCHES)
def test_renamed_objects_cost_causes_and_nothing_else(tmp_path, known, batch):
    names = BATCHES[batch]
    found = run_with(tmp_path, [*names])
    assert (found.code, found.queries, found.lost) == (0, known.queries, 0), found.output
    wanted = [said for said in names.values() if said]
    assert len(found.notices) == bool(wanted)
    for said in wanted:
        assert said in found.notices[0]["message"]
    if batch != "attributes":
        assert found.faults == []
    # A stream that could not be closed would not be begun.
    assert "_resource_closers" not in str(found.faults)


def test_a_django_where_everything_has_another_name(tmp_path, known):
    found = run_with(tmp_path, [name for names in BATCHES.values() for name in names])
    assert (found.code, found.queries, found.lost) == (0, known.queries, 0), found.output
    assert len(found.notices) == 1
