import type { QuickFix } from "../features/action.ts";
import { codeActions, offeredFix } from "../features/codeAction.ts";
import { codeLenses } from "../features/codeLens.ts";
import { querysetOf } from "../features/firing.ts";
import { type MeasuredBefore, type Project, positionKey } from "../features/project.ts";
import { applyEdits, positionAfter } from "../text/edits.ts";
import type { Position, Range, TextEdit } from "../text/range.ts";
import { type Affected, affectedBy, affectedByFindings } from "./affected.ts";
import { type Comparison, compare, keepingCounts } from "./compare.ts";
import { newRunOf } from "./newRun.ts";
import { type Snapshot, snapshotBefore, snapshotOf } from "./snapshot.ts";

/** What an editor may ask to have verified. Paths are the project's. */
export type Target =
  | { readonly kind: "fix"; readonly findingIds: readonly string[]; readonly title: string | null }
  /** The first fix that is offered there. */
  | { readonly kind: "fix-at"; readonly path: string; readonly range: Range }
  /** No edit: the tests are run as the code stands. */
  | { readonly kind: "findings"; readonly findingIds: readonly string[] }
  | { readonly kind: "place"; readonly path: string; readonly range: Range };

/** What is changed, which tests tell whether it is right, and all that must be known of the time before. */
export interface Plan {
  /** "" where nothing is changed. */
  readonly title: string;
  readonly edits: readonly TextEdit[];
  /** It saves no query, but what each brings. */
  readonly keepsCounts: boolean;
  readonly tests: readonly string[];
  readonly before: Snapshot;
  readonly runs: ReadonlySet<string>;
  readonly lenses: readonly FileLenses[];
}

/** The lenses of a file before the edit. */
interface FileLenses {
  readonly path: string;
  readonly text: string;
  readonly lenses: readonly { readonly start: Position; readonly queries: number }[];
}

export interface Refusal {
  readonly refusal: string;
}

/** To be asked before the edit is made. */
export function planVerification(project: Project, target: Target): Plan | Refusal {
  if (target.kind === "fix" || target.kind === "fix-at") return planFix(project, target);
  const isPlace = target.kind === "place";
  const findingIds = isPlace ? [] : target.findingIds;
  const findings = project.findings().filter(({ id }) => findingIds.includes(id));
  const affected = isPlace
    ? affectedBy(project, [{ file: target.path, range: target.range, newText: "" }])
    : affectedByFindings(project, findings);
  if (affected.tests.length === 0)
    return { refusal: "No recorded test runs this code. Record the tests that do, first." };
  return planned(project, "", [], affected, findingIds, isPlace ? [target.path] : []);
}

function planFix(project: Project, target: Extract<Target, { readonly kind: "fix" | "fix-at" }>): Plan | Refusal {
  const action =
    target.kind === "fix"
      ? offeredFix(project, target.findingIds, target.title)
      : (codeActions(project, target.path, target.range, []).find(isVerifiable) ??
        codeActions(project, target.path, target.range, []).find(({ kind }) => kind === "withheld"));
  if (action === undefined || action === null) {
    const where =
      target.kind === "fix"
        ? "It is not offered any more: the code or its recording changed."
        : "No fix is offered here.";
    return { refusal: where };
  }
  if (action.kind === "withheld") return { refusal: `${action.title}: ${action.reason}` };
  const affected = affectedBy(project, action.edits);
  if (affected.tests.length === 0) {
    return {
      refusal:
        "No recorded test runs the code that this fix edits, so it cannot be verified. Record the tests that do, first.",
    };
  }
  const plan = planned(project, action.title, action.edits, affected, action.findingIds, []);
  return { ...plan, keepsCounts: action.keepsCounts ?? false };
}

function isVerifiable(action: ReturnType<typeof codeActions>[number]): action is QuickFix {
  return action.kind === "fix" && action.verifiable;
}

function planned(
  project: Project,
  title: string,
  edits: readonly TextEdit[],
  affected: Affected,
  findingIds: readonly string[],
  shown: readonly string[],
): Plan {
  const findings = project.findings().filter(({ id }) => findingIds.includes(id));
  const places = findings.flatMap((finding) => [...finding.fires, querysetOf(finding)]);
  const paths = [...shown, ...edits.map(({ file }) => file), ...places.flatMap((place) => place?.path ?? [])];
  return {
    title,
    edits,
    keepsCounts: false,
    tests: affected.tests,
    before: snapshotBefore(project, affected, edits.length === 0),
    runs: new Set(project.reader.summary().runs.map(({ id }) => id)),
    lenses: [...new Set(paths)].flatMap((path) => {
      const text = project.texts.read(path);
      const lenses = codeLenses(project, path).map(({ range, queries }) => ({ start: range.start, queries }));
      return text === null ? [] : [{ path, text, lenses }];
    }),
  };
}

export interface Outcome {
  /** The run that the tests made; null where they made none. */
  readonly run: string | null;
  readonly comparison: Comparison;
  /** By file, for the lenses: what its statements executed before, where that changed. */
  readonly measured: ReadonlyMap<string, ReadonlyMap<string, MeasuredBefore>>;
}

/** To be asked once the tests ran and what they recorded is read. `command`: the words that were recorded. */
export function verify(project: Project, plan: Plan, command: readonly string[]): Outcome {
  const run = newRunOf(project.reader.summary().runs, plan.runs, command);
  const after = run === null ? { scopes: [], outcomes: new Map() } : snapshotOf(project, run, plan.tests);
  const comparison = compare(plan.before, after, plan.tests);
  return {
    run,
    comparison: plan.keepsCounts ? keepingCounts(comparison) : comparison,
    measured: new Map(plan.lenses.map((file) => [file.path, measuredIn(project, file, plan.edits)])),
  };
}

function measuredIn(
  project: Project,
  { path, text, lenses }: FileLenses,
  edits: readonly TextEdit[],
): ReadonlyMap<string, MeasuredBefore> {
  const own = edits.filter(({ file }) => file === path);
  // Whoever typed on meanwhile has moved the statements.
  if (project.texts.read(path) !== applyEdits(text, own)) return new Map();
  const now = new Map(codeLenses(project, path).map(({ range, queries }) => [positionKey(range.start), queries]));
  return new Map(
    lenses.flatMap(({ start, queries }) => {
      const key = positionKey(positionAfter(text, own, start));
      const after = now.get(key);
      return after === undefined || after === queries ? [] : [[key, { before: queries, after }] as const];
    }),
  );
}
