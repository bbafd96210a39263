import { type Loaded, loadedBehind, nothingLoaded, together } from "./loaded.ts";
import type { ModelRef, Models } from "./models.ts";
import type { ChainFacts } from "./moduleFacts.ts";
import type { ClassRef, FunctionRef } from "./modules.ts";

/** What a manager's querysets are, as far as the project's own classes say. */
export interface Manager {
  /** What its querysets load along from the start. */
  readonly loaded: Loaded;
  /** What a method of the project's own does to a queryset; null where it cannot be told, or there is none. */
  method(name: string, loaded: Loaded): Loaded | null;
}

const makesManager = /Manager\b|QuerySet|as_manager\(/;
/** Methods that call each other in circles are given up. */
const deepest = 8;

/** The manager that a model has under a name (`objects`); null where it cannot be told what it is. */
export function managerNamed(models: Models, model: ModelRef, name: string): Manager | null {
  if (model.own === null) return plain;
  const lineage = models.ownLineage(model.own);
  const owner = lineage.find(({ facts }) => facts.members.has(name));
  if (owner === undefined) return name === "objects" ? plain : null;
  const call = owner.facts.calls.get(name);
  return call === undefined || !makesManager.test(call.text) ? null : managerOf(models, owner.path, call.text);
}

/** The manager that related managers of a model are made of. */
export function defaultManager(models: Models, model: ModelRef): Manager | null {
  if (model.own === null) return plain;
  for (const { facts, path } of models.ownLineage(model.own)) {
    const named = facts.meta.get("default_manager_name")?.replace(/^["']|["']$/g, "");
    const calls = named === undefined ? [...facts.calls.values()] : [facts.calls.get(named)];
    const call = calls.find((each) => each !== undefined && makesManager.test(each.callee));
    if (call !== undefined) return managerOf(models, path, call.text);
  }
  return plain;
}

const plain: Manager = { loaded: nothingLoaded, method: () => null };

/** The rows that a function of the project's own returns, and what comes along with them; null where that cannot be told. */
export function returnedRows(
  models: Models,
  { path, returns }: FunctionRef,
): { readonly model: ModelRef; readonly loaded: Loaded } | null {
  let model: ModelRef | null = null;
  let loaded = nothingLoaded;
  for (const chain of returns ?? []) {
    const [, owner = "", name = ""] = /^([\w.]+)\.(\w+)$/.exec(chain.root) ?? [];
    const own = owner === "" ? null : models.named(path, owner);
    const manager = own === null ? null : managerNamed(models, own, name);
    // Chains on a local name go on from the others.
    const isOnward = /^\w+$/.test(chain.root) && chain.root !== "self";
    if (!chain.endsInCall || (manager === null && !isOnward)) return null;
    if (own !== null && model !== null && (own.name !== model.name || own.own?.path !== model.own?.path)) return null;
    model = own ?? model;
    let next: Loaded | null = together(loaded, manager?.loaded ?? nothingLoaded);
    for (const call of chain.calls) {
      const before: Loaded = next;
      next = loadedBehind(before, call) ?? manager?.method(call.name, before) ?? null;
      if (next === null) return null;
    }
    loaded = together(loaded, next);
  }
  return model === null ? null : { model, loaded };
}

function managerOf(models: Models, path: string, text: string): Manager | null {
  const classes = classesIn(models, path, text.replace(/\(\)$/, ""), 0);
  if (classes === null) return null;
  const all = classes.flatMap((each) => models.ownLineage(each));
  const own = new OwnManager(all);
  const loaded = own.initial();
  return loaded === null ? null : { loaded, method: (name, before) => own.apply(name, before, 0) };
}

/** The project's classes that an expression for a manager's class is made of; null where one cannot be found. */
function classesIn(models: Models, path: string, text: string, depth: number): readonly ClassRef[] | null {
  const mixed = /^([\w.]+)\.(?:from_queryset|as_manager)(?:\(([\w.]*)(?:,.*)?\))?(?:\(\))?$/.exec(text);
  const names = mixed === null ? [text] : [mixed[1] ?? "", mixed[2] ?? ""].filter((name) => name !== "");
  const found: ClassRef[] = [];
  for (const name of names) {
    const value = models.modules.facts(path)?.values.get(name);
    if (value !== undefined) {
      const inner = depth < deepest ? classesIn(models, path, value, depth + 1) : null;
      if (inner === null) return null;
      found.push(...inner);
      continue;
    }
    const resolved = models.modules.resolve(path, name);
    if (resolved === null) return null;
    if (resolved.kind !== "class") continue;
    found.push(resolved);
    // `class OrderManager(models.Manager.from_queryset(OrderQuerySet))`
    for (const base of resolved.facts.bases.filter((each) => each.includes("("))) {
      const inner = depth < deepest ? classesIn(models, resolved.path, base, depth + 1) : null;
      if (inner === null) return null;
      found.push(...inner);
    }
  }
  return found;
}

class OwnManager {
  readonly #classes: readonly ClassRef[];

  constructor(classes: readonly ClassRef[]) {
    this.#classes = classes;
  }

  initial(): Loaded | null {
    const owner = this.#classes.find(({ facts }) => facts.members.has("get_queryset"));
    if (owner === undefined) return nothingLoaded;
    const chains = owner.facts.returns.get("get_queryset") ?? null;
    if (chains === null) return null;
    // A queryset of its own class, or what the base makes, from which it goes on.
    return this.#all(chains, nothingLoaded, 0, ({ root }) => /^(?:super\(\)|self|)$|^\w*QuerySet\(/.test(root));
  }

  apply(name: string, before: Loaded, depth: number): Loaded | null {
    const owner = this.#classes.find(({ facts }) => facts.members.has(name));
    const chains = owner?.facts.returns.get(name) ?? null;
    if (chains === null || depth > deepest) return null;
    return this.#all(chains, before, depth, ({ root }) => root === "self");
  }

  /** What all of them load; null where one cannot be told. */
  #all(
    chains: readonly ChainFacts[],
    before: Loaded,
    depth: number,
    startsHere: (chain: ChainFacts) => boolean,
  ): Loaded | null {
    let all: Loaded = before;
    for (const chain of chains) {
      // Chains on a local name go on from the others.
      if (!chain.endsInCall || (!startsHere(chain) && !/^\w+$/.test(chain.root))) return null;
      let loaded: Loaded | null = before;
      for (const call of chain.calls) {
        if (loaded === null) return null;
        loaded = loadedBehind(loaded, call) ?? this.apply(call.name, loaded, depth + 1);
      }
      if (loaded === null) return null;
      all = together(all, loaded);
    }
    return all;
  }
}
