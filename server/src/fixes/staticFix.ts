import { withoutImplied } from "../insights/eagerLookup.ts";
import type { Advice, EagerLoad } from "../insights/finding.ts";
import type { PythonFile } from "../python/pythonFile.ts";
import type { StaticFinding } from "../static/staticFinding.ts";
import { comparePositions } from "../text/range.ts";
import { addEagerLoading } from "./eagerLoading.ts";
import type { FixResult } from "./fix.ts";
import { eagerCalls, pathsOf } from "./lookupWords.ts";
import { writtenObstacle } from "./obstacles.ts";
import { querysetPart } from "./querysetCalls.ts";

/**
 * One edit for what reading alone found at one queryset, which stands in this file. What a recording would tell (other rows that pass there, counts
 * that tests assert) is not known, so "fix all" never comes here.
 */
export function staticFixFor(findings: readonly StaticFinding[], file: PythonFile): FixResult {
  const remedies = findings.map(({ remedy }) => remedy);
  const loads = remedies.filter((remedy) => remedy.kind === "eager-load");
  const [first] = loads;
  if (first === undefined) return withheld(adviceOf(remedies));
  const { path, placement } = first.chain;
  const chain = placement.state === "gone" ? null : file.chainAt(placement.range);
  const isIt =
    chain !== null && placement.state !== "gone" && comparePositions(chain.range.start, placement.range.start) === 0;
  const made = isIt ? chain.links.find(({ kind }) => kind === "call") : undefined;
  const part = chain === null || made === undefined ? null : querysetPart(chain, made.expression, () => false);
  if (chain === null || part === null)
    return withheld(`The queryset in ${path} was edited: it is read again in a moment.`);
  const lookups = withoutImplied(loads.flatMap((remedy) => remedy.lookups));
  const obstacle = writtenObstacle(chain, part, lookups);
  if (obstacle !== null) return withheld(obstacle);
  const edits = addEagerLoading(file, chain, part, lookups);
  if (edits.length === 0) return withheld(`The queryset in ${path} names ${pathsOf(lookups)} already.`);
  return {
    ok: true,
    fix: {
      title: `Add ${eagerCalls(lookups)} in ${path}`,
      safety: "safe",
      edits: edits.map((edit) => ({ file: path, ...edit })),
    },
  };
}

function adviceOf(remedies: readonly (EagerLoad | Advice)[]): string {
  const texts = remedies.flatMap((remedy) => (remedy.kind === "advice" ? [remedy.text] : []));
  return [...new Set(texts)].join(" ");
}

function withheld(reason: string): FixResult {
  return { ok: false, withheld: { reason } };
}
