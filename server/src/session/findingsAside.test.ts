import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createPythonParser } from "../python/parser.ts";
import { field, model, SegmentBuilder } from "../trace/testing.ts";
import { openSession } from "./openSession.ts";
import type { Session } from "./session.ts";

const path = "shop/views.py";
const text = "def names():\n    return [o.customer.name for o in Order.objects.all()]\n";

let root: string;
const buffers = new Map<string, string>();
const sessions: Session[] = [];
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "querysight-aside-")));
  write(path, text);
  record("20260101T000000Z-1-aaaa", 3);
});
afterEach(async () => {
  await Promise.all(sessions.splice(0).map((session) => session.dispose()));
  buffers.clear();
  rmSync(root, { recursive: true, force: true, maxRetries: 3 });
});

function write(name: string, content: string): void {
  mkdirSync(dirname(join(root, name)), { recursive: true });
  writeFileSync(join(root, name), content);
}

function record(run: string, rows: number): void {
  const segment = new SegmentBuilder(run);
  const file = segment.file(path, text);
  const within = { qualname: "names", functionLine: 1 };
  const chain = segment.siteAt(file, "Order.objects.all()", within);
  const load = segment.siteAt(file, "o.customer", within);
  const customer = { relation: "foreign_key", to: "shop.Customer", select: "customer", prefetch: "customer" } as const;
  segment.models(model("shop.Order", [field("customer", customer)]), model("shop.Customer"));
  const scope = segment.scope({ kind: "test", test: "shop/tests.py::test_names" });
  const parent = segment.row(scope, {
    stack: segment.stack(chain),
    construction: segment.construction(segment.stack(chain), chain),
    cause: segment.cause("queryset", { model: "shop.Order" }),
    statement: segment.statement('SELECT "shop_order"."id" FROM "shop_order"'),
    rows,
  });
  const cause = segment.cause("foreign_key", { model: "shop.Order", field: "customer", lookup: "customer" });
  const statement = segment.statement('SELECT "shop_customer"."id" FROM "shop_customer"');
  segment.row(scope, { stack: segment.stack(load), cause, statement, parent, count: rows });
  segment.endScope(scope).test("shop/tests.py::test_names");
  write(`.querysight/runs/${run}/main.ndjson`, segment.toString());
}

async function open(aside: boolean): Promise<Session> {
  const parser = await createPythonParser();
  const session = await openSession(root, (file) => buffers.get(file) ?? null, { parser, watch: false, aside });
  sessions.push(session);
  await session.refresh();
  await session.settled();
  return session;
}

function type(session: Session, content: string | null): void {
  if (content === null) buffers.delete(join(root, path));
  else buffers.set(join(root, path), content);
  session.textChanged(path);
}

test("finds in a thread of its own what is found in place", async () => {
  const [aside, inPlace] = [await open(true), await open(false)];
  expect(aside.project.findings()).toHaveLength(1);
  expect(aside.project.findings()).toEqual(inPlace.project.findings());
  expect(aside.project.findings()).toBe(aside.project.findings());
});

test("tells what it found at the places of now, and then what it finds there", async () => {
  const [aside, inPlace] = [await open(true), await open(false)];
  const typed = `import this\n\n${text}`;
  type(aside, typed);
  expect(aside.project.findings()[0]?.at.placement).toMatchObject({ range: { start: { line: 3 } } });
  inPlace.textChanged(path);
  await aside.settled();
  expect(aside.project.findings()).toEqual(inPlace.project.findings());

  type(aside, typed.replace("o.customer", "o.owner"));
  expect(aside.project.findings()[0]?.at.placement.state).toBe("gone");
  inPlace.textChanged(path);
  await aside.settled();
  expect(aside.project.findings()).toEqual(inPlace.project.findings());

  type(aside, null);
  inPlace.textChanged(path);
  await aside.settled();
  expect(aside.project.findings()).toEqual(inPlace.project.findings());
});

test("follows the recording and tells of it", async () => {
  const aside = await open(true);
  const told = vi.fn();
  aside.onDidChange(told);
  record("20260102T000000Z-1-aaaa", 7);
  await aside.refresh();
  await aside.settled();
  expect(aside.project.findings()[0]?.evidence.queries).toBe(8);
  expect(told).toHaveBeenCalled();
});

test("typing is not interrupted: nothing is looked for until it is quiet", async () => {
  const aside = await open(true);
  const told = vi.fn();
  aside.onDidChange(told);
  for (const key of ["#", "# ", "# c"]) {
    type(aside, text.replace("def", `${key}\ndef`));
    await pause(20);
  }
  expect(told).not.toHaveBeenCalled();
  type(aside, text.replace("Order.objects.all()", "Order.objects.none()"));
  await vi.waitFor(() => expect(aside.project.findings()[0]?.stale ?? true).toBe(true), 5_000);
});
