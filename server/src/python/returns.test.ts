import { expect, it } from "vitest";
import { createPythonParser } from "./parser.ts";
import { returnedChains } from "./returns.ts";

const parser = await createPythonParser();

function returned(body: string, some = false): readonly string[] | null {
  const file = parser.parse(`class A:\n    def f(self, q):\n${body.replace(/^/gm, "        ")}\n`);
  const chains = returnedChains(file, "A.f", some);
  return chains?.map(({ node }) => file.text.slice(node.start, node.end)) ?? null;
}

it("is the chain itself", () => {
  expect(returned("return Order.objects.filter(a=1)")).toEqual(["Order.objects.filter(a=1)"]);
});

it("follows local names through what is assigned to them", () => {
  const body = "rows = Order.objects.all()\nif self.a:\n    rows = rows.filter(a=1)\nreturn rows.order_by('n')";
  expect(returned(body)).toEqual(["rows.order_by('n')", "Order.objects.all()", "rows.filter(a=1)"]);
});

it("takes each of several returns", () => {
  expect(returned("if self.a:\n    return Order.objects.none()\nrows = (Order.objects.all())\nreturn rows")).toEqual([
    "Order.objects.none()",
    "Order.objects.all()",
  ]);
});

it.each([
  "pass",
  "return",
  "return self.rows",
  "return q",
  "return [Order.objects.all()]",
  "rows = Order.objects.all()\nrows |= Order.objects.none()\nreturn rows",
  "rows = Order.objects.all()\nrows: list = [rows]\nreturn rows",
  "if self.a:\n    return None\nreturn Order.objects.all()",
  "def g():\n    return Order.objects.all()",
])("is not known of %j", (body) => {
  expect(returned(body)).toBeNull();
});

it("is what is handed to a function or an own method that makes the value, where some of it will do", () => {
  const body = "rows = Order.objects.all()\nrows = rows.filter(a=1)\nreturn self.priced(rows, by='n').distinct()";
  expect(returned(body, true)).toEqual([
    "self.priced(rows, by='n').distinct()",
    "Order.objects.all()",
    "rows.filter(a=1)",
  ]);
  expect(returned("return priced(Order.objects.all())", true)).toEqual([
    "Order.objects.all()",
    "priced(Order.objects.all())",
  ]);
  expect(returned("rows = Order.objects.all()\nreturn Item.objects.filter(rows)", true)).toEqual([
    "Item.objects.filter(rows)",
  ]);
  expect(returned("rows = Order.objects.all()\nreturn self.priced(orders=rows)", true)).toEqual([
    "self.priced(orders=rows)",
  ]);
  expect(returned("return self.priced(Order.objects.all())")).toEqual(["self.priced(Order.objects.all())"]);
});

it("is some of what it can be, where that is asked for", () => {
  const body = "if self.a:\n    return list(q)\nrows = self.rows.all()\nif self.b:\n    return rows | q\nreturn rows";
  expect(returned(body)).toBeNull();
  expect(returned(body, true)).toEqual(["list(q)", "self.rows.all()"]);
});
