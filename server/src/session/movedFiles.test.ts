import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { Place } from "../correlate/correlation.ts";
import { Correlator } from "../correlate/correlator.ts";
import { ProjectFiles } from "../project/files.ts";
import { createPythonParser, type PythonParser } from "../python/parser.ts";
import { createMemoryTrace, SegmentBuilder } from "../trace/testing.ts";
import { FileTexts } from "./fileTexts.ts";
import { MovedProjectFiles } from "./movedFiles.ts";

const views = "def orders(request):\n    found = Order.objects.all()\n    return list(found)\n";
const services = "def paid():\n    found = Order.objects.filter(paid=True)\n    return found.count()\n";

let parser: PythonParser;
let root: string;
let now: number;
beforeAll(async () => {
  parser = await createPythonParser();
});
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "querysight-moved-")));
  now = 0;
  write("shop/views.py", views);
  write("shop/services.py", services);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function rename(from: string, to: string): void {
  mkdirSync(dirname(join(root, to)), { recursive: true });
  renameSync(join(root, from), join(root, to));
}

/** Both files are recorded as they stand at first. */
function open() {
  const segment = new SegmentBuilder();
  segment.siteAt(segment.file("shop/views.py", views), "Order.objects.all()", { qualname: "orders" });
  segment.siteAt(segment.file("shop/services.py", services), "found.count()", { qualname: "paid" });
  const reader = createMemoryTrace(segment.end());
  const files = new ProjectFiles(root);
  const clock = () => now;
  const texts = new FileTexts(root, files, () => null, clock);
  const correlator = new Correlator(reader, texts, parser, new MovedProjectFiles(root, files, reader, clock));
  const words = ({ path: at, placement }: Place) =>
    placement.state === "gone" ? "gone" : `${at}:${placement.range.start.line + 1} ${placement.state}`;
  const sites = (path: string) => {
    now += 10_000;
    return correlator.sitesNow(path).map(words);
  };
  /** Where the sites that were recorded at a path stand. */
  const places = (path: string) => reader.sitesIn(path).map((site) => words(correlator.place(site)));
  return { sites, places };
}

test("a file keeps its sites while it has its name", () => {
  const { sites } = open();
  expect(sites("shop/views.py")).toEqual(["shop/views.py:2 fresh"]);
  write("shop/copy.py", views);
  expect(sites("shop/copy.py")).toEqual([]);
});

test("a file that was renamed has the sites of its old name, and what leads to those leads there", () => {
  const { sites, places } = open();
  rename("shop/views.py", "shop/pages/orders.py");
  expect(sites("shop/pages/orders.py")).toEqual(["shop/pages/orders.py:2 fresh"]);
  expect(sites("shop/views.py")).toEqual([]);
  expect(places("shop/views.py")).toEqual(["shop/pages/orders.py:2 fresh"]);
  write("shop/pages/orders.py", `import a\n${views}`);
  expect(sites("shop/pages/orders.py")).toEqual(["shop/pages/orders.py:3 moved"]);
  expect(sites("shop/services.py")).toEqual(["shop/services.py:3 fresh"]);
});

test("all files of a folder that was renamed are found, and found back", () => {
  const { sites } = open();
  rename("shop", "store");
  expect(sites("store/views.py")).toEqual(["store/views.py:2 fresh"]);
  expect(sites("store/services.py")).toEqual(["store/services.py:3 fresh"]);
  rename("store", "shop");
  expect(sites("shop/views.py")).toEqual(["shop/views.py:2 fresh"]);
  expect(sites("store/views.py")).toEqual([]);
});

test("a file that was deleted has no sites, and none is taken for it", () => {
  const { sites } = open();
  rmSync(join(root, "shop/views.py"));
  expect(sites("shop/views.py")).toEqual(["gone"]);
  write("shop/new.py", "def other():\n    a = 1\n    b = 2\n    return a + b\n");
  expect(sites("shop/views.py")).toEqual(["gone"]);
  expect(sites("shop/new.py")).toEqual([]);
  write("node_modules/x/views.py", views);
  write(".venv/lib/views.py", views);
  now += 10_000;
  expect(sites("shop/views.py")).toEqual(["gone"]);
});

test("of two files with its text neither is it", () => {
  const { sites } = open();
  rename("shop/views.py", "shop/a.py");
  write("shop/b.py", views);
  expect(sites("shop/a.py")).toEqual([]);
  expect(sites("shop/views.py")).toEqual(["gone"]);
});
