import { expect, test } from "vitest";
import { SegmentBuilder } from "../trace/segmentBuilder.ts";
import { createMemoryTrace } from "../trace/testing.ts";
import { factsOf } from "./traceFacts.ts";

test("a test's own code and its factories are no part of the application, but what a request asks is", () => {
  const test = "shop/tests/test_orders.py::test_names";
  const segment = new SegmentBuilder();
  const application = segment.siteAt(segment.file("shop/models.py", "save()\n"), "save()");
  const own = segment.siteAt(segment.file("shop/tests/test_orders.py", "order()\n"), "order()");
  const factory = segment.site(segment.file("shop/tests/fakes.py", "class OrderFactory:\n    pass\n"), {
    kind: "factory",
    qualname: "OrderFactory",
    line: 1,
  });
  const stacks = [[own], [own, application], [own, factory], [own, factory, application]];
  const cause = segment.cause("save", { model: "shop.Order" });
  const statement = segment.statement("INSERT", "insert");
  const ask = (scope: number) =>
    stacks.map((stack) => segment.row(scope, { stack: segment.stack(...stack), cause, statement }));
  const body = segment.scope({ kind: "test", test, phase: "call" });
  ask(body);
  segment.endScope(body);
  const request = segment.scope({ kind: "request", test, phase: "call", parent: body });
  ask(request);
  segment.endScope(request).test(test).collected([test], false).end();
  const reader = createMemoryTrace(segment);
  const facts = factsOf(reader);
  const owned = reader.scopes().map(({ id }) => reader.rowsOfScope(id).map((row) => facts.isTestsOwn(row)));
  expect(owned).toEqual([
    [true, false, true, true],
    [false, false, false, false],
  ]);
});
