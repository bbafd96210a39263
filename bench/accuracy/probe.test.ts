import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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
  const hits = join(folder, "hits");
  const path = join(import.meta.dirname, "probe");
  const env = { PYTHONPATH: path, QUERYSIGHT_PROBES: hits, QUERYSIGHT_MANAGERS: "Other,OrderQuerySet" };
  const python = await findPythonOf(["3.14", "3.13", "3.12", "3.11"]);
  await must("The tests", python, ["-m", "unittest", "app"], { cwd: folder, env });

  const lines = readFileSync(hits, "utf8").trimEnd().split("\n");
  expect(lines.toSorted().map((line) => JSON.parse(line))).toEqual([
    [0, "app.Tests.test_page", ["app.py", 12, 13]],
    [1, "app.Tests.test_direct", null],
  ]);
});
