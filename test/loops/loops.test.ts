import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { recorderPython } from "../../scripts/lib/environments.ts";
import { codeLenses } from "../../server/src/features/codeLens.ts";
import { inlayHints } from "../../server/src/features/inlayHint.ts";
import { createPythonParser } from "../../server/src/python/parser.ts";
import { openSession } from "../../server/src/session/openSession.ts";
import type { Session } from "../../server/src/session/session.ts";
import { demoFolder, recordWith, type TestFolder, writeText } from "../lsp/projects.ts";
import { cases, imports } from "./cases.ts";
import { languages } from "./templateCases.ts";

/** With Django 6.1 or newer, on a Python that gives loops other positions than 3.11 does: `npm test -- shapes` makes it, where there is one. */
const newest = process.env["QUERYSIGHT_TEST_PYTHON_NEWEST"] ?? "";

const settings = `
TEMPLATES.append(
    {
        "NAME": "jinja2",
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "jinja2"],
        "APP_DIRS": False,
    }
)
`;

const helpers = `def name_of(order):
    return order.customer.name
`;

const pages = `from django.template.loader import render_to_string

from shop.models import Order


def show(name, using):
    return render_to_string(name, {"orders": Order.objects.all()}, using=using)
`;

function tests(): string {
  const methods = cases.map(({ name }) => `    def test_${name}(self):\n        self.run_loop("${name}")\n`);
  const renders = languages.flatMap(({ language, cases: written }) =>
    written.map(
      ({ name }) =>
        `    def test_${language}_${name.replace(".", "_")}(self):\n        self.assertTrue(show("loops/${name}", "${language}"))\n`,
    ),
  );
  return `from importlib import import_module
from inspect import iscoroutinefunction

from asgiref.sync import async_to_sync
from django.test import TestCase

from loops.pages import show
from sampledata.factories import create_item, create_order


class LoopTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        for number in range(1, 5):
            order = create_order(pk=number, reference=f"R{number}")
            for _ in range(3):
                create_item(order)

    def run_loop(self, name):
        run = import_module(f"loops.{name}").run
        (async_to_sync(run) if iscoroutinefunction(run) else run)()

${[...methods, ...renders].join("\n")}`;
}

/** @param python null for the recorder's own environment, which has Jinja2 beside what the demo needs */
function onEach(python: string | null): void {
  let folder: TestFolder;
  let session: Session;
  /** What is typed, by file. */
  const buffers = new Map<string, string>();

  beforeAll(async () => {
    folder = demoFolder();
    const { root } = folder;
    for (const { name, code } of cases) writeText(root, `loops/${name}.py`, imports + code);
    writeText(root, "loops/__init__.py", "");
    writeText(root, "loops/helpers.py", helpers);
    writeText(root, "loops/pages.py", pages);
    writeText(root, "loops/test_loops.py", tests());
    for (const { folder: templates, parts, cases: written } of languages) {
      for (const [name, text] of parts) writeText(root, `${templates}/${name}`, text);
      for (const { name, text } of written) writeText(root, `${templates}/${name}`, text);
    }
    appendFileSync(join(root, "config/settings.py"), settings);
    await recordWith(
      python ?? (await recorderPython("5.2.19")),
      root,
      "pytest",
      "-q",
      "-p",
      "no:cacheprovider",
      "loops",
    );
    session = await openSession(root, (file) => buffers.get(file) ?? null, {
      parser: await createPythonParser(),
      watch: false,
    });
    await session.refresh();
  }, 180_000);
  afterAll(async () => {
    await session?.dispose();
    folder.remove();
  });

  /** Without times, which differ from run to run. */
  function lensesOf(path: string, before = ""): readonly string[] {
    const offset = before.split("\n").length - 1;
    return codeLenses(session.project, path).map(
      ({ range, title }) => `${range.start.line + 1 - offset}: ${title.replace(/ · <?[\d.]+ m?s( SQL)?(?= ·|$)/g, "")}`,
    );
  }

  describe.each(cases.map((each) => [each.name, each] as const))("%s", (name, { lenses }) => {
    it("tells what it executes", () => {
      expect(lensesOf(`loops/${name}.py`, imports)).toEqual(lenses);
    });
  });

  describe.each(languages)("a template of $language", ({ folder: templates, cases: written }) => {
    it.each(written.map((each) => [each.name, each] as const))("%s", (name, { text, lenses, hints }) => {
      const path = `${templates}/${name}`;
      expect(lensesOf(path)).toEqual(lenses);
      const all = { start: { line: 0, character: 0 }, end: { line: text.split("\n").length, character: 0 } };
      const found = inlayHints(session.project, path, all);
      expect(found.map(({ position, label }) => `${position.line + 1}: ${label}`)).toEqual(hints);
    });
  });

  describe.each(languages)("typing in a template of $language", ({ folder: templates }) => {
    const path = `${templates}/plain.html`;
    const text = "{% for order in orders %}\n  {{ order.customer.name }}\n{% endfor %}\n";

    /** The lenses, and how many inlay hints there are. */
    function typed(today: string): readonly [readonly string[], number] {
      buffers.set(join(folder.root, path), today);
      session.textChanged(path);
      try {
        const all = { start: { line: 0, character: 0 }, end: { line: 99, character: 0 } };
        return [lensesOf(path), inlayHints(session.project, path, all).length];
      } finally {
        buffers.clear();
        session.textChanged(path);
      }
    }

    it("moves the number with its tag, through what changes nothing", () => {
      for (const [today, line] of [
        [`<p>\n{{ title }}\n${text}`, 3],
        [text.replaceAll("\n", "\r\n"), 1],
        [text.replace("{{ order.customer.name }}", "{% if a %}\n{{order.customer.name}}\n{% endif %}"), 1],
        [text.replace("%}\n  {{", "%}\n{# a remark #}\n  {{"), 1],
      ] as const) {
        expect([today, ...typed(today)]).toEqual([
          today,
          [expect.stringMatching(new RegExp(`^${line}: executes 5 queries`))],
          1,
        ]);
      }
    });

    it("says which line was edited, and shows no hint for it", () => {
      const old = (line: number, edited: number) =>
        `${line}: executed 5 queries · recorded before an edit in ${path}:${edited} · 4x order.customer (N+1)`;
      expect(typed(text.replace("customer.name", "customer.email"))).toEqual([[old(1, 2)], 0]);
      expect(typed(`\n\n${text.replace("  {{ order.customer.name }}", "{{ order.cust")}`)).toEqual([[old(3, 4)], 0]);
      expect(typed(text.replace("  {{ order.customer.name }}\n", ""))).toEqual([[old(1, 2)], 0]);
      expect(typed(text)).toEqual([["1: executes 5 queries · 4x order.customer (N+1)"], 1]);
    });

    it("shows nothing where the loop was taken out", () => {
      expect(typed("<p>\n")).toEqual([[], 0]);
    });
  });

  it("set-up is told apart", () => {
    expect(lensesOf("loops/test_loops.py").filter((lens) => lens.includes("executes"))).toEqual([
      expect.stringMatching(/^\d+: executes 60 queries in test set-up · 12x create of \w+$/),
      expect.stringMatching(/^\d+: executes 48 queries in test set-up · 12x create of \w+$/),
    ]);
  });
}

describe("on this machine's Python", () => onEach(null));
describe.skipIf(newest === "")("on the newest Django and its Python", () => onEach(newest));
