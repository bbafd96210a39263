import { beforeAll, describe, expect, test } from "vitest";
import { createPythonParser, type PythonParser } from "../python/parser.ts";
import { applyEdits } from "../text/edits.ts";
import { rangeOf } from "../text/testing.ts";
import { guardAction } from "./guardAction.ts";
import { shopProject, shopSegment, template, templatePath, testPath, tests, views, viewsPath } from "./testingShop.ts";

let parser: PythonParser;
beforeAll(async () => {
  parser = await createPythonParser();
});

describe("a guard for what runs through a line", () => {
  test.each([
    ["the request", testPath, tests, "client.get"],
    ["the queryset", viewsPath, views, "Order.objects.all()"],
    ["the loop", viewsPath, views, "for order"],
    ["the template's tag", templatePath, template, "for order in orders"],
  ])("%s", (_, path, text, code) => {
    const guard = guardAction(shopProject(parser), path, rangeOf(text, code));
    expect(guard?.title).toBe("Assert 202 queries of GET /orders/ in shop/tests.py:2");
    expect(applyEdits(tests, guard?.edits ?? [])).toBe(
      'def test_list(client, django_assert_num_queries):\n    with django_assert_num_queries(202):\n        client.get("/orders/")\n',
    );
  });

  test("none where nothing was recorded, or what was takes none", () => {
    expect(guardAction(shopProject(parser), viewsPath, rangeOf(views, "import Order"))).toBeNull();
    const project = shopProject(parser);
    project.edit(viewsPath, views.replace("Order.objects.all()", "Order.objects.few()"));
    expect(guardAction(project, testPath, rangeOf(tests, "client.get"))).toBeNull();
  });

  test("none where the number differs between two runs of the same code", () => {
    const twice = (customers: number) => {
      const project = shopProject(parser);
      project.record(shopSegment({ run: "20260201T000000Z-1-bbbb", customers }), { state: "complete" });
      const [scope] = project.reader.scopes();
      return project.guardFor(scope?.id ?? 0);
    };
    expect(twice(100).ok).toBe(true);
    expect(twice(99)).toEqual({
      ok: false,
      withheld: {
        reason:
          "The number differs from run to run: shop/tests.py:2 executed 202 queries, then 201, with no edit between.",
      },
    });
  });
});
