import { beforeAll, expect, test } from "vitest";
import { createPythonParser, type PythonParser } from "../python/parser.ts";
import { rangeOf } from "../text/testing.ts";
import { SegmentBuilder } from "../trace/testing.ts";
import { endpoints } from "./endpoints.ts";
import { createTestProject } from "./testing.ts";
import { shopProject, testId, views, viewsPath } from "./testingShop.ts";

let parser: PythonParser;
beforeAll(async () => {
  parser = await createPythonParser();
});

const uriOf = (path: string): string => `file:///shop/${path}`;

test("an endpoint with its causes, the N+1 first, each with its place", () => {
  const { endpoints: served } = endpoints(shopProject(parser), "file:///shop", uriOf);
  expect(served).toMatchObject([
    {
      label: "GET /orders/",
      queries: 202,
      nPlusOne: 1,
      detail: "shop.views.order_list",
      location: { uri: uriOf(viewsPath) },
    },
  ]);
  expect(served[0]?.causes.map(({ label, rule, location }) => [label, rule, location?.label ?? null])).toEqual([
    ["100x order.customer", "n-plus-one", "shop/views.py:8"],
    ["100x order.address", null, "shop/templates/orders.html:3"],
    ["1x the session", null, "shop/tests.py:2"],
    ["1x Order", null, "shop/views.py:7"],
  ]);
  expect(served[0]?.causes[0]?.location).toMatchObject({ range: rangeOf(views, "order.customer") });
});

test("a view set's action leads into its class, and GraphQL operations of one URL are told apart", () => {
  const segment = new SegmentBuilder();
  const file = segment.file("shop/api.py", "class OrderViewSet:\n    def list(self):\n        Order.objects.all()\n");
  const site = segment.siteAt(file, "Order.objects.all()", { qualname: "OrderViewSet.list" });
  const statement = segment.statement("SELECT 1");
  const cause = segment.cause("queryset", { model: "shop.Order" });
  const requests = [
    { route: "/api/orders/", view: "shop.api.OrderViewSet.list" },
    { route: "/graphql/", label: "OrderList" },
    { route: "/graphql/", label: "query { orders }" },
  ];
  for (const [index, request] of requests.entries()) {
    const scope = segment.scope({ kind: "request", method: "POST", ...request });
    segment.row(scope, { stack: segment.stack(site), cause, statement, count: 9 - index });
    segment.endScope(scope);
  }
  const project = createTestProject({ parser, files: {}, segments: [segment.end()] });
  project.edit("shop/api.py", "class OrderViewSet:\n    def list(self):\n        Order.objects.all()\n");
  const { endpoints: served } = endpoints(project, "file:///shop", uriOf);
  expect(served.map(({ label }) => label)).toEqual([
    "POST /api/orders/",
    "POST /graphql/ OrderList",
    "POST /graphql/ query { orders }",
  ]);
  expect(served[0]?.location).toMatchObject({ uri: uriOf("shop/api.py"), label: "shop/api.py:3" });
});

test("a test counts its requests", () => {
  const { tests } = endpoints(shopProject(parser), "file:///shop", uriOf);
  expect(tests).toMatchObject([{ label: testId, queries: 202, nPlusOne: 1 }]);
});

test("what grows with rows comes before what is merely much, and set-up counts nowhere", () => {
  const segment = new SegmentBuilder();
  const statement = segment.statement("SELECT 1");
  const cause = segment.cause("queryset", { model: "shop.Order" });
  const request = (path: string, count: number, phase: "call" | "setup" = "call"): void => {
    const test = `t.py::test_${path}`;
    const scope = segment.scope({ kind: "request", test, phase, method: "GET", route: path });
    segment.row(scope, { cause, statement, count });
    segment.endScope(scope);
    segment.test(test);
  };
  request("/few/", 2);
  request("/many/", 50);
  request("/setup/", 99, "setup");
  const project = createTestProject({ parser, files: {}, segments: [segment.end()] });
  const { endpoints: served } = endpoints(project, "file:///shop", uriOf);
  expect(served.map(({ label }) => label)).toEqual(["GET /many/", "GET /few/"]);
});

test("names from a trace are one line of text", () => {
  const segment = new SegmentBuilder();
  const scope = segment.scope({ kind: "request", method: "GET", route: `/\u202e\n${"x".repeat(5_000)}`, view: "a\nb" });
  segment.row(scope, { cause: segment.cause("queryset"), statement: segment.statement("SELECT 1") });
  const project = createTestProject({ parser, files: {}, segments: [segment.endScope(scope).end()] });
  const [endpoint] = endpoints(project, "file:///shop", uriOf).endpoints;
  expect(endpoint?.label).toMatch(/^GET \/ x+…$/);
  expect(endpoint?.label).toHaveLength(200);
  expect(endpoint?.detail).toBe("a b");
  expect(endpoint?.location).toBeNull();
});
