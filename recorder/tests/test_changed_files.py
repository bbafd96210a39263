"""Files that are saved while the recording runs: a site stands in the text that its code was loaded from, or says that not."""

from __future__ import annotations

import os

import pytest
from segments import Recording

CODE = """from store.models import Order


def kept():
    return [order.pk for order in Order.objects.all()]


def edited():
    return [order.customer for order in Order.objects.all()]
"""
EDITED = CODE.replace("order.customer", "order.customer.name")
SHIFTED = f"import os\n\n{CODE}"

PAGE = "{% for order in orders %}\n{{ order.customer.name }}\n{% endfor %}\n"
SAVED_PAGE = "<ul>\n{% for order in orders %}\n{{ order.customer.name }}\n{% endfor %}\n"
CHANGED_PAGE = "{% for order in orders %}\n{{ order.customer.address.city }}\n{% endfor %}\n"


class Project:
    """A folder under recording; `save` writes a file as if later than all before."""

    def __init__(self, root, recording):
        self.root = root
        self.recording = recording
        self._now = recording.session.started_ns

    def save(self, name, text):
        path = self.root / name
        path.write_text(text)
        self._now += 1_000_000_000
        os.utime(path, ns=(self._now, self._now))
        return str(path)

    def load(self, name):
        """The functions of a module as it stands now."""
        namespace = {}
        path = self.root / name
        exec(compile(path.read_text(), str(path), "exec"), namespace)
        return namespace

    def files(self, function, *arguments):
        """For each query, the record of the file that its innermost site stands in."""
        scope = self.recording.run(function, *arguments)
        by_id = scope.segment.by_id
        files = []
        for row in scope.rows:
            site = by_id["site", by_id["stack", row.record["stack"]]["site"]]
            files.append(by_id["file", site["file"]])
        return files


@pytest.fixture
def project(tmp_path, rollback):
    root = tmp_path / "project"
    root.mkdir()
    recording = Recording(root, tmp_path / "runs" / "20260101T000000Z-1-abcd")
    yield Project(root, recording)
    recording.session.finish()


def told(files):
    return [(file["text"], file["changed"]) for file in files]


def test_a_module_that_is_saved_after_its_import(project):
    """Told function by function: what stands as it stood has its right place."""
    project.save("shop.py", CODE)
    functions = project.load("shop.py")
    project.save("shop.py", EDITED)
    assert told(project.files(functions["kept"])) == [(EDITED, False)]
    # This one was written in an earlier scope, and is not written again.
    assert told(project.files(functions["edited"])) == [(EDITED, True), (EDITED, True)]
    assert told(project.files(functions["kept"])) == [(EDITED, False)]


def test_a_module_whose_functions_have_moved(project):
    project.save("shop.py", CODE)
    functions = project.load("shop.py")
    project.save("shop.py", SHIFTED)
    assert told(project.files(functions["kept"])) == [(SHIFTED, True)]


def test_a_module_that_is_saved_after_it_was_read(project):
    project.save("shop.py", CODE)
    functions = project.load("shop.py")
    assert told(project.files(functions["kept"])) == [(CODE, False)]
    project.save("shop.py", EDITED)
    assert told(project.files(functions["edited"])) == [(CODE, False), (CODE, False)]


def test_a_module_that_is_no_python_any_more(project):
    project.save("shop.py", CODE)
    functions = project.load("shop.py")
    project.save("shop.py", "def (:")
    assert told(project.files(functions["kept"])) == [("def (:", True)]


def test_a_module_older_than_the_recording_is_not_doubted(project):
    path = project.save("shop.py", SHIFTED)
    functions = project.load("shop.py")
    project.save("shop.py", CODE)
    os.utime(path, ns=(1, 1))
    assert told(project.files(functions["kept"])) == [(CODE, False)]


class Django:
    """Templates of Django; kept once loaded, as where `DEBUG` is off, or loaded at each request."""

    name = "page.html"

    def __init__(self, root, kept):
        from django.template import Context, Engine

        loader = "django.template.loaders.filesystem.Loader"
        loaders = [("django.template.loaders.cached.Loader", [loader])] if kept else [loader]
        self._engine = Engine(dirs=[str(root)], loaders=loaders)
        self._context = Context

    def load(self):
        self._engine.get_template(self.name)

    def render(self):
        from store.models import Order

        orders = Order.objects.order_by("pk")[:1]
        return self._engine.get_template(self.name).render(self._context({"orders": orders}))


class Jinja:
    """The same of Jinja, which looks whether a file was saved unless it is told not to."""

    name = "page.jinja"

    def __init__(self, root, kept):
        from jinja2 import Environment, FileSystemLoader

        self._environment = Environment(loader=FileSystemLoader(root), auto_reload=not kept)

    def load(self):
        self._environment.get_template(self.name)

    def render(self):
        from store.models import Order

        return self._environment.get_template(self.name).render(orders=Order.objects.order_by("pk")[:1])


@pytest.fixture(params=[Django, Jinja])
def language(request):
    return request.param


def test_a_template_that_is_saved_and_loaded_again(project, language):
    templates = language(project.root, kept=False)
    project.save(templates.name, PAGE)
    assert told(project.files(templates.render)) == [(PAGE, False)] * 2
    project.save(templates.name, SAVED_PAGE)
    assert told(project.files(templates.render)) == [(SAVED_PAGE, False)] * 2
    project.save(templates.name, CHANGED_PAGE)
    files = project.files(templates.render)
    assert len(files) == 3
    assert {file["changed"] for file in files} == {False}
    assert files[2]["text"] == CHANGED_PAGE


def test_a_template_that_is_kept_is_told_from_what_it_was_loaded_from(project, language):
    templates = language(project.root, kept=True)
    path = project.save(templates.name, PAGE)
    os.utime(path, ns=(1, 1))
    assert told(project.files(templates.render)) == [(PAGE, False)] * 2
    project.save(templates.name, SAVED_PAGE)
    assert told(project.files(templates.render)) == [(PAGE, False)] * 2


def test_a_template_that_is_saved_between_its_loading_and_its_rendering(project, language):
    templates = language(project.root, kept=True)
    project.save(templates.name, PAGE)
    templates.load()
    project.save(templates.name, SAVED_PAGE)
    assert told(project.files(templates.render)) == [(SAVED_PAGE, True)] * 2


def test_the_tags_of_a_saved_template_that_stand_where_they_stood(project):
    templates = Django(project.root, kept=True)
    project.save(templates.name, PAGE)
    templates.load()
    project.save(templates.name, CHANGED_PAGE)
    assert told(project.files(templates.render)) == [(CHANGED_PAGE, False), (CHANGED_PAGE, True)]


def test_a_template_that_is_gone_keeps_its_text(project, language):
    templates = language(project.root, kept=True)
    project.save(templates.name, PAGE)
    templates.load()
    assert told(project.files(templates.render)) == [(PAGE, False)] * 2
    (project.root / templates.name).unlink()
    assert told(project.files(templates.render)) == [(PAGE, False)] * 2
