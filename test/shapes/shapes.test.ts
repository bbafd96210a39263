import { spawnSync } from "node:child_process";
import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { querysetOf } from "../../server/src/features/firing.ts";
import type { Finding } from "../../server/src/insights/finding.ts";
import { createPythonParser } from "../../server/src/python/parser.ts";
import { openSession } from "../../server/src/session/openSession.ts";
import { built } from "../lsp/dist.ts";
import { demoFolder, record, type TestFolder, writeText } from "../lsp/projects.ts";
import { marksOf, moduleOf, projectFiles } from "./project.ts";
import { shapes as expressions } from "./shapes.ts";
import { travels } from "./travels.ts";

const shapes = [...expressions, ...travels];

interface State {
  readonly findings: readonly Finding[];
  /** By a shape's name, of its costliest request. */
  readonly queries: ReadonlyMap<string, number>;
  /** By a finding's id: why there is no edit; null where there is one. */
  readonly withheld: ReadonlyMap<string, string | null>;
}

let folder: TestFolder;
let before: State;
let after: State;
let fixed: ReadonlyMap<string, string>;

beforeAll(async () => {
  folder = demoFolder();
  const { root } = folder;
  for (const [path, text] of projectFiles(shapes)) writeText(root, path, text);
  appendFileSync(join(root, "config/urls.py"), 'urlpatterns.append(path("shapes/", include("shapes.urls")))\n');
  before = await recorded(root);
  const { status, stdout, stderr } = spawnSync(process.execPath, [built("cli.js"), "fix", root, "--all"], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`fix --all ended with ${status}:\n${stdout}${stderr}`);
  fixed = new Map(shapes.map(({ name }) => [name, readFileSync(join(root, `shapes/${name}.py`), "utf8")]));
  after = await recorded(root);
}, 180_000);
afterAll(() => folder.remove());

async function recorded(root: string): Promise<State> {
  await record(root, "pytest", "-q", "-p", "no:cacheprovider", "shapes");
  const session = await openSession(root, () => null, { parser: await createPythonParser(), watch: false });
  try {
    await session.refresh();
    const { project } = session;
    const findings = project.findings();
    const queries = new Map<string, number>();
    for (const scope of project.reader.scopes()) {
      const name = /^\/shapes\/(\w+)\//.exec(scope.path ?? "")?.[1];
      if (name !== undefined) queries.set(name, Math.max(scope.queries, queries.get(name) ?? 0));
    }
    const withheld = new Map(
      findings.map((finding) => {
        const result = project.fixFor([finding]);
        return [finding.id, result.ok ? null : result.withheld.reason];
      }),
    );
    return { findings, queries, withheld };
  } finally {
    await session.dispose();
  }
}

/** Of the queryset that stands in the shape's module, else of a request for the shape. */
function findingsOf(name: string, { findings }: State): readonly Finding[] {
  return findings.filter(
    (finding) =>
      querysetOf(finding)?.path === `shapes/${name}.py` || finding.evidence.scope.includes(`GET /shapes/${name}/`),
  );
}

function rangeOf(finding: Finding) {
  const placement = querysetOf(finding)?.placement;
  return placement === undefined || placement.state === "gone" ? null : placement.range;
}

describe.each(shapes.map((shape) => [shape.name, shape] as const))("%s", (name, shape) => {
  it("is found at the expression", () => {
    const ranges = new Set(findingsOf(name, before).map((finding) => JSON.stringify(rangeOf(finding))));
    const marks = marksOf(shape);
    expect([...ranges]).toEqual(marks.length === 0 ? ["null"] : marks.map((mark) => JSON.stringify(mark)));
  });

  if (typeof shape.edit === "string") {
    it("is left alone, and the reason is told", () => {
      for (const { id } of findingsOf(name, before)) expect(before.withheld.get(id)).toContain(shape.edit);
      expect(fixed.get(name)).toBe(moduleOf(shape));
    });
  } else {
    const { edit } = shape;
    it("is mended there, and nowhere else", () => {
      expect(fixed.get(name)).toBe(edit.reduce((text, [from, to]) => text.replace(from, to), moduleOf(shape)));
    });
  }

  it(`executes ${shape.queries[0]} queries, and ${shape.queries[1]} when it was mended`, () => {
    expect([before.queries.get(name), after.queries.get(name)]).toEqual(shape.queries);
  });

  it("is not found again where it was mended", () => {
    expect(findingsOf(name, after).length > 0).toBe(typeof shape.edit === "string");
  });
});
