import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Finding } from "../../server/src/insights/finding.ts";
import { createPythonParser } from "../../server/src/python/parser.ts";
import { openSession } from "../../server/src/session/openSession.ts";
import type { Session } from "../../server/src/session/session.ts";
import { applyEdits } from "../../server/src/text/edits.ts";
import { demoFolder, recordWith, type TestFolder } from "../lsp/projects.ts";

/** With Django 6.1 or newer: `npm test -- shapes` makes it, where there is a Python for it. */
const python = process.env["QUERYSIGHT_TEST_PYTHON_NEWEST"] ?? "";

/** Faults of the demo by where they show: queries before, and once the first row that asks loads for all. */
const cases = [
  ["GET /orders/", 101, 2],
  ["GET /blog/feed.xml", 6, 2],
  ["shop/tests/test_services.py::PaymentReminderTests::test_everyone_who_is_late_gets_a_mail", 9, 2],
  // Session and user, the entries, and a query for each of the two models that they are about.
  ["GET /audit/", 9, 5],
] as const;

let folder: TestFolder;
let before: ReadonlyMap<string, number>;
let after: ReadonlyMap<string, number>;
let left: readonly Finding[];

async function recorded<T>(root: string, use: (session: Session) => T): Promise<T> {
  await recordWith(python, root, "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly");
  const session = await openSession(root, () => null, { parser: await createPythonParser(), watch: false });
  try {
    await session.refresh();
    return use(session);
  } finally {
    await session.dispose();
  }
}

function queriesOf({ project }: Session): ReadonlyMap<string, number> {
  const queries = new Map<string, number>();
  for (const { kind, method, route, test, phase, queries: count } of project.reader.scopes()) {
    const name = kind === "request" ? `${method} ${route}` : phase === "call" ? (test ?? "") : "";
    queries.set(name, Math.max(count, queries.get(name) ?? 0));
  }
  return queries;
}

function findingsAt(where: string, findings: readonly Finding[]): readonly Finding[] {
  return findings.filter(({ evidence: { scope } }) => scope === where || scope.startsWith(`${where} in `));
}

describe.skipIf(python === "")("fetch modes, on Django 6.1", () => {
  beforeAll(async () => {
    folder = demoFolder();
    const { root } = folder;
    const choices = await recorded(root, (session) => {
      before = queriesOf(session);
      return cases.map(([where]) => {
        const { project } = session;
        const fixes = findingsAt(where, project.findings()).flatMap((finding) => project.alternativesFor(finding));
        return fixes.find(({ title }) => title.includes("fetch_mode")) ?? null;
      });
    });
    const edits = choices.flatMap((fix) => fix?.edits ?? []);
    for (const [file, own] of Map.groupBy(edits, (edit) => edit.file)) {
      const path = join(root, file);
      writeFileSync(path, applyEdits(readFileSync(path, "utf8"), own));
    }
    await recorded(root, (session) => {
      after = queriesOf(session);
      left = session.project.findings();
    });
  }, 180_000);
  afterAll(() => folder.remove());

  it.each(cases)("%s: %i queries, and then %i", (where, many, few) => {
    expect([before.get(where), after.get(where)]).toEqual([many, few]);
  });

  it.each(cases)("%s is not found again", (where) => {
    expect(findingsAt(where, left)).toEqual([]);
  });
});
