import { beforeAll, expect, it } from "vitest";
import { originOf } from "./importOrigin.ts";
import { createPythonParser, type PythonParser } from "./parser.ts";

let parser: PythonParser;
beforeAll(async () => {
  parser = await createPythonParser();
});

it.each<[string, string, string | null]>([
  ["from django.views.generic import DetailView, ListView", "ListView", "django.views.generic.ListView"],
  ["from django.views.generic import (\n    ListView as Listing,\n)", "Listing", "django.views.generic.ListView"],
  ["from django.views.generic import ListView as Listing", "ListView", null],
  ["from django.views import generic", "generic.ListView", "django.views.generic.ListView"],
  ["import django.views.generic", "django.views.generic.ListView", "django.views.generic.ListView"],
  ["import django.views.generic as g", "g.ListView", "django.views.generic.ListView"],
  ["from . import views", "views.ListView", null],
  ["from .views import ListView", "ListView", null],
  ["class ListView:\n    pass", "ListView", null],
  ["def f():\n    from django.views.generic import ListView", "ListView", null],
])("%s: %s", (text, name, origin) => {
  expect(originOf(parser.parse(`${text}\n`), name)).toBe(origin);
});
