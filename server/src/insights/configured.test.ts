import { expect, test } from "vitest";
import type { Place } from "../correlate/correlation.ts";
import { configured } from "./configured.ts";
import type { Finding } from "./finding.ts";
import type { RuleSettings } from "./rules.ts";

const place = (path: string) => ({ path }) as Place;

/** The severity that is left of a warning of 101 queries in a template, cured in the reports' views; null where none is. */
function severity(settings: RuleSettings, members: Partial<Finding> = {}): string | null {
  const finding = {
    rule: "n-plus-one",
    severity: "warning",
    at: place("templates/list.html"),
    queryset: place("reports/views.py"),
    evidence: { queries: 101 },
    ...members,
  } as Finding;
  return configured(finding, settings)?.severity ?? null;
}

const within = (folder: string) => (path: string) => path.startsWith(folder);

test("a rule's own severity holds where nothing else is said", () => {
  expect(severity({})).toBe("warning");
  expect(severity({ rules: { "get-in-loop": { severity: "off" } } })).toBe("warning");
});

test("the project's severity holds, but a suspicion stays a hint", () => {
  const rules = { "n-plus-one": { severity: "error" } } as const;
  expect(severity({ rules })).toBe("error");
  expect(severity({ rules }, { severity: "hint" })).toBe("hint");
  expect(severity({ rules: { "n-plus-one": { severity: "off" } } }, { severity: "hint" })).toBeNull();
});

test("fewer queries than are worth telling are left out", () => {
  expect(severity({ rules: { "n-plus-one": { minQueries: 101 } } })).toBe("warning");
  expect(severity({ rules: { "n-plus-one": { minQueries: 102 } } })).toBeNull();
});

test("what is said of some files counts for more, the last of it most", () => {
  const rules = { "n-plus-one": { severity: "error", minQueries: 5 } } as const;
  const off = { matches: within("reports/"), rules: { "n-plus-one": { severity: "off" } } } as const;
  const hint = { matches: within("templates/"), rules: { "n-plus-one": { severity: "hint" } } } as const;
  expect(severity({ rules, perPath: [{ ...off, matches: within("legacy/") }] })).toBe("error");
  expect(severity({ rules, perPath: [hint, off] })).toBeNull();
  expect(severity({ rules, perPath: [off, hint] })).toBe("hint");
  expect(severity({ rules, perPath: [off, hint] }, { evidence: { queries: 4 } as Finding["evidence"] })).toBeNull();
});
