import type {
  FileEdit,
  VerificationParams,
  VerificationPlan,
  VerificationResult,
  VerificationResultParams,
} from "../protocol.ts";
import type { Session } from "../session/session.ts";
import { inverseEdits } from "../text/edits.ts";
import { comparisonText } from "../verify/comparisonText.ts";
import { lastLines } from "../verify/lastLines.ts";
import { type Plan, planVerification, type Target, verify } from "../verify/plan.ts";
import type { Addresses } from "./convert.ts";

/** Plans whose tests may still be running; the oldest is forgotten, as a client may never come back. */
const keptPlans = 8;
const shownLines = 20;

/** What clients have begun to verify: each plan waits for the result of its tests. */
export class Verifications {
  readonly #plans = new Map<number, { readonly session: Session; readonly plan: Plan }>();
  #last = 0;

  /** @param path the project's path of the document that the parameters name; "" for its folder */
  plan(session: Session, path: string, { target }: VerificationParams, addresses: Addresses): VerificationPlan {
    const plan = planVerification(session.project, within(path, target));
    if ("refusal" in plan) return { kind: "refused", message: plan.refusal };
    this.#last += 1;
    this.#plans.set(this.#last, { session, plan });
    const [oldest] = this.#plans.keys();
    if (oldest !== undefined && this.#plans.size > keptPlans) this.#plans.delete(oldest);
    const { runs } = session.project.reader.summary();
    return {
      kind: "planned",
      id: this.#last,
      title: plan.title,
      files: fileEdits(session, plan, addresses),
      tests: plan.tests,
      root: session.root,
      runs: runs.map(({ id, state, command, root }) => ({ id, state, command, root })),
    };
  }

  /** Reads what was recorded since, and compares. */
  async result({ id, command, output }: VerificationResultParams): Promise<VerificationResult> {
    const known = this.#plans.get(id);
    if (known === undefined) return forgotten;
    this.#plans.delete(id);
    const { session, plan } = known;
    await session.refresh();
    session.filesChanged();
    await session.settled();
    const { run, comparison, measured } = verify(session.project, plan, command);
    if (comparison.verdict !== "broken") for (const [path, counts] of measured) session.remember(path, counts);
    const isWrong = comparison.verdict === "broken" || comparison.verdict === "not-run";
    return {
      verdict: comparison.verdict,
      ...comparisonText(comparison),
      output: isWrong ? lastLines(output, shownLines) : [],
      run,
    };
  }
}

const forgotten: VerificationResult = {
  verdict: "unknown",
  headline: "The language server was started anew meanwhile, and does not know what was executed before.",
  details: [],
  output: [],
  run: null,
};

function within(path: string, target: VerificationParams["target"]): Target {
  return target.kind === "fix-at" || target.kind === "place" ? { ...target, path } : target;
}

function fileEdits({ project }: Session, { edits }: Plan, { uriOf, versionOf }: Addresses): readonly FileEdit[] {
  return [...Map.groupBy(edits, ({ file }) => file)].map(([file, group]) => {
    const own = group.map(({ range, newText }) => ({ range, newText }));
    return {
      uri: uriOf(file),
      version: versionOf(file),
      edits: own,
      undo: inverseEdits(project.texts.read(file) ?? "", own),
    };
  });
}
