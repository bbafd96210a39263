import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { must } from "../../scripts/lib/process.ts";
import { findPythonOf } from "../../scripts/lib/python.ts";

const folder = mkdtempSync(join(tmpdir(), "querysight-probe-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("tells the test that ran a call, also in a worker that ends without a word, and who called the manager's method around it", async () => {
  writeFileSync(
    join(folder, "app.py"),
    `import os
import unittest

class OrderQuerySet:
    def paid(self):
        return __querysight_probe__(0, self)

    def listed(self):
        return self.paid()

def page():
    return OrderQuerySet(
    ).listed()

def direct():
    return __querysight_probe__(1, OrderQuerySet())

class Tests(unittest.TestCase):
    def test_page(self):
        page()

    def test_direct(self):
        if (worker := os.fork()) == 0:
            direct()
            os._exit(0)
        os.waitpid(worker, 0)
`,
  );
  expect(await hitsOf("app")).toEqual([
    [0, "app.Tests.test_page", ["app.py", 12, 13]],
    [1, "app.Tests.test_direct", null],
  ]);
});

test("tells the tests that execute what a module's import made, or what was made from it", async () => {
  mkdirSync(join(folder, "django/db/models/sql"), { recursive: true });
  // What Django's compiler and querysets have to do with each other; the bench's runs have the real ones.
  writeFileSync(
    join(folder, "django/db/models/sql/compiler.py"),
    "class SQLCompiler:\n    def __init__(self, query): self.query = query\n    def execute_sql(self, result_type=None): return result_type\n",
  );
  writeFileSync(
    join(folder, "views.py"),
    `import copy, unittest
from django.db.models.sql.compiler import SQLCompiler

class Query: ...

class QuerySet:
    def __init__(self, query): self.query = query
    def all(self): return QuerySet(copy.copy(self.query))
    def rows(self): return SQLCompiler(self.query).execute_sql("rows")

class OrderView:
    queryset = __querysight_mark__(7, QuerySet(Query())).all()

class Tests(unittest.TestCase):
    def test_list(self):
        assert OrderView.queryset.all().rows() == "rows"

    def test_other(self):
        assert QuerySet(Query()).rows() == "rows"
`,
  );
  expect(await hitsOf("views")).toEqual([[7, "views.Tests.test_list", null]]);
});

async function hitsOf(module: string): Promise<readonly unknown[]> {
  const hits = join(folder, `${module}.hits`);
  const path = join(import.meta.dirname, "probe");
  const env = { PYTHONPATH: path, QUERYSIGHT_PROBES: hits, QUERYSIGHT_MANAGERS: "Other,OrderQuerySet" };
  const python = await findPythonOf(["3.14", "3.13", "3.12", "3.11"]);
  await must("The tests", python, ["-m", "unittest", module], { cwd: folder, env });
  const lines = readFileSync(hits, "utf8").trimEnd().split("\n");
  return lines.toSorted().map((line) => JSON.parse(line));
}
