import { expect, it } from "vitest";
import { applyEdits } from "../text/edits.ts";
import { type Importable, importInto, importsModule } from "./imports.ts";
import { createPythonParser } from "./parser.ts";

const parser = await createPythonParser();
const prefetch: Importable = { module: "django.db.models", name: "Prefetch" };
const comment: Importable = { module: "blog.models", name: "Comment" };

function imported(text: string, wanted: readonly Importable[] = [prefetch], path = "blog/views.py") {
  const file = parser.parse(text);
  const result = importInto(file, path, wanted);
  if ("taken" in result) return { taken: result.taken };
  return { written: result.written, text: applyEdits(text, result.edits), newModules: result.newModules };
}

it.each([
  ["from django.db.models import Count, Prefetch\n", "Prefetch"],
  ["from django.db.models import Prefetch as P\n", "P"],
  ["from django.db import models\n", "models.Prefetch"],
  ["from django.db import models as m\n", "m.Prefetch"],
  ["import django.db.models\n", "django.db.models.Prefetch"],
  ["import django.db.models as dm\n", "dm.Prefetch"],
])("what %j imports is used as it is", (text, written) => {
  expect(imported(text)).toEqual({ written: [written], text, newModules: [] });
});

it.each([
  ["from django.db.models import Count, Sum\n", "from django.db.models import Count, Prefetch, Sum\n"],
  ["from django.db.models import Sum, Count\n", "from django.db.models import Sum, Count, Prefetch\n"],
  [
    "from django.db.models import (\n    Count,\n    Sum,\n)\n",
    "from django.db.models import (\n    Count,\n    Prefetch,\n    Sum,\n)\n",
  ],
  ["from django.db.models import (Count, Sum)\n", "from django.db.models import (Count, Prefetch, Sum)\n"],
  ["from django.db.models import Sum as S  # noqa\n", "from django.db.models import Prefetch, Sum as S  # noqa\n"],
  [
    "from django.db.models import (\n    Count,  # how many\n    Sum,\n)\n",
    "from django.db.models import (\n    Count,  # how many\n    Sum,\n    Prefetch,\n)\n",
  ],
  ["from django.db.models import Count\r\n", "from django.db.models import Count, Prefetch\r\n"],
  [
    "from django.db import models\nfrom django.db.models import Count\n",
    "from django.db import models\nfrom django.db.models import Count, Prefetch\n",
  ],
])("the list in %j takes one name more", (text, expected) => {
  expect(imported(text)).toEqual({ written: ["Prefetch"], text: expected, newModules: [] });
});

it("a list that grows too long goes on lines of its own", () => {
  const text = "from django.db.models import BooleanField, CharField, ExpressionWrapper, IntegerField, Q\n";
  expect(imported(text)).toMatchObject({
    text: "from django.db.models import (\n    BooleanField,\n    CharField,\n    ExpressionWrapper,\n    IntegerField,\n    Prefetch,\n    Q,\n)\n",
  });
});

it.each([
  // Beside the others of its package, in their order.
  [
    "import json\n\nfrom django.conf import settings\nfrom django.views import View\n\nfrom blog.models import Post\n",
    "import json\n\nfrom django.conf import settings\nfrom django.db.models import Prefetch\nfrom django.views import View\n\nfrom blog.models import Post\n",
  ],
  // In a section of its own.
  ["from .models import Post\n", "from django.db.models import Prefetch\n\nfrom .models import Post\n"],
  ["import json\n\nx = 1\n", "import json\n\nfrom django.db.models import Prefetch\n\nx = 1\n"],
  ['"""Views."""\n\nx = 1\n', '"""Views."""\n\nfrom django.db.models import Prefetch\n\n\nx = 1\n'],
  ["# Views\nx = 1\n", "# Views\nfrom django.db.models import Prefetch\n\n\nx = 1\n"],
  [
    "from __future__ import annotations\n\nx = 1\n",
    "from __future__ import annotations\n\nfrom django.db.models import Prefetch\n\nx = 1\n",
  ],
  // What only a type checker or a function sees is not there.
  [
    "import typing\n\nif typing.TYPE_CHECKING:\n    from django.db.models import QuerySet\n",
    "import typing\n\nfrom django.db.models import Prefetch\n\nif typing.TYPE_CHECKING:\n    from django.db.models import QuerySet\n",
  ],
])("a statement is added to %j", (text, expected) => {
  expect(imported(text)).toEqual({ written: ["Prefetch"], text: expected, newModules: ["django.db.models"] });
});

it("a model comes from its own module, by whichever name the file knows that", () => {
  const of = (text: string, path?: string) => imported(text, [comment], path);
  expect(of("from blog.models import Post\n")).toMatchObject({ text: "from blog.models import Comment, Post\n" });
  expect(of("from .models import Post\n")).toMatchObject({ text: "from .models import Comment, Post\n" });
  expect(of("from ..models import Post\n", "src/blog/api/views.py")).toMatchObject({
    text: "from ..models import Comment, Post\n",
    newModules: [],
  });
  expect(of("from . import models\n")).toMatchObject({ written: ["models.Comment"] });
  expect(of("from blog import models as m\n")).toMatchObject({ written: ["m.Comment"] });
  expect(of("class Comment(Model): pass\n", "blog/models.py")).toMatchObject({ written: ["Comment"], newModules: [] });
  expect(of("from django.db import models\n", "shop/views.py")).toMatchObject({
    text: "from django.db import models\n\nfrom blog.models import Comment\n",
    newModules: ["blog.models"],
  });
});

it("several names of one module make one edit, each name once", () => {
  const count = { module: "django.db.models", name: "Count" };
  expect(imported("from django.db.models import Q\n", [prefetch, count, prefetch, comment])).toEqual({
    written: ["Prefetch", "Count", "Prefetch", "Comment"],
    text: "from django.db.models import Count, Prefetch, Q\n\nfrom blog.models import Comment\n",
    newModules: ["blog.models"],
  });
});

it.each([
  "class Prefetch: pass\n",
  "def f():\n    Prefetch = 1\n",
  "from other import Prefetch\n",
  "from x import *\nPrefetch()\n",
])("no name is taken that means something else: %j", (text) => {
  expect(imported(text)).toEqual({ taken: "Prefetch" });
});

it("knows of a module that a file imports, in any form", () => {
  const imports = (text: string) => importsModule(parser.parse(text), "blog/models.py", "blog.managers");
  expect(imports("from blog.managers import PostManager\n")).toBe(true);
  expect(imports("from .managers import PostManager\n")).toBe(true);
  expect(imports("from . import managers\n")).toBe(true);
  expect(imports("import blog.managers\n")).toBe(true);
  expect(imports("from blog import views\ndef f():\n    import blog.managers\n")).toBe(false);
});
