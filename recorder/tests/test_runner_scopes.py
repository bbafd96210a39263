"""Scopes within a test beside its client's requests: views that it calls itself, tasks, commands, threads, asynchronous views."""

from __future__ import annotations

import sys
from importlib.util import find_spec

import pytest
from runner_support import Project, Run

CELERY = """
import os
from celery import Celery
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
app = Celery("shop")
app.conf.task_always_eager = True
"""

TASKS = """
from celery import shared_task
from shop import celery_app
from shop.models import Item

@shared_task
def count_items():
    return Item.objects.count()

@shared_task(bind=True, max_retries=1, name="retried")
def retried(self):
    Item.objects.exists()
    if not self.request.retries:
        raise self.retry(countdown=0)

@shared_task
def broken():
    Item.objects.count()
    raise LookupError

@shared_task
def outer():
    count_items()
    return count_items.delay().get()

try:
    from django.tasks import task
except ImportError:
    pass  # Django has tasks of its own since 6.0
else:
    @task
    def counted():
        return Item.objects.count()

    @task
    async def counted_asynchronously():
        return await Item.objects.acount() + await Item.objects.acount()

    @task
    def failing():
        Item.objects.count()
        raise LookupError
"""

VIEWS = """
import functools
from django.http import HttpResponse, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.views.generic import ListView, View
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import ViewSet
from shop.models import Item
from shop.tasks import count_items

class Items(ListView):
    model = Item
    paginate_by = 2
    template_name = "items.html"

def noisy(view):
    @functools.wraps(view)
    def wrapper(request, *args):
        Item.objects.exists()
        return view(request, *args)
    return wrapper

@noisy
def counted(request, times):
    return HttpResponse(str([Item.objects.count() for _ in range(times)]))

class Middleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        Item.objects.exists()
        return self.get_response(request)

def queued(request):
    return HttpResponse(count_items.delay().get())

async def asynchronous(request):
    return HttpResponse(await Item.objects.acount() + await Item.objects.acount())

class AsyncItems(View):
    async def get(self, request):
        return HttpResponse([item.name async for item in Item.objects.all()])

async def streamed(request):
    async def parts():
        async for item in Item.objects.all():
            yield item.name
        yield str(await Item.objects.acount())
    await Item.objects.aexists()
    return StreamingHttpResponse(parts())

class Amount(APIView):
    def get(self, request):
        return Response(Item.objects.count())

class Amounts(ViewSet):
    def list(self, request):
        return Response([Item.objects.count(), Item.objects.count()])

    def create(self, request):
        return Response(Item.objects.create(**request.data).pk, status=201)
"""

URLS = """
from django.urls import path
from shop import more_views as views

urlpatterns = [
    path("queued/", views.queued),
    path("async/", views.asynchronous, name="asynchronous"),
    path("async/items/", views.AsyncItems.as_view()),
    path("async/stream/", views.streamed),
    path("amount/", views.Amount.as_view()),
    path("amounts/", views.Amounts.as_view({"get": "list", "post": "create"})),
]
"""

TESTS = """
import threading
import unittest
import urllib.request

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.management import call_command
from django.test import AsyncRequestFactory, LiveServerTestCase, RequestFactory, TestCase, TransactionTestCase, override_settings
from rest_framework.test import APIClient, APIRequestFactory, APITestCase
from shop import more_views as views, tasks
from shop.models import Item
from shop.tasks import broken, count_items, outer, retried


def setUpModule():
    try:
        Item.objects.filter(name="of the module").exists()
    except RuntimeError:
        pass  # pytest-django lets nobody in before a test


class FixtureTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        Item.objects.create(name="a")
        cls.addClassCleanup(Item.objects.none)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        Item.objects.count()

    def setUp(self):
        self.addCleanup(Item.objects.exists)
        Item.objects.count()

    def tearDown(self):
        Item.objects.count()
        Item.objects.count()

    def test_first(self):
        self.assertEqual(Item.objects.count(), 1)

    def test_second(self):
        self.assertEqual(Item.objects.count(), 1)


class IsolatedTests(unittest.IsolatedAsyncioTestCase):
    pytestmark = pytest.mark.django_db

    async def asyncSetUp(self):
        await Item.objects.acount()

    async def asyncTearDown(self):
        await Item.objects.acount()
        await Item.objects.acount()
        await Item.objects.acount()

    async def test_isolated(self):
        await Item.objects.acount()
        await Item.objects.acount()


class DirectTests(TestCase):
    def setUp(self):
        self.factory = RequestFactory()
        for name in "abc":
            Item.objects.create(name=name)

    def call(self, view, request, *args):
        return view(request, *args)

    def test_api_views(self):
        factory = APIRequestFactory()
        self.assertEqual(views.Amount.as_view()(factory.get("/any/")).data, 3)
        view = views.Amounts.as_view({"get": "list", "post": "create"})
        self.assertEqual(view(factory.get("/any/")).data, [3, 3])
        self.assertEqual(view(factory.post("/any/", {"name": "d"}, format="json")).status_code, 201)
        self.assertEqual(Item.objects.count(), 4)

    def test_class_view(self):
        request = self.factory.get("/any/", {"page": 1})
        response = views.Items.as_view()(request)
        self.assertEqual(Item.objects.filter(name="a").count(), 1)
        self.assertContains(response.render(), "<li>a</li>")

    def test_function_view(self):
        request = self.factory.post("/counted/")
        self.call(views.counted, request, 2)
        Item.objects.count()
        self.call(views.counted, self.factory.get("/again/"), 3)

    def test_many_calls(self):
        for times in range(50):
            self.call(views.counted, self.factory.get("/many/"), times)

    def test_middleware(self):
        views.Middleware(lambda request: None)(self.factory.get("/"))

    def test_step_of_djangos(self):
        request = self.factory.get("/")
        SessionMiddleware(lambda request: None).process_request(request)
        request.session["a"] = 1
        request.session.save()

    def test_admin(self):
        request = self.factory.get("/admin/")
        request.user = User.objects.create_superuser("admin", password="admin")
        admin.site._registry[Item].changelist_view(request).render()

    def test_in_a_view(self):
        request = self.factory.get("/queued/")
        self.assertEqual(views.queued(request).content, b"3")

    async def test_async(self):
        request = AsyncRequestFactory().get("/async/")
        response = await views.asynchronous(request)
        self.assertEqual(response.content, b"6")
        self.assertEqual(await Item.objects.acount(), 3)
        response = await views.AsyncItems.as_view()(request)
        self.assertEqual(response.content, b"abc")


@override_settings(ROOT_URLCONF="more_urls")
class ScopeTests(TestCase):
    def test_task(self):
        count_items.delay()
        count_items.apply()
        count_items()
        Item.objects.count()

    def test_task_that_retries(self):
        self.assertTrue(retried.delay().successful())

    def test_task_that_fails(self):
        self.assertTrue(broken.delay().failed())
        with self.assertRaises(LookupError):
            broken()
        Item.objects.exists()

    def test_task_in_a_task(self):
        outer.delay()

    @unittest.skipUnless(hasattr(tasks, "counted"), "Django has no tasks")
    def test_tasks_of_djangos(self):
        self.assertEqual(tasks.counted.enqueue().return_value, 0)
        self.assertEqual(tasks.counted_asynchronously.enqueue().return_value, 0)
        self.assertTrue(tasks.failing.enqueue().errors)
        Item.objects.exists()

    @unittest.skipUnless(hasattr(tasks, "counted"), "Django has no tasks")
    async def test_tasks_of_djangos_that_are_awaited(self):
        self.assertEqual((await tasks.counted.aenqueue()).return_value, 0)
        self.assertEqual((await tasks.counted_asynchronously.aenqueue()).return_value, 0)
        await Item.objects.aexists()

    def test_task_in_a_request(self):
        self.client.get("/queued/")

    def test_command(self):
        call_command("count_items", verbosity=0)
        Item.objects.exists()

    def test_thread(self):
        def work():
            Item.objects.count()
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()

    def test_sync_client_of_async_views(self):
        self.assertEqual(self.client.get("/async/").content, b"0")
        self.client.get("/async/items/")

    async def test_async_client(self):
        self.assertEqual((await self.async_client.get("/async/")).content, b"0")
        await self.async_client.get("/async/items/")
        await self.async_client.get("/queued/")
        self.assertEqual(await Item.objects.acount(), 0)

    async def test_async_stream(self):
        response = await self.async_client.get("/async/stream/")
        await Item.objects.acreate(name="a")
        self.assertEqual(b"".join([part async for part in response.streaming_content]), b"a1")
        self.assertEqual(await Item.objects.acount(), 1)

    async def test_async_stream_that_is_left(self):
        await Item.objects.acreate(name="a")
        response = await self.async_client.get("/async/stream/")
        async for part in response.streaming_content:
            break

    def test_sync_client_of_an_async_stream(self):
        with self.assertWarns(Warning):
            self.assertEqual(b"".join(self.client.get("/async/stream/")), b"0")
        Item.objects.count()


@override_settings(ROOT_URLCONF="more_urls")
class ApiTests(APITestCase):
    def test_api_client(self):
        self.assertIs(type(self.client), APIClient)
        self.assertEqual(self.client.post("/amounts/", {"name": "a"}, format="json").status_code, 201)
        self.assertEqual(self.client.get("/amounts/").data, [1, 1])
        self.assertEqual(self.client.get("/amount/").data, 1)
        self.assertEqual(Item.objects.count(), 1)


@override_settings(ROOT_URLCONF="more_urls")
class LiveTests(LiveServerTestCase):
    def setUp(self):
        Item.objects.create(name="a")

    def read(self, path):
        with urllib.request.urlopen(self.live_server_url + path) as response:
            return response.read()

    def test_over_a_socket(self):
        self.assertEqual(self.read("/amounts/?format=json"), b"[1,1]")
        Item.objects.create(name="b")
        self.assertEqual(self.read("/async/"), b"4")
        self.assertEqual(self.read("/queued/"), b"2")
"""


TASKS_OF_DJANGOS = ("test_tasks_of_djangos", "test_tasks_of_djangos_that_are_awaited")


@pytest.fixture(scope="module", params=["pytest", "django"])
def run(request, tmp_path_factory) -> Run:
    project = Project(tmp_path_factory.mktemp(f"scopes-{request.param}") / "project")
    (project.folder / "shop" / "templates").mkdir()
    project.write("shop/templates/items.html", "{% for item in object_list %}<li>{{ item.name }}</li>{% endfor %}")
    project.write("shop/celery_app.py", CELERY)
    project.write("shop/tasks.py", TASKS)
    project.write("shop/more_views.py", VIEWS)
    project.write("more_urls.py", URLS)
    project.write("shop/test_scopes.py", TESTS)
    words = {"pytest": ("-m", "pytest", "shop/test_scopes.py"), "django": ("manage.py", "test", "shop.test_scopes")}
    answer = project.record(sys.executable, *words[request.param])
    assert answer.returncode == 0, (answer.stdout + answer.stderr).decode()
    return project.last_run()


def shown(run: Run, test: str, *names: str) -> list[tuple[object, ...]]:
    """The scopes that stand in a test's call, in the order in which they were opened, and the call itself."""
    scopes = [s for s in run.scopes_of(f"::{test}") if s["phase"] == "call"]
    return [tuple(s[name] for name in names) for s in sorted(scopes, key=lambda s: s["id"])]


def phases(run: Run, test: str) -> dict[str, int]:
    """Queries by phase, of a test's own scopes that ran any."""
    return {s["phase"]: s["queries"] for s in run.scopes_of(test) if s["queries"]}


@pytest.mark.parametrize("name", ["first", "second"])
def test_each_tests_set_up_call_and_clean_up(run, name):
    assert phases(run, f"::FixtureTests::test_{name}") == {"setup": 1, "call": 1, "teardown": 3}


def test_set_up_of_a_class_is_once(run):
    assert phases(run, "::FixtureTests") == {"class": 2}


def test_set_up_of_a_module(run):
    """Django's runner alone lets it ask for something."""
    assert phases(run, "shop/test_scopes.py") == ({"class": 1} if run.manifest["runner"] == "django" else {})


def test_phases_of_an_asynchronous_test_of_unittests(run):
    assert phases(run, "::test_isolated") == {"setup": 1, "call": 2, "teardown": 3}


def test_a_class_view_called_by_the_test(run):
    # The page's count and its rows; the template that the test renders later is still the view's.
    assert shown(run, "test_class_view", "kind", "ordinal", "method", "path", "route", "view", "status", "queries") == [
        ("test", None, None, None, None, None, None, 1),
        ("request", 1, "GET", "/any/", None, "shop.more_views.Items", None, 2),
    ]


def test_a_function_view_called_by_the_test(run):
    assert shown(run, "test_function_view", "kind", "method", "path", "view", "queries") == [
        ("test", None, None, None, 1),
        ("request", "POST", "/counted/", "shop.more_views.counted", 3),
        ("request", "GET", "/again/", "shop.more_views.counted", 4),
    ]


def test_each_request_is_a_call_of_its_own(run):
    """Where the last request and its frame were freed, the next ones may have their ids."""
    (_, *calls) = shown(run, "test_many_calls", "ordinal", "queries")
    assert calls == [(times + 1, times + 1) for times in range(50)]


def test_a_middleware_called_by_the_test(run):
    assert shown(run, "test_middleware", "kind", "view", "queries") == [
        ("test", None, 0),
        ("request", "shop.more_views.Middleware", 1),
    ]


def test_a_step_of_djangos_is_the_tests_own(run):
    ((kind, queries),) = shown(run, "test_step_of_djangos", "kind", "queries")
    assert (kind, queries > 0) == ("test", True)


def test_an_admin_view_called_by_the_test(run):
    (own, request) = shown(run, "test_admin", "kind", "view", "queries")
    assert own[:2] == ("test", None)
    assert request[:2] == ("request", "shop.admin.ItemAdmin.changelist_view")
    assert request[2] >= 2


def test_a_task_in_a_view_called_by_the_test(run):
    assert shown(run, "test_in_a_view", "kind", "label", "queries") == [
        ("test", None, 0),
        ("task", "shop.tasks.count_items", 1),
    ]


def test_an_asynchronous_view_called_by_the_test(run):
    assert shown(run, "test_async", "kind", "view", "queries") == [
        ("test", None, 1),
        ("request", "shop.more_views.asynchronous", 2),
        ("request", "shop.more_views.AsyncItems", 1),
    ]


def test_api_views_called_by_the_test(run):
    assert shown(run, "test_api_views", "kind", "method", "view", "queries") == [
        ("test", None, None, 1),
        ("request", "GET", "shop.more_views.Amount", 1),
        ("request", "GET", "shop.more_views.Amounts.list", 2),
        ("request", "POST", "shop.more_views.Amounts.create", 1),
    ]


def test_requests_of_the_api_client(run):
    assert shown(run, "test_api_client", "kind", "ordinal", "method", "route", "view", "status", "queries") == [
        ("test", None, None, None, None, None, 1),
        ("request", 1, "POST", "/amounts/", "shop.more_views.Amounts.create", 201, 1),
        ("request", 2, "GET", "/amounts/", "shop.more_views.Amounts.list", 200, 2),
        ("request", 3, "GET", "/amount/", "shop.more_views.Amount", 200, 1),
    ]


def test_requests_to_a_live_server_belong_to_the_test(run):
    """They are served by threads, while the test goes on."""
    assert shown(run, "test_over_a_socket", "kind", "ordinal", "route", "label", "status", "queries") == [
        ("test", None, None, None, None, 1),
        ("request", 1, "/amounts/", None, 200, 2),
        ("request", 2, "/async/", None, 200, 2),
        ("request", 3, "/queued/", None, 200, 0),
        ("task", None, None, "shop.tasks.count_items", None, 1),
    ]
    own = {(s["kind"], s["phase"]): s["queries"] for s in run.scopes_of("::test_over_a_socket") if s["kind"] == "test"}
    assert own["test", "setup"] == 1
    # The tables are emptied by a transaction's test, and by nobody else.
    assert own["test", "teardown"] > 1


def test_a_task_however_it_is_called(run):
    assert shown(run, "test_task", "kind", "label", "queries") == [
        ("test", None, 1),
        *[("task", "shop.tasks.count_items", 1)] * 3,
    ]
    (call, *tasks) = shown(run, "test_task", "id", "parent")
    assert {parent for _, parent in tasks} == {call[0]}


def test_each_try_of_a_task_is_one_scope(run):
    (call, first, second) = shown(run, "test_task_that_retries", "id", "parent", "label", "queries")
    assert first[1:] == (call[0], "retried", 1)
    assert second[1:] == (call[0], "retried", 1)


def test_a_task_that_fails_is_closed(run):
    assert shown(run, "test_task_that_fails", "kind", "label", "queries") == [
        ("test", None, 1),
        ("task", "shop.tasks.broken", 1),
        ("task", "shop.tasks.broken", 1),
    ]


def test_a_task_that_a_task_calls_is_part_of_it_and_one_that_it_queues_is_not(run):
    assert shown(run, "test_task_in_a_task", "kind", "label", "queries") == [
        ("test", None, 0),
        ("task", "shop.tasks.outer", 1),
        ("task", "shop.tasks.count_items", 1),
    ]


def test_tasks_of_djangos_own(run):
    own, awaited = (shown(run, test, "kind", "label", "queries") for test in TASKS_OF_DJANGOS)
    if find_spec("django.tasks") is None:
        assert {run.outcomes[f"shop/test_scopes.py::ScopeTests::{test}"] for test in TASKS_OF_DJANGOS} == {"skipped"}
        assert own == awaited == []
        return
    tasks = [("task", "shop.tasks.counted", 1), ("task", "shop.tasks.counted_asynchronously", 2)]
    assert own == [("test", None, 1), *tasks, ("task", "shop.tasks.failing", 1)]
    assert awaited == [("test", None, 1), *tasks]


def test_a_task_in_a_request(run):
    (_, request, task) = shown(run, "test_task_in_a_request", "id", "kind", "parent", "route", "queries")
    assert request[1:] == ("request", request[2], "/queued/", 0)
    assert task[1:] == ("task", request[0], None, 1)


def test_a_command_in_a_test(run):
    assert shown(run, "test_command", "kind", "label", "queries") == [("test", None, 1), ("command", "count_items", 1)]


def test_a_threads_queries_are_the_tests(run):
    assert shown(run, "test_thread", "kind", "queries") == [("test", 1)]


@pytest.mark.parametrize("test", ["test_sync_client_of_async_views", "test_async_client"])
def test_asynchronous_views(run, test):
    requests = [
        scope for scope in shown(run, test, "kind", "ordinal", "route", "view", "status", "queries") if scope[0] == "request"
    ]
    assert requests[:2] == [
        ("request", 1, "/async/", "shop.more_views.asynchronous", 200, 2),
        ("request", 2, "/async/items/", "shop.more_views.AsyncItems", 200, 1),
    ]


@pytest.mark.parametrize(
    ("test", "own", "queries"),
    [("test_async_stream", 2, 3), ("test_async_stream_that_is_left", 1, 2), ("test_sync_client_of_an_async_stream", 1, 3)],
)
def test_what_is_streamed_asynchronously_is_the_requests(run, test, own, queries):
    assert shown(run, test, "kind", "view", "status", "queries") == [
        ("test", None, None, own),
        ("request", "shop.more_views.streamed", 200, queries),
    ]


def test_an_asynchronous_test(run):
    scopes = shown(run, "test_async_client", "kind", "label", "queries")
    assert [scope for scope in scopes if scope[2]] == [
        ("test", None, 1),
        ("request", None, 2),
        ("request", None, 1),
        ("task", "shop.tasks.count_items", 1),
    ]


def test_no_error_of_the_recorder(run):
    assert [end["errors"] for end in run.of_type("end")] == [0]
    assert [notice for notice in run.of_type("notice") if notice["level"] == "warning"] == []
