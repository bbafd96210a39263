import type { Place } from "../correlate/correlation.ts";
import { Correlator } from "../correlate/correlator.ts";
import type { Fix, FixResult } from "../fixes/fix.ts";
import { guardFor } from "../fixes/guard.ts";
import { staticFixFor } from "../fixes/staticFix.ts";
import type { Finding } from "../insights/finding.ts";
import type { PythonParser } from "../python/parser.ts";
import type { StaticFinding } from "../static/staticFinding.ts";
import { textAt } from "../text/testing.ts";
import type { Run, TraceReader } from "../trace/model.ts";
import { MemoryRuns, openMemoryTrace, type SegmentBuilder } from "../trace/testing.ts";
import type { Project } from "./project.ts";

/** A project in memory: real ingest, real correlation, and findings as the test gives them. */
export interface TestProject extends Project {
  /** What a person types. */
  edit(path: string, text: string): void;
  /** Another run comes to its end. */
  record(segment: SegmentBuilder, manifest: Partial<Run>): void;
  /** The place of a recorded piece of code, as it stands now. */
  placeOf(path: string, code: string): Place;
}

export interface TestProjectOptions {
  readonly parser: PythonParser;
  readonly segments: readonly SegmentBuilder[];
  /** Today's texts, by path. */
  readonly files: Readonly<Record<string, string>>;
  readonly findings?: (project: TestProject) => readonly Finding[];
  readonly staticFindings?: readonly StaticFinding[];
  readonly fixFor?: (findings: readonly Finding[]) => FixResult;
  readonly alternativesFor?: (finding: Finding) => readonly Fix[];
}

export function createTestProject({
  parser,
  segments,
  files,
  findings,
  staticFindings = [],
  fixFor,
  alternativesFor,
}: TestProjectOptions): TestProject {
  const texts = new Map(Object.entries(files));
  const source = { read: (path: string) => texts.get(path) ?? null, version: 0 };
  const runs = new MemoryRuns();
  for (const segment of segments) runs.add(segment).describe(segment.run, { state: "complete" });
  const trace = openMemoryTrace(runs);
  const reader: TraceReader = trace.reader;
  const correlator = new Correlator(reader, source, parser);
  // A finding that names no loads is shown by those that stand where it does.
  const shown = (finding: Finding): Finding => {
    if (finding.shownBy.size > 0) return finding;
    const here = reader.rowsThrough([finding.at.site.id]).filter(({ parentId }) => parentId !== null);
    return { ...finding, shownBy: new Set(here.map(({ id }) => id)) };
  };
  const found = () => (findings?.(project) ?? []).map(shown);
  const project: TestProject = {
    name: "shop",
    reader,
    correlator,
    texts: source,
    findings: found,
    asFound: found,
    placeNow: (place) => place,
    staticFindings: () => staticFindings,
    staticFixFor: (wanted) => {
      const [file] = wanted.map(({ at }) => correlator.pythonFile(at.path));
      return staticFixFor(wanted, file ?? parser.parse(""));
    },
    fixFor: fixFor ?? (() => ({ ok: false, withheld: { reason: "This test has no fixes." } })),
    alternativesFor: alternativesFor ?? (() => []),
    guardFor: (scopeId) => guardFor(scopeId, { reader, correlator }),
    measuredBefore: () => new Map(),
    edit: (path, text) => {
      texts.set(path, text);
      source.version += 1;
    },
    record: (segment, manifest) => {
      runs.add(segment).describe(segment.run, manifest);
      trace.refresh();
    },
    placeOf: (path, code) => {
      const place = correlator.sitesNow(path).find(({ site, placement }) => {
        const text = reader.text(site.fileId) ?? "";
        if (placement.state === "gone") return recordedLine(text, site.line).includes(code);
        return textAt(texts.get(path) ?? "", placement.range) === code;
      });
      if (place === undefined) throw new Error(`No site stands at ${JSON.stringify(code)} in ${path}.`);
      return place;
    },
  };
  return project;
}

/** A finding with sensible members, for tests that care about a few of them. */
export function findingAt(at: Place, members: Partial<Finding> = {}): Finding {
  return {
    id: "n1-0001",
    rule: "n-plus-one",
    severity: "warning",
    confidence: "likely",
    stale: false,
    message: "100 of 100 orders each loaded customer.",
    at,
    fires: [at],
    queryset: null,
    evidence: { scope: "GET /orders/", scopeId: 1, queries: 101, instances: 100, rows: 100, sumNs: 12_100_000 },
    shownBy: new Set(),
    coveringTests: ["shop/tests.py::test_list"],
    remedy: { kind: "advice", text: "Load them together." },
    alternatives: [],
    ...members,
  };
}

function recordedLine(text: string, line: number): string {
  return text.split("\n")[line - 1] ?? "";
}
