import { beforeAll, expect, test } from "vitest";
import { findingAt } from "../features/testing.ts";
import { shopProject, template, templatePath, views, viewsPath } from "../features/testingShop.ts";
import { createPythonParser, type PythonParser } from "../python/parser.ts";
import { withoutIgnoredLines } from "./ignoreComments.ts";

let parser: PythonParser;
beforeAll(async () => {
  parser = await createPythonParser();
});

/** Places of what is left where a comment stands behind, or on a line of its own above, the line with `piece`. */
function left(path: string, piece: string, comment: string, where: "behind" | "above" = "behind") {
  const text = path === viewsPath ? views : template;
  const lines = text.split("\n").flatMap((line) => {
    if (!line.includes(piece)) return [line];
    return where === "behind" ? [`${line}  ${comment}`] : [`    ${comment}`, "    # and why", line];
  });
  const project = shopProject(parser, {
    files: { [viewsPath]: views, [templatePath]: template, [path]: lines.join("\n") },
  });
  const inView = project.placeOf(viewsPath, "order.customer");
  const inTemplate = project.placeOf(templatePath, "{{ order.address.city }}");
  const queryset = project.placeOf(viewsPath, "Order.objects.all()");
  const finding = findingAt(inView, { fires: [inView, inTemplate], queryset });
  return withoutIgnoredLines([finding], project.texts).map(({ at, fires }) => [at.path, fires.length]);
}

const whole = [[viewsPath, 2]];

test("silences the finding at its queryset, the place where it fires", () => {
  expect(left(viewsPath, "Order.objects.all()", "# querysight: ignore")).toEqual([]);
  expect(left(viewsPath, "order.customer", "# querysight: ignore")).toEqual([[templatePath, 1]]);
  expect(left(templatePath, "order.address.city", "{# querysight: ignore #}")).toEqual([[viewsPath, 1]]);
  expect(left(viewsPath, "Order.objects.all()", "# querysight: ignore", "above")).toEqual([]);
});

test("concerns the rules that it names", () => {
  expect(
    left(viewsPath, "Order.objects.all()", "# noqa  # querysight:ignore[get-in-loop, n-plus-one] one a day"),
  ).toEqual([]);
  expect(left(viewsPath, "Order.objects.all()", "# querysight: ignore[get-in-loop]")).toEqual(whole);
  expect(left(viewsPath, "Order.objects.all()", "# querysight: ignored")).toEqual(whole);
  expect(left(viewsPath, "return", "# querysight: ignore")).toEqual(whole);
  expect(left(viewsPath, "Order.objects.all()", '; print("# querysight: ignore")')).toEqual(whole);
});
