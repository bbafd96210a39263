import { cpSync, existsSync, readFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { SegmentBuilder } from "../../server/src/trace/testing.ts";
import { inFolder, LspClient } from "./lspClient.ts";
import { demoFolder, emptyFolder, record, type TestFolder, writeRecording } from "./projects.ts";

let demo: TestFolder;
let client: LspClient | null = null;
beforeAll(() => {
  demo = demoFolder();
});
afterEach(async () => {
  await client?.stop();
  client = null;
});
afterAll(() => demo.remove());

const file = (path: string): string => inFolder(demo.root, path);

test("of a Django project that was never recorded the open files are read, nothing is written, and a first recording takes over", async () => {
  client = await LspClient.start({ folders: [demo.root] });
  const session = client;
  const services = file("customers/services.py");
  await session.open(services);
  const hints = await session.until("the hints", () => {
    const found = session.diagnostics.get(services);
    return found?.length ? found : undefined;
  });
  expect(hints.map(({ severity, range: { start } }) => [severity, start.line + 1])).toEqual([
    [4, 9],
    [4, 25],
  ]);
  expect((await session.endpoints()).projects).toEqual([]);
  expect(existsSync(file(".querysight"))).toBe(false);
  await record(demo.root);
  const findings = await session.until("what was recorded", () => {
    const found = session.diagnostics.get(services);
    return found?.some(({ severity }) => severity === 2) ? found : undefined;
  });
  expect(findings.every(({ message }) => !JSON.stringify(message).includes("from reading"))).toBe(true);
  expect((await session.endpoints()).projects).toHaveLength(1);
});

test("where a folder around it is recorded, that is its project from then on", async () => {
  const around = emptyFolder();
  try {
    const inner = inFolder(around.root, "backend");
    cpSync(demo.root, inner, { recursive: true, filter: (path) => !/[\\/](\.querysight|__pycache__)$/.test(path) });
    client = await LspClient.start({ folders: [around.root] });
    const session = client;
    const services = inFolder(inner, "customers/services.py");
    await session.open(services);
    await session.until("the hints", () => session.diagnostics.get(services)?.length === 2);
    const segment = new SegmentBuilder("20260101T000000Z-1-aaaa");
    const text = readFileSync(services, "utf8");
    const chain = segment.siteAt(segment.file("backend/customers/services.py", text), "Customer.objects.subscribed()", {
      qualname: "newsletter_cities",
      functionLine: 7,
    });
    const scope = segment.scope({ kind: "test", test: "backend/tests.py::test_cities" });
    segment.row(scope, {
      stack: segment.stack(chain),
      cause: segment.cause("queryset", { model: "customers.Customer" }),
      statement: segment.statement('SELECT "customers_customer"."id" FROM "customers_customer"'),
      rows: 0,
    });
    segment.endScope(scope).test("backend/tests.py::test_cities");
    const manifest = writeRecording(around.root, segment);
    await session.fileChanged(manifest);
    await session.until("one hint less", () => session.diagnostics.get(services)?.length === 1);
  } finally {
    await client?.stop();
    client = null;
    around.remove();
  }
});
