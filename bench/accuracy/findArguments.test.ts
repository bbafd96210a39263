import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findPython } from "../../scripts/lib/python.ts";
import { findArguments, type Oracle, probeSpans } from "./bench.ts";
import { projectOf } from "./project.ts";
import { edited } from "./spans.ts";

const source = `from django.db import models

class OrderQuerySet(models.QuerySet):
    def listed(self):
        return self.select_related("customer")

def recent(user):
    naïve = "ü"; q = Order.objects.select_related("customer", "site").prefetch_related(
        Prefetch("lines", queryset=Line.objects.select_related("product")),
        "tags",  # all of them
    )
    q = q.filter(user=user)
    return q.select_related(None).select_related()

class OrderView(ListView):
    queryset = Order.objects.select_related("shipment")

def one(pk):
    return get_object_or_404(
        Order.objects.select_related(
            "customer"
        ),
        pk=pk,
    )
`;

const checkout = mkdtempSync(join(tmpdir(), "querysight-arguments-"));
let oracle: Oracle;

beforeAll(async () => {
  writeFileSync(join(checkout, "orders.py"), source);
  writeFileSync(join(checkout, "test_orders.py"), source);
  oracle = await findArguments(await findPython(), checkout, projectOf(checkout));
});
afterAll(() => rmSync(checkout, { recursive: true }));

const without = (argument: string) => {
  const [one] = oracle.cases.filter((each) => each.argument === argument);
  if (one === undefined) throw new Error(`${argument} was not found`);
  return edited(Buffer.from(source), [one.edit]).toString();
};

test("takes each argument of the application's code, none of the tests'", () => {
  expect(oracle.cases.map(({ path, line, method, lookup }) => `${path}:${line} ${method} ${lookup}`)).toEqual([
    "orders.py:5 select_related customer",
    "orders.py:8 select_related customer",
    "orders.py:8 select_related site",
    "orders.py:9 select_related product",
    "orders.py:9 prefetch_related lines",
    "orders.py:10 prefetch_related tags",
    "orders.py:16 select_related shipment",
    "orders.py:21 select_related customer",
  ]);
  expect(oracle.bare).toEqual(["orders.py:13"]);
  expect(oracle.managers).toEqual(["OrderQuerySet"]);
  expect(oracle.lines).toBe(20);
});

test("takes out one of several arguments, behind characters of several bytes", () => {
  expect(without("'site'")).toBe(source.replace('"customer", "site"', '"customer"'));
});

test("takes out an argument that ends with others in lines of their own, and moves no line", () => {
  expect(without("'tags'")).toBe(source.replace('),\n        "tags",', ")\n,"));
  expect(without("Prefetch('lines', queryset=Line.objects.select_related('product'))")).toBe(
    source.replace('Prefetch("lines", queryset=Line.objects.select_related("product")),\n        "tags"', '\n"tags"'),
  );
});

test("leaves a queryset where the only argument goes", () => {
  expect(without("'product'")).toBe(source.replace('objects.select_related("product")', "objects.all()"));
});

test("knows where a queryset goes on under a local name", () => {
  const [site] = oracle.cases.filter(({ argument }) => argument === "'site'");
  expect(site?.queryset).toEqual([
    [8, 11],
    [12, 12],
    [13, 13],
  ]);
});

test("puts probes around what stands before each call, the outer one first", () => {
  const text = edited(readFileSync(join(checkout, "orders.py")), probeSpans(oracle.probes)).toString();
  expect(text).toContain(
    '__querysight_probe__(3, __querysight_probe__(1, Order.objects).select_related("customer", "site")).prefetch_related(',
  );
  expect(text).toContain('queryset = __querysight_mark__(4, Order.objects).select_related("shipment")');
  expect(text).toContain('queryset=__querysight_probe__(2, Line.objects).select_related("product")');
});
