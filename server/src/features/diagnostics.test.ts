import { beforeAll, expect, test } from "vitest";
import type { Finding } from "../insights/finding.ts";
import { createPythonParser, type PythonParser } from "../python/parser.ts";
import { rangeOf } from "../text/testing.ts";
import { diagnostics, type Severities } from "./diagnostics.ts";
import { findingAt } from "./testing.ts";
import { shopProject, template, templatePath, views, viewsPath } from "./testingShop.ts";

let parser: PythonParser;
beforeAll(async () => {
  parser = await createPythonParser();
});

test("one a cause, where it fires, with the way to its queryset", () => {
  const found = diagnostics(shopProject(parser));
  expect([...found.keys()]).toEqual([viewsPath]);
  expect(found.get(viewsPath)).toEqual([
    {
      range: rangeOf(views, "order.customer"),
      severity: "warning",
      code: "n-plus-one",
      message: "100 of 100 orders each loaded customer.",
      data: { findingId: "n1-0001" },
      related: [
        { path: viewsPath, range: rangeOf(views, "Order.objects.all()"), message: "The queryset that loads the rows" },
      ],
    },
  ]);
});

test("stands in a template, and names the other places where it fires", () => {
  const project = shopProject(parser, {
    findings: (shop) => {
      const city = shop.placeOf(templatePath, "{{ order.address.city }}");
      return [findingAt(city, { fires: [city, shop.placeOf(viewsPath, "order.customer")] })];
    },
  });
  const [diagnostic] = diagnostics(project).get(templatePath) ?? [];
  expect(diagnostic?.range).toEqual(rangeOf(template, "{{ order.address.city }}"));
  expect(diagnostic?.related.map(({ path, message }) => `${path}: ${message}`)).toEqual([
    "shop/views.py: Fires here too",
  ]);
});

test("does not point from the queryset to itself", () => {
  const project = shopProject(parser, {
    findings: (shop) => {
      const queryset = shop.placeOf(viewsPath, "Order.objects.all()");
      return [findingAt(queryset, { rule: "unused-eager-loading", queryset })];
    },
  });
  expect(diagnostics(project).get(viewsPath)).toMatchObject([{ code: "unused-eager-loading", related: [] }]);
});

test("after an edit to the queryset it is information, and says that it is not verified", () => {
  const project = shopProject(parser);
  project.edit(viewsPath, views.replace("Order.objects.all()", "Order.objects.filter(paid=True)"));
  const [diagnostic] = diagnostics(project).get(viewsPath) ?? [];
  expect(diagnostic?.severity).toBe("information");
  expect(diagnostic?.message).toBe(
    "100 of 100 orders each loaded customer. (Recorded before an edit in shop/views.py:5: not yet verified.)",
  );
  expect(diagnostic?.related).toEqual([]);
});

test("no line, no diagnostic", () => {
  const project = shopProject(parser);
  project.edit(viewsPath, views.replace("order.customer.name", "order.id"));
  expect(diagnostics(project).size).toBe(0);
});

test("a message from a trace stays one line of text", () => {
  const message = `\u202e[x](command:evil)\n\n${"y".repeat(5_000)}`;
  const project = shopProject(parser, {
    findings: (shop) => [findingAt(shop.placeOf(viewsPath, "order.customer"), { message })],
  });
  const [diagnostic] = diagnostics(project).get(viewsPath) ?? [];
  expect(diagnostic?.message).toMatch(/^\[x\]\(command:evil\) y+…$/);
  expect(diagnostic?.message).toHaveLength(1_000);
});

test("take the severities that a person sets, but no guess becomes more than a hint", () => {
  const severityOf = (severities: Severities, members: Partial<Finding> = {}) => {
    const project = shopProject(parser, {
      findings: (shop) => [findingAt(shop.placeOf(viewsPath, "order.customer"), members)],
    });
    return diagnostics(project, severities).get(viewsPath)?.[0]?.severity ?? "off";
  };
  expect(severityOf({ "n-plus-one": "error", "get-in-loop": "off" })).toBe("error");
  expect(severityOf({ "n-plus-one": "off" })).toBe("off");
  expect(severityOf({ "n-plus-one": "error" }, { severity: "hint" })).toBe("hint");
  expect(severityOf({ "n-plus-one": "error" }, { stale: true })).toBe("information");
  expect(severityOf({ "n-plus-one": "hint" }, { stale: true })).toBe("hint");
});
