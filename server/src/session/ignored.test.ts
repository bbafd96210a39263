import { beforeAll, expect, test } from "vitest";
import { findingAt, type TestProject } from "../features/testing.ts";
import { shopProject, templatePath, testPath, viewsPath } from "../features/testingShop.ts";
import type { FixResult } from "../fixes/fix.ts";
import type { Finding } from "../insights/finding.ts";
import { matcher } from "../project/globs.ts";
import { createPythonParser } from "../python/parser.ts";
import { sparingIgnored, withoutIgnored } from "./ignored.ts";

let project: TestProject;
let findings: readonly Finding[];
beforeAll(async () => {
  project = shopProject(await createPythonParser());
  const inView = project.placeOf(viewsPath, "order.customer");
  const inTemplate = project.placeOf(templatePath, "{{ order.address.city }}");
  const queryset = project.placeOf(viewsPath, "Order.objects.all()");
  findings = [
    findingAt(inView, { id: "happens" }),
    findingAt(inTemplate, { id: "built", queryset }),
    findingAt(inTemplate, { id: "cured", remedy: { kind: "eager-load", chain: queryset, builder: null, lookups: [] } }),
    findingAt(inTemplate, { id: "elsewhere" }),
  ];
});

const left = (...patterns: string[]) => withoutIgnored(findings, matcher(patterns)).map(({ id }) => id);

test("findings that happen or are cured in an ignored file are left out", () => {
  expect(left(viewsPath)).toEqual(["elsewhere"]);
  expect(left(templatePath)).toEqual(["happens"]);
  expect(left("legacy/**")).toEqual(["happens", "built", "cured", "elsewhere"]);
});

test("no fix edits an ignored file", () => {
  const range = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };
  const edits = [viewsPath, testPath].map((file) => ({ file, range, newText: "x" }));
  const fix: FixResult = { ok: true, fix: { title: "Add it", safety: "safe", edits } };
  expect(sparingIgnored(fix, matcher([testPath]))).toEqual({
    ok: false,
    withheld: { reason: "It would edit shop/tests.py, which the settings ignore." },
  });
  expect(sparingIgnored(fix, matcher(["legacy/**"]))).toBe(fix);
});
