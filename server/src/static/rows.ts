import { type Chain, type Link, readChain } from "../python/chains.ts";
import type { PythonFile } from "../python/pythonFile.ts";
import { childByField, type SyntaxNode } from "../python/syntax.ts";
import {
  assignedValues,
  functionAround,
  isWritten,
  rowSource,
  textOf,
  variablesIn,
  withoutCopies,
} from "../python/variables.ts";
import { behind, type Loaded, loadedBehind, mayLoad, nothingLoaded, together } from "./loaded.ts";
import { defaultManager, type Manager, managerNamed, returnedRows } from "./managers.ts";
import type { ModelRef, Models, Relation } from "./models.ts";
import { argumentFacts } from "./moduleFacts.ts";

/** The rows of a queryset that one text tells. */
export interface Rows {
  readonly model: ModelRef;
  /** What comes along with them, by paths from their model. */
  readonly loaded: Loaded;
  /** Where something to load along is to be named. */
  readonly origin: Origin;
  /** The relation of these rows that is there already, since they were asked for from its other side. */
  readonly back: string | null;
}

/** The queryset whose rows these are, or whose rows they hang on by relations that it prefetches, or would. */
export interface Origin {
  /** Null where it is written nowhere, or at several places. */
  readonly chain: Chain | null;
  /** The call in it that is the first of its querysets. */
  readonly made: Link | null;
  /** From its rows to these. */
  readonly path: readonly Relation[];
  readonly loaded: Loaded;
  /** Gone through by an `iterator()` without a chunk size, which takes no prefetch. */
  readonly isStreamed: boolean;
}

/** One instance that the code got hold of. */
interface Instance {
  readonly model: ModelRef;
  readonly loaded: Loaded;
  readonly origin: Origin | null;
  /** Rows of its plain related managers may have been prefetched by whoever gave it. */
  readonly isGiven: boolean;
  /** One of many that a loop goes through, or what hangs on such a one. */
  readonly isRow: boolean;
}

type Value =
  | { readonly kind: "rows"; readonly rows: Rows }
  | { readonly kind: "instance"; readonly instance: Instance };

/** Names that go round in circles, and loops within loops, end here. */
const deepest = 12;
const oneOf: ReadonlySet<string> = new Set(
  "get first last latest earliest aget afirst alast alatest aearliest create get_object_or_404 aget_object_or_404".split(
    " ",
  ),
);

/** What expressions of one file stand for, as far as its text, its models and managers tell. */
export class RowReader {
  readonly file: PythonFile;
  readonly path: string;
  readonly models: Models;

  constructor(file: PythonFile, path: string, models: Models) {
    this.file = file;
    this.path = path;
    this.models = models;
  }

  /** The rows that an expression gives one by one; null for anything else, and for what cannot be told. */
  rows(node: SyntaxNode, depth = 0): Rows | null {
    const value = this.#value(node, depth);
    return value?.kind === "rows" ? value.rows : null;
  }

  /** The rows behind a loop's variable, at one use of it. */
  rowsOfVariable(use: SyntaxNode, depth = 0): Rows | null {
    const source = rowSource(use, this.file.text);
    return source === null ? null : this.rows(source.iterable, depth + 1);
  }

  #value(given: SyntaxNode, depth: number): Value | null {
    if (depth > deepest) return null;
    const node = withoutCopies(given, this.file.text);
    if (node.type === "identifier") return this.#variable(node, depth);
    if (!/^(call|attribute|subscript)$/.test(node.type)) return null;
    const chain = readChain(node, this.file.lines);
    const start = this.#start(node, chain, depth);
    return start === null ? null : this.#follow(chain, start.index, start.value, depth);
  }

  /** What a local name holds: rows of a loop around it, or what it is assigned. */
  #variable(node: SyntaxNode, depth: number): Value | null {
    const { text } = this.file;
    const name = textOf(node, text);
    const source = rowSource(node, text);
    if (source !== null) {
      const rows = this.rows(source.iterable, depth + 1);
      if (rows === null) return null;
      const instance = { model: rows.model, loaded: rows.loaded, origin: rows.origin, isGiven: false, isRow: true };
      return { kind: "instance", instance };
    }
    const within = functionAround(node);
    const values = within.type === "function_definition" ? assignedValues(within, name, text) : null;
    if (values === null) return this.#parameter(within, name);
    const isOnward = (value: SyntaxNode) => rootName(value, text) === name;
    const [first, ...others] = values.filter((value) => !isOnward(value)).map((value) => this.#value(value, depth + 1));
    if (first === undefined || first === null || others.includes(null)) return null;
    let value = others.reduce<Value | null>((all, other) => (other === null ? null : merged(all, other)), first);
    for (const onward of values.filter(isOnward)) {
      if (value === null) return null;
      const chain = readChain(onward, this.file.lines);
      const next = onward.type === "identifier" ? value : this.#follow(chain, 0, value, depth);
      // It may have run or not: what either loads may be there.
      value = next === null ? null : merged(value, next);
    }
    return value;
  }

  /** An instance that a function is given, by its annotation: `order: Order`. */
  #parameter(within: SyntaxNode, name: string): Value | null {
    const { text } = this.file;
    const parameters = childByField(within, "parameters")?.children ?? [];
    const written = variablesIn(within, name, text).filter((node) => isWritten(node));
    const own = parameters.find(
      (each) => each.type === "typed_parameter" && each.children.some((child) => child === written[0]),
    );
    const type = own === undefined || written.length !== 1 ? null : childByField(own, "type");
    const annotated = type === null ? "" : textOf(type, text).replace(/^["']|["']$/g, "");
    const model = /^[\w.]+$/.test(annotated) ? this.models.named(this.path, annotated) : null;
    if (model === null) return null;
    const instance = { model, loaded: nothingLoaded, origin: null, isGiven: true, isRow: false };
    return { kind: "instance", instance };
  }

  /** What the beginning of a chain stands for, and the link behind it. */
  #start(node: SyntaxNode, chain: Chain, depth: number): { readonly value: Value; readonly index: number } | null {
    const { links, rootCall } = chain;
    const head = headOf(node);
    if (rootCall !== null) return this.#shortcut(chain, depth) ?? this.#called(chain, rootCall.name, 0);
    if (head.type !== "identifier") return null;
    const name = textOf(head, this.file.text);
    if (name === "self" || name === "cls") return this.#self(head, links, depth);
    if (this.#isLocal(head)) {
      const value = this.#variable(head, depth + 1);
      return value === null ? null : { value, index: 0 };
    }
    const [first] = links;
    return (
      this.#model(name, chain) ?? (first?.kind === "call" ? this.#called(chain, `${name}.${first.name}`, 0) : null)
    );
  }

  /** `overdue_orders(now)`, `selectors.overdue_orders(now)`: what the function's own queryset brings; the call is what is changed. */
  #called(chain: Chain, name: string, index: number): { readonly value: Value; readonly index: number } | null {
    const call = chain.links[index];
    const found = this.models.modules.resolve(this.path, name);
    const returned = found?.kind === "function" ? returnedRows(this.models, found) : null;
    if (call === undefined || returned === null) return null;
    const { model, loaded } = returned;
    const origin = { chain, made: call, path: [], loaded, isStreamed: false };
    return { value: { kind: "rows", rows: { model, loaded, origin, back: null } }, index: index + 1 };
  }

  /** `Order.objects`, `models.Order.objects` */
  #model(name: string, chain: Chain): { readonly value: Value; readonly index: number } | null {
    const { links } = chain;
    const attributes = links.findIndex(({ kind }) => kind !== "attribute");
    const many = attributes === -1 ? links.length : attributes;
    const names = [name, ...links.slice(0, many).flatMap((link) => (link.kind === "attribute" ? link.name : []))];
    if (names.length < 2 || links[many]?.kind !== "call") return null;
    const model = this.models.named(this.path, names.slice(0, -1).join("."));
    const manager = model === null ? null : managerNamed(this.models, model, names.at(-1) ?? "");
    if (model === null || manager === null) return null;
    return { value: this.#ofManager(model, manager, chain, many, nothingLoaded, null), index: many };
  }

  #ofManager(
    model: ModelRef,
    manager: Manager,
    chain: Chain,
    index: number,
    loaded: Loaded,
    back: string | null,
  ): Value {
    const all = together(manager.loaded, loaded);
    const origin = { chain, made: chain.links[index] ?? null, path: [], loaded: all, isStreamed: false };
    return { kind: "rows", rows: { model, loaded: all, origin, back } };
  }

  /** `get_object_or_404(Order, …)`, `get_object_or_404(Order.objects.select_related("customer"), …)` */
  #shortcut({ rootCall, links }: Chain, depth: number): { readonly value: Value; readonly index: number } | null {
    const [argument] = rootCall?.arguments ?? [];
    if (rootCall === null || argument === undefined || !/^a?get_object_or_404$/.test(rootCall.name)) return null;
    if (argument.keyword !== null || links[0] !== rootCall) return null;
    const model = this.models.named(this.path, argument.text.replace(/\s/g, ""));
    const manager = model === null ? null : defaultManager(this.models, model);
    if (model !== null) {
      if (manager === null) return null;
      return { value: instanceOf(model, manager.loaded, null), index: 1 };
    }
    const node = this.file.nodeAround(
      this.file.lines.offsetAt(argument.valueRange.start),
      this.file.lines.offsetAt(argument.valueRange.end),
    );
    const rows = this.rows(node, depth + 1);
    return rows === null ? null : { value: instanceOf(rows.model, rows.loaded, rows.origin), index: 1 };
  }

  /** An instance of the model whose method this is; a view's own queryset. */
  #self(
    head: SyntaxNode,
    links: readonly Link[],
    depth: number,
  ): { readonly value: Value; readonly index: number } | null {
    const name = classNameAround(head, this.file.text);
    const found = name === null ? null : this.models.modules.resolve(this.path, name);
    if (found?.kind !== "class" || found.path !== this.path) return null;
    if (this.models.isModel(found)) {
      const model = this.models.ofClass(found);
      const instance = { model, loaded: nothingLoaded, origin: null, isGiven: true, isRow: false };
      return { value: { kind: "instance", instance }, index: 0 };
    }
    const [first, second] = links;
    const asks = first?.kind === "call" && first.name === "get_queryset" && second === undefined;
    const goesOn = first?.kind === "call" && first.name === "get_queryset";
    if (!asks && !goesOn) return null;
    const chains = found.facts.members.has("get_queryset")
      ? this.file.returnedChains(`${found.facts.name}.get_queryset`)
      : null;
    if (chains === null) return null;
    const values = chains
      .filter(({ root, rootCall }) => rootCall !== null || !/^\w+$/.test(root) || root === "self")
      .map((chain) => this.#value(chain.node, depth + 1));
    const [one] = values;
    // Chains on local names would have to be followed one by one.
    if (values.length !== 1 || chains.length !== 1 || one === null || one === undefined) return null;
    return { value: one, index: 1 };
  }

  /** What the links from `index` on make of a value. */
  #follow(chain: Chain, index: number, value: Value, depth: number): Value | null {
    const [link, next] = chain.links.slice(index);
    if (link === undefined) return value;
    if (value.kind === "instance") {
      const relation = link.kind === "attribute" ? this.models.relation(value.instance.model, link.name) : null;
      if (relation === null || relation.target === null) return null;
      if (!relation.toMany) {
        const instance = hop(value.instance, relation, relation.target);
        return instance === null ? null : this.#follow(chain, index + 1, { kind: "instance", instance }, depth);
      }
      if (next?.kind !== "call") return null;
      const related = this.#related(chain, index + 1, value.instance, relation, relation.target);
      return related === null ? null : this.#follow(chain, index + 1, related, depth);
    }
    const { rows } = value;
    if (link.kind === "subscript") {
      // So many are few, and do not grow.
      if (!link.isSlice || /\d/.test(this.#textOf(link))) return null;
      return this.#follow(chain, index + 1, value, depth);
    }
    if (link.kind !== "call") return null;
    if (oneOf.has(link.name)) {
      return this.#follow(chain, index + 1, instanceOf(rows.model, rows.loaded, rows.origin), depth);
    }
    // A single row is asked for.
    if (link.arguments.some(({ keyword }) => keyword === "pk" || keyword === "id") && /^(filter)$/.test(link.name))
      return null;
    const args = link.arguments.map(argumentFacts);
    const own = rows.model.own === null ? null : this.#managerOf(chain, rows.model);
    const loaded =
      loadedBehind(rows.loaded, { name: link.name, arguments: args }) ?? own?.method(link.name, rows.loaded) ?? null;
    if (loaded === null) return null;
    const isStreamed = rows.origin.isStreamed || (/^a?iterator$/.test(link.name) && link.arguments.length === 0);
    const origin = rows.origin.path.length === 0 ? { ...rows.origin, loaded, isStreamed } : rows.origin;
    return this.#follow(chain, index + 1, { kind: "rows", rows: { ...rows, loaded, origin } }, depth);
  }

  /** The rows of an instance's related manager. */
  #related(
    chain: Chain,
    index: number,
    { loaded, origin, isGiven, isRow }: Instance,
    relation: Relation,
    target: ModelRef,
  ): Value | null {
    const manager = defaultManager(this.models, target);
    const { links } = chain;
    const call = links[index];
    if (manager === null || call?.kind !== "call") return null;
    const isPlain = call.name === "all" && links.slice(index + 1).every(({ kind }) => kind !== "call");
    if (!isPlain) return this.#ofManager(target, manager, chain, index, nothingLoaded, relation.back);
    if (isGiven) return null;
    const along = together(behind(loaded, relation.prefetch), manager.loaded);
    // One list of one instance: loaded along with it where it is prefetched already, else by a queryset of its own.
    const isOfRows = origin !== null && (isRow || mayLoad(loaded, relation.prefetch, true));
    if (!isOfRows || origin === null) return this.#ofManager(target, manager, chain, index, along, relation.back);
    const opaque = mayLoad({ paths: [], opaque: loaded.opaque, joinsAll: false }, relation.prefetch, true);
    if (opaque) return null;
    return {
      kind: "rows",
      rows: {
        model: target,
        loaded: along,
        origin: { ...origin, path: [...origin.path, relation] },
        back: relation.back,
      },
    };
  }

  /** The manager whose class has the project's own methods for these rows. */
  #managerOf(chain: Chain, model: ModelRef): Manager | null {
    const named = /\.(\w+)$/.exec(chain.root)?.[1];
    const manager = named === undefined ? null : managerNamed(this.models, model, named);
    return manager ?? defaultManager(this.models, model);
  }

  #isLocal(head: SyntaxNode): boolean {
    const { text } = this.file;
    if (rowSource(head, text) !== null) return true;
    const within = functionAround(head);
    return within.type === "function_definition" && variablesIn(within, textOf(head, text), text).some(isBound);
  }

  #textOf({ range }: Link): string {
    const { lines, text } = this.file;
    return text.slice(lines.offsetAt(range.start), lines.offsetAt(range.end));
  }
}

/** Given a value in the function itself; what an import there gives a name is a module's all the same. */
function isBound(node: SyntaxNode): boolean {
  return isWritten(node) && !/^(aliased_import|dotted_name)$/.test(node.parent?.type ?? "");
}

function instanceOf(model: ModelRef, loaded: Loaded, origin: Origin | null): Value {
  return { kind: "instance", instance: { model, loaded, origin, isGiven: false, isRow: false } };
}

/** The instance behind a relation to one. */
function hop({ loaded, origin, isGiven, isRow }: Instance, relation: Relation, target: ModelRef): Instance | null {
  const isLoaded = mayLoad(loaded, relation.prefetch, false);
  const path = origin === null ? null : { ...origin, path: [...origin.path, relation] };
  const along = isLoaded ? behind(loaded, relation.prefetch) : nothingLoaded;
  return { model: target, loaded: along, origin: path, isGiven, isRow };
}

/** Either of two values, as far as both are rows, or instances, of one model. */
function merged(a: Value | null, b: Value): Value | null {
  if (a?.kind === "rows" && b.kind === "rows") {
    if (!isSameModel(a.rows.model, b.rows.model)) return null;
    const loaded = together(a.rows.loaded, b.rows.loaded);
    const isSameOrigin = a.rows.origin.chain === b.rows.origin.chain;
    const isStreamed = a.rows.origin.isStreamed || b.rows.origin.isStreamed;
    const origin = isSameOrigin ? b.rows.origin : { ...a.rows.origin, chain: null, made: null };
    return { kind: "rows", rows: { ...b.rows, loaded, origin: { ...origin, loaded, isStreamed } } };
  }
  if (a?.kind !== "instance" || b.kind !== "instance") return null;
  if (!isSameModel(a.instance.model, b.instance.model)) return null;
  return {
    kind: "instance",
    instance: { ...b.instance, loaded: together(a.instance.loaded, b.instance.loaded), origin: null },
  };
}

function isSameModel(a: ModelRef, b: ModelRef): boolean {
  return a.own?.path === b.own?.path && a.name === b.name && (a.own !== null || a.label === b.label);
}

/** The innermost expression that a chain starts with. */
function headOf(node: SyntaxNode): SyntaxNode {
  let head = node;
  for (;;) {
    const inner = head.children.find(
      ({ field }) => field === "object" || field === "function" || (head.type === "subscript" && field === "value"),
    );
    if (inner === undefined || !/^(call|attribute|subscript)$/.test(head.type)) return head;
    head = inner;
  }
}

function rootName(node: SyntaxNode, text: string): string | null {
  const head = headOf(node);
  return head.type === "identifier" ? textOf(head, text) : null;
}

/** The class whose method holds the node, where it is one of the module's own. */
function classNameAround(node: SyntaxNode, text: string): string | null {
  const method = functionAround(node);
  if (method.type !== "function_definition") return null;
  let outer = method.parent;
  while (outer !== null && (outer.type === "block" || outer.type === "decorated_definition")) outer = outer.parent;
  const name = outer?.type === "class_definition" ? outer.children.find(({ field }) => field === "name") : undefined;
  return name === undefined ? null : textOf(name, text);
}
