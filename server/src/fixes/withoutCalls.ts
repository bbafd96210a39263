import { removeCall } from "../python/chainRemovals.ts";
import type { Call, Chain } from "../python/chains.ts";
import type { PythonFile } from "../python/pythonFile.ts";
import type { Edit } from "../text/edits.ts";
import { isDjangos } from "./querysetCalls.ts";

/** The chain without some of a queryset's calls; `all()` in place of one where a manager would be left that is used as a queryset. */
export function withoutCalls(file: PythonFile, chain: Chain, calls: readonly Call[]): readonly Edit[] {
  const gone = new Set(calls.map(({ node }) => node));
  return calls.flatMap((call) => {
    const at = chain.links.findIndex(({ node }) => node === call.node);
    const before = chain.links[at - 1];
    const next = chain.links.slice(at + 1).find(({ node }) => !gone.has(node));
    const name = next?.kind === "call" ? next.name : "";
    // Managers have all that querysets have but this.
    const goesOn = isDjangos(name) && name !== "delete" && name !== "adelete";
    // Of neighbours that go, the first has `all()` in its place.
    const isQueryset = before?.kind === "call" || goesOn;
    return removeCall(file, chain, call, isQueryset ? "" : ".all()");
  });
}
