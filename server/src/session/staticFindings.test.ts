import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createPythonParser } from "../python/parser.ts";
import { applyEdits } from "../text/edits.ts";
import { textAt } from "../text/testing.ts";
import { SegmentBuilder } from "../trace/testing.ts";
import { openSession } from "./openSession.ts";
import type { Session } from "./session.ts";

const path = "shop/services.py";
const text = `from shop.models import Order


def names():
    return [order.customer.name for order in Order.objects.all()]


def cities():
    for order in Order.objects.all():
        print(order.customer.address)
`;
const models = `from django.db import models


class Customer(models.Model):
    address = models.TextField()


class Order(models.Model):
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE)
`;

let root: string;
const buffers = new Map<string, string>();
const sessions: Session[] = [];
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "querysight-unrun-")));
  write("shop/__init__.py", "");
  write("shop/models.py", models);
  write(path, text);
  write(".querysight/runs/.gitkeep", "");
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

async function open(): Promise<Session> {
  const parser = await createPythonParser();
  const session = await openSession(root, (file) => buffers.get(file) ?? null, { parser, watch: false, aside: true });
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

/** The lines (from 1) at which something is hinted at. */
function lines({ project }: Session): readonly number[] {
  return project
    .staticFindings()
    .map(({ at }) => (at.placement.state === "gone" ? 0 : at.placement.range.start.line + 1));
}

test("what no test ran is read in files while they are open, without a recording too", async () => {
  const session = await open();
  expect(lines(session)).toEqual([]);
  type(session, text);
  await session.settled();
  expect(lines(session)).toEqual([5, 10]);
  type(session, null);
  expect(lines(session)).toEqual([]);
  await session.settled();
  expect(lines(session)).toEqual([]);
});

test("hints follow their lines while somebody types, and go where they are typed over", async () => {
  const session = await open();
  type(session, text);
  await session.settled();
  type(session, `# new\n${text}`);
  expect(lines(session)).toEqual([6, 11]);
  type(session, text.replace("order.customer.address", "order.cust"));
  expect(lines(session)).toEqual([5]);
  await session.settled();
  expect(lines(session)).toEqual([5]);
});

test("one edit at the queryset cures it, and is read anew at once", async () => {
  const session = await open();
  type(session, text);
  await session.settled();
  const [first] = session.project.staticFindings();
  const result = session.project.staticFixFor(first === undefined ? [] : [first]);
  expect(result).toMatchObject({ ok: true, fix: { title: `Add select_related("customer") in ${path}` } });
  const fixed = result.ok ? applyEdits(text, result.fix.edits) : "";
  expect(fixed).toContain('for order in Order.objects.all().select_related("customer")]');
  type(session, fixed);
  await session.settled();
  expect(lines(session)).toEqual([10]);
});

test("a change of the models counts, and so does what the project silences", async () => {
  const session = await open();
  type(session, text);
  await session.settled();
  write(
    "shop/models.py",
    models.replace("models.ForeignKey(Customer, on_delete=models.CASCADE)", "models.TextField()"),
  );
  session.filesChanged();
  await session.settled();
  expect(lines(session)).toEqual([]);
  write("shop/models.py", models);
  write("pyproject.toml", '[tool.querysight.rules]\nn-plus-one = "off"\n');
  session.filesChanged();
  await session.settled();
  expect(lines(session)).toEqual([]);
  write("pyproject.toml", "");
  type(session, text.replace("print(order.customer.address)", "print(order.customer.address)  # querysight: ignore"));
  session.filesChanged();
  await session.settled();
  expect(lines(session)).toEqual([5]);
});

test("a loop that a test ran is left to its recording", async () => {
  const segment = new SegmentBuilder("20260101T000000Z-1-aaaa");
  const file = segment.file(path, text);
  const chain = segment.siteAt(file, "Order.objects.all()", { qualname: "names", functionLine: 4 });
  const scope = segment.scope({ kind: "test", test: "shop/tests.py::test_names" });
  segment.row(scope, {
    stack: segment.stack(chain),
    construction: segment.construction(segment.stack(chain), chain),
    cause: segment.cause("queryset", { model: "shop.Order" }),
    statement: segment.statement('SELECT "shop_order"."id" FROM "shop_order"'),
    rows: 0,
  });
  segment.endScope(scope).test("shop/tests.py::test_names");
  write(`.querysight/runs/${segment.run}/main.ndjson`, segment.toString());
  const session = await open();
  type(session, text);
  await session.settled();
  expect(lines(session)).toEqual([10]);
});

test("it can be switched off and on", async () => {
  const session = await open();
  type(session, text);
  await session.settled();
  const told = vi.fn();
  session.onDidChange(told);
  session.readUnrun(false);
  await vi.waitFor(() => expect(told).toHaveBeenCalledTimes(1), 5_000);
  expect(lines(session)).toEqual([]);
  session.readUnrun(true);
  await vi.waitFor(() => expect(lines(session)).toEqual([5, 10]), 5_000);
});

test("the places are those of the expressions", async () => {
  const session = await open();
  type(session, text);
  await session.settled();
  const ranges = session.project.staticFindings().map(({ at, loop, queryset }) =>
    [at, loop, queryset].map((place) => {
      return place === null || place.placement.state === "gone" ? null : textAt(text, place.placement.range);
    }),
  );
  expect(ranges).toEqual([
    ["order.customer", "for order in Order.objects.all()", "Order.objects.all()"],
    ["order.customer", "for order in Order.objects.all():", "Order.objects.all()"],
  ]);
});
