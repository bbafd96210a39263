import type { Place } from "../correlate/correlation.ts";
import { comparePositions } from "../text/range.ts";
import type { QueryRow, Site } from "../trace/model.ts";
import type { Load } from "./evidence.ts";
import { placeKey } from "./identity.ts";
import type { Correlation, WrittenCall, WrittenChain } from "./ports.ts";
import { lazyMethods } from "./querysetExpression.ts";
import type { TraceFacts } from "./traceFacts.ts";

/**
 * Moves loads from a function that builds a queryset to the call of it whose rows are loaded one by one: where others read the same rows without
 * and must not pay for it, and where the only call goes on to change the queryset. Loads whose caller cannot be told stay where they are; what a
 * call beside them makes of the queryset is one of its own.
 */
export function atCallers(facts: TraceFacts, correlator: Correlation, loads: readonly Load[]): readonly Load[] {
  const byQueryset = Map.groupBy(loads, ({ queryset, names }) =>
    queryset === null || queryset.site.kind !== "python" ? "" : `${placeKey(queryset)} ${names.join("__")}`,
  );
  const moved = new Map<Load, BuilderCall>();
  for (const [key, group] of byQueryset) {
    if (key === "") continue;
    const called = group.flatMap((load) => callOf(facts, correlator, load) ?? []);
    const told = called.length === group.length ? called : called.filter(({ goesOn }) => goesOn !== null);
    if (belongsToCallers(facts, correlator, told)) for (const call of told) moved.set(call.load, call);
  }
  return loads.map((load) => {
    const call = moved.get(load);
    return call === undefined
      ? load
      : { ...load, queryset: call.place, builder: load.queryset, mayBeOther: !call.isQueryset };
  });
}

/** The call of the function that builds a load's queryset. */
interface BuilderCall {
  readonly load: Load;
  readonly place: Place;
  readonly goesOn: GoesOn | null;
  /** Whatever the function returns there can be changed as a queryset. */
  readonly isQueryset: boolean;
}

/** The user frame that called the function in which the row's queryset was built. */
export function callerOf(facts: TraceFacts, row: QueryRow): Site | null {
  const construction = facts.construction(row);
  if (construction === null || construction.chain === null) return null;
  const { chain } = construction;
  const stack = facts.stack(construction);
  const index = stack.findLastIndex(({ id }) => id === chain.id);
  return stack[index - 1] ?? null;
}

/** Rows whose queryset was built at the load's own place: where that is a call, by that call alone. */
export function builtAlike(
  facts: TraceFacts,
  correlator: Correlation,
  { queryset, builder }: Load,
): readonly QueryRow[] {
  if (queryset === null) return [];
  if (builder === null) return builtAt(facts, correlator, queryset);
  const key = placeKey(queryset);
  return builtAt(facts, correlator, builder).filter((row) => callerKey(facts, correlator, row) === key);
}

/** After an edit only some tests are repeated: what the others saw was recorded of another text, at the same place. */
function builtAt(facts: TraceFacts, correlator: Correlation, place: Place): readonly QueryRow[] {
  if (!facts.hasVersions(place.path)) return facts.builtAt(place.site);
  const key = placeKey(place);
  return correlator
    .sitesNow(place.path)
    .filter((other) => placeKey(other) === key)
    .flatMap(({ site }) => facts.builtAt(site));
}

function callerKey(facts: TraceFacts, correlator: Correlation, row: QueryRow): string | null {
  const caller = callerOf(facts, row);
  return caller === null ? null : placeKey(correlator.place(caller));
}

/** Some call of the builder brings rows of which none fires, or the only one changes the queryset further. */
function belongsToCallers(facts: TraceFacts, correlator: Correlation, told: readonly BuilderCall[]): boolean {
  const [first] = told;
  if (first === undefined) return false;
  const { load, goesOn } = first;
  const firing = new Set(told.map(({ load: { root } }) => callerKey(facts, correlator, root)));
  const others = builtAlike(facts, correlator, load).filter(
    (row) =>
      !firing.has(callerKey(facts, correlator, row)) &&
      (facts.instances(row) ?? 0) > 0 &&
      facts.isSelect(row) &&
      !facts.isTestsOwn(row),
  );
  return others.length > 0 || (firing.size === 1 && goesOn !== null);
}

/** `self.open_orders().filter(…)`, or `orders = self.open_orders()` and then `orders.filter(…)`. */
type GoesOn = "there" | "by name";

function goesOnAt(correlator: Correlation, place: Place, { chain, made }: CalledExpression): GoesOn | null {
  const next = chain.calls[chain.calls.indexOf(made) + 1];
  if (next !== undefined) return lazyMethods.has(next.name) ? "there" : null;
  const file = correlator.pythonFile(place.path);
  const name = chain.target?.text;
  if (file === null || name === undefined || !/^\w+$/.test(name)) return null;
  const code = file.statementAt(chain.range)?.qualname;
  const isOn = ({ root, rootCall, calls, range }: WrittenChain) =>
    root === name &&
    rootCall === null &&
    lazyMethods.has(calls[0]?.name ?? "") &&
    file.statementAt(range)?.qualname === code;
  return file.chainsIn({ start: chain.range.end, end: { line: Number.MAX_SAFE_INTEGER, character: 0 } }).some(isOn)
    ? "by name"
    : null;
}

/** Null where it is not sure that the call's value is that very queryset, still to be evaluated. */
function callOf(facts: TraceFacts, correlator: Correlation, load: Load): BuilderCall | null {
  const { root, queryset, evaluatedInside } = load;
  const caller = callerOf(facts, root);
  if (queryset === null || evaluatedInside || caller === null || caller.kind !== "python") return null;
  if (
    facts.tests.has(caller.path) ||
    facts
      .stack(root)
      .slice(0, -1)
      .some(({ id }) => id === caller.id)
  )
    return null;
  const place = correlator.place(caller);
  const called = calledExpression(correlator, place);
  const builder = functionAround(correlator, queryset);
  const isCalled = called !== null && called.made.name === builder?.split(".").at(-1);
  if (!isCalled || builder === undefined || isOverridden(called, caller, builder)) return null;
  // What goes on as a queryset there is one, whatever the function returns to others.
  const goesOn = goesOnAt(correlator, place, called);
  const isReturned = returnsIt(correlator, queryset, builder);
  if (!isReturned && (goesOn === null || !canReturnIt(correlator, queryset, builder))) return null;
  return { load, place, goesOn, isQueryset: isReturned || goesOn === "there" };
}

/** `self.get_queryset()` in a base class: other subclasses have querysets of other models pass there. */
function isOverridden({ chain, made }: CalledExpression, caller: Site, builder: string): boolean {
  const classOf = (qualname: string) => qualname.slice(0, Math.max(0, qualname.lastIndexOf(".")));
  const isOwn = (chain.root === "self" || chain.root === "cls") && chain.calls[0] === made;
  return isOwn && classOf(caller.qualname) !== classOf(builder);
}

interface CalledExpression {
  readonly chain: WrittenChain;
  readonly made: WrittenCall;
}

/** The call at a place, and the chain that it is a step of. */
export function calledExpression(correlator: Correlation, { path, placement, site }: Place): CalledExpression | null {
  if (placement.state === "gone" || site.column === null) return null;
  const chain = correlator.pythonFile(path)?.chainAt(placement.range) ?? null;
  const calls = chain === null ? [] : [...(chain.rootCall === null ? [] : [chain.rootCall]), ...chain.calls];
  const made = calls.find(({ expression }) => comparePositions(expression.end, placement.range.end) === 0);
  return chain === null || made === undefined ? null : { chain, made };
}

function functionAround(correlator: Correlation, { path, placement }: Place): string | null {
  if (placement.state === "gone") return null;
  return correlator.pythonFile(path)?.statementAt(placement.range)?.qualname ?? null;
}

/** The call at `place` has as its value the queryset that is written within the function that it calls. */
export function handsBack(correlator: Correlation, queryset: Place): boolean {
  const builder = functionAround(correlator, queryset);
  return builder !== null && returnsIt(correlator, queryset, builder);
}

/** The function's value is the queryset written there, or one made from it by methods that run nothing. */
function returnsIt(correlator: Correlation, { path, placement }: Place, builder: string): boolean {
  if (placement.state === "gone") return false;
  const chains = correlator.pythonFile(path)?.returnedChains(builder) ?? null;
  if (chains === null) return false;
  const isIt = ({ calls }: WrittenChain) =>
    calls.findIndex(({ expression }) => comparePositions(expression.end, placement.range.end) === 0);
  const own = chains.filter((chain) => isIt(chain) !== -1);
  return (
    own.length === 1 &&
    chains.every(({ calls, links, root }, index) => {
      const chain = chains[index];
      const after = chain === undefined ? -1 : isIt(chain);
      if (after === -1 && !/^\w+$/.test(root)) return false;
      const isOnlyCalls = links.at(-1)?.kind === "call";
      return isOnlyCalls && calls.slice(after + 1).every(({ name }) => lazyMethods.has(name));
    })
  );
}

/** Some of what the function returns is the queryset written there, or one made from it by methods that run nothing. */
function canReturnIt(correlator: Correlation, { path, placement }: Place, builder: string): boolean {
  if (placement.state === "gone") return false;
  const chains = correlator.pythonFile(path)?.returnedChains(builder, true) ?? [];
  return chains.some(({ calls }) => {
    const own = calls.findIndex(({ expression }) => comparePositions(expression.end, placement.range.end) === 0);
    return own !== -1 && calls.slice(own + 1).every(({ name }) => lazyMethods.has(name));
  });
}
