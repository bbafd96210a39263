import { realpathSync } from "node:fs";
import { formatQuantity } from "../features/format.ts";
import { oneLine } from "../features/untrusted.ts";
import { commandFor } from "../recording/chooseCommand.ts";
import { interpreterOf, ownInterpreters } from "../recording/interpreters.ts";
import { recordWords } from "../recording/recordWords.ts";
import { projectFacts } from "../recording/testCommand.ts";
import type { Session } from "../session/session.ts";
import { type Affected, affectedBy } from "../verify/affected.ts";
import { type Comparison, compare, keepingCounts } from "../verify/compare.ts";
import { comparisonText } from "../verify/comparisonText.ts";
import { newRunOf } from "../verify/newRun.ts";
import { type Snapshot, snapshotBefore, snapshotOf } from "../verify/snapshot.ts";
import { applyFixes, printApplied, restoreFiles } from "./applyFixes.ts";
import type { Planned } from "./planFixes.ts";
import type { Printer } from "./reportCommand.ts";
import type { TestRunner } from "./testRunner.ts";

export interface VerifyOptions {
  /** The interpreter that was asked for; null for the project's. */
  readonly python: string | null;
  /** Edits stay whatever the tests say. */
  readonly keep: boolean;
}

/** What came of applying fixes and running the tests that execute them. */
export type Verified =
  /** Nothing was changed: in words, why not. */
  | { readonly kind: "refused"; readonly why: "no-tests" | "no-command"; readonly reason: string }
  /** Some file could not be written, and the others are again what they were. */
  | { readonly kind: "unwritten" }
  | {
      readonly kind: "ran";
      /** Null where the tests could not be started, or were interrupted. */
      readonly comparison: Comparison | null;
      readonly cancelled: boolean;
      /** Why they could not be started. */
      readonly reason: string | null;
      /** What the tests printed last. */
      readonly output: string;
      /** Whose edits stand. */
      readonly applied: readonly Planned[];
      /** Whose edits were taken back. */
      readonly undone: readonly Planned[];
      readonly restored: readonly string[];
    };

/**
 * Applies the fixes, runs every recorded test that executes an edited statement, and takes back those that break one. Fixes that no broken
 * test executes are then tried again by themselves.
 */
export async function verifyFixes(
  session: Session,
  planned: readonly Planned[],
  { python, keep }: VerifyOptions,
  runner: TestRunner,
  printer: Printer,
): Promise<Verified> {
  const { project } = session;
  // As manifests name it.
  const root = realpathSync(session.root);
  const affected = new Map(planned.map((fix) => [fix, affectedBy(project, fix.fix.edits)]));
  const unseen = planned.filter((fix) => affected.get(fix)?.tests.length === 0);
  if (unseen.length > 0) {
    const titles = unseen.map(({ fix }) => oneLine(fix.title)).join("; ");
    const why = "no recorded test runs the code that it edits, so it cannot be verified";
    return { kind: "refused", why: "no-tests", reason: `${titles}: ${why}. Apply it without --verify.` };
  }
  const all = together(planned, affected);
  const interpreter = chooseInterpreter(session, root, python, runner);
  const before = snapshotBefore(project, all);

  let remaining = planned;
  let restored: readonly string[] = [];
  for (;;) {
    const { tests } = together(remaining, affected);
    const command = commandFor(tests, {
      setting: "",
      runs: project.reader.summary().runs,
      root,
      python: interpreter,
      pythonAsked: python !== null,
      facts: projectFacts((name) => runner.read(root, name)),
      exists: (path) => runner.exists(root, path),
    });
    if (command === null) {
      return { kind: "refused", why: "no-command", reason: unknownCommand };
    }
    const written = applyFixes(session, remaining);
    if (!printApplied(remaining, written, printer)) {
      restoreFiles(root, written, printer);
      return { kind: "unwritten" };
    }
    printer.err(
      `Running ${formatQuantity(tests.length, "test")} under the recorder: ${oneLine(command.join(" "), 500)}\n`,
    );
    const known = new Set(project.reader.summary().runs.map(({ id }) => id));
    const end = await runner.run(interpreter, recordWords(command, { parameters: true, root }), root);
    await session.refresh();
    const made = newRunOf(project.reader.summary().runs, known, command);
    const compared = end.kind === "ended" ? comparisonOf(session, made, before, tests) : null;
    const isAlike = remaining.every(({ fix }) => fix.keepsCounts ?? false);
    const comparison = compared !== null && isAlike ? keepingCounts(compared) : compared;
    const stands = keep || (comparison !== null && comparison.verdict !== "broken" && comparison.verdict !== "not-run");
    const ran = {
      kind: "ran",
      comparison,
      cancelled: end.kind === "cancelled",
      reason: end.kind === "not-started" ? `${interpreter} could not be started: ${end.reason}` : null,
      output: end.kind === "not-started" ? "" : end.output,
    } as const;
    if (stands) return { ...ran, applied: remaining, undone: without(planned, remaining), restored };

    restored = restoreFiles(session.root, written, printer);
    // What the edited code executed says nothing of the code as it was.
    if (made !== null && restored.length === written.length) runner.discard(root, made);
    session.filesChanged();
    await session.refresh();
    const broken = new Set(comparison?.broken.map(({ test }) => test));
    const innocent = remaining.filter((fix) => !affected.get(fix)?.tests.some((test) => broken.has(test)));
    const isHopeless = broken.size === 0 || innocent.length === 0 || innocent.length === remaining.length;
    if (isHopeless || restored.length < written.length) return { ...ran, applied: [], undone: planned, restored };
    if (comparison !== null) printer.out(`${comparisonText(comparison).headline}\n`);
    remaining = innocent;
  }
}

const unknownCommand =
  "nothing tells how this project's tests are run one by one: there is no pytest configuration, no manage.py, and no recorded command that takes the names of tests.";

function comparisonOf(
  { project }: Session,
  run: string | null,
  before: Snapshot,
  tests: readonly string[],
): Comparison {
  const after = run === null ? { scopes: [], outcomes: new Map() } : snapshotOf(project, run, tests);
  return compare(before, after, tests);
}

function together(fixes: readonly Planned[], affected: ReadonlyMap<Planned, Affected>): Affected {
  const each = fixes.flatMap((fix) => affected.get(fix) ?? []);
  return {
    scopes: new Set(each.flatMap(({ scopes }) => [...scopes])),
    tests: [...new Set(each.flatMap(({ tests }) => tests))].sort(),
  };
}

function without(all: readonly Planned[], some: readonly Planned[]): readonly Planned[] {
  return all.filter((fix) => !some.includes(fix));
}

/** As the editor does, but for its setting and its Python extension: the one asked for, the recorded command's, the project's own. */
function chooseInterpreter({ project }: Session, root: string, asked: string | null, runner: TestRunner): string {
  if (asked !== null) return asked;
  const recorded = project.reader
    .summary()
    .runs.filter((run) => run.root === root)
    .flatMap(({ command }) => interpreterOf(command) ?? []);
  const candidates = [...recorded, ...ownInterpreters(root, process.platform)];
  return candidates.find((file) => runner.exists(root, file)) ?? "python3";
}
