import type { Schema } from "../insights/schema.ts";
import type { Relation as RelationKind } from "../trace/model.ts";
import type { CallFacts } from "./moduleFacts.ts";
import { type ClassRef, folderOf, joined, type Modules, type Resolved } from "./modules.ts";

/** A model by its class, by its recorded label, or by both. */
export interface ModelRef {
  /** Null for one of a library, that only the recording knows. */
  readonly own: ClassRef | null;
  /** `app_label.ModelName`; null where nothing was recorded of it. */
  readonly label: string | null;
  readonly name: string;
}

/** What an attribute of a model's instances leads to. */
export interface Relation {
  readonly kind: RelationKind;
  readonly toMany: boolean;
  readonly attribute: string;
  /** What `select_related` takes for it; null where it takes nothing. */
  readonly select: string | null;
  /** What `prefetch_related` takes for it. */
  readonly prefetch: string;
  /** Null where the model cannot be told: a swappable one, a library's. */
  readonly target: ModelRef | null;
  /** The field of the target's instances that leads back to the very same object, where there is one. */
  readonly back: string | null;
}

const toMany: ReadonlySet<string> = new Set<RelationKind>([
  "many_to_many",
  "reverse_foreign_key",
  "reverse_many_to_many",
  "generic_relation",
]);
const fieldKinds: Readonly<Record<string, RelationKind>> = {
  ForeignKey: "foreign_key",
  TreeForeignKey: "foreign_key",
  ParentalKey: "foreign_key",
  OneToOneField: "one_to_one",
  TreeOneToOneField: "one_to_one",
  ManyToManyField: "many_to_many",
  TreeManyToManyField: "many_to_many",
  GenericRelation: "generic_relation",
};
const reverseKinds: Readonly<Partial<Record<RelationKind, RelationKind>>> = {
  foreign_key: "reverse_foreign_key",
  one_to_one: "reverse_one_to_one",
  many_to_many: "reverse_many_to_many",
};

/** A relation field as its class declares it. */
interface RelationField {
  readonly name: string;
  readonly kind: RelationKind;
  readonly call: CallFacts;
  /** The module in which it is written: what its names mean. */
  readonly path: string;
}

/** The other end of a relation field. */
interface ReverseEnd {
  readonly target: string;
  readonly relation: Relation;
}

/**
 * Models as their modules' texts declare them, and as the recording knows them: today's text counts for what it says; the recording for what it
 * cannot say (relations of libraries' models, fields of unknown kinds, the other ends of relations in modules that nothing leads to).
 */
export class Models {
  readonly modules: Modules;
  readonly #schema: Schema | null;
  /** Modules in which the other ends of relations are looked for, beside a model's own and its package. */
  readonly #reverseModules: readonly string[];
  readonly #reverse = new Map<string, readonly ReverseEnd[]>();
  readonly #lineages = new Map<string, readonly Resolved[]>();

  constructor(modules: Modules, schema: Schema | null, reverseModules: readonly string[]) {
    this.modules = modules;
    this.#schema = schema;
    this.#reverseModules = reverseModules;
  }

  /** The model that a dotted name means in a module; null where it means none, or cannot be told. */
  named(path: string, dotted: string): ModelRef | null {
    const found = this.modules.resolve(path, dotted);
    if (found === null) return this.#fetched(path, dotted);
    return found.kind === "class" && this.isModel(found) ? this.ofClass(found) : null;
  }

  /** `Order = get_model("shop", "Order")` */
  #fetched(path: string, name: string): ModelRef | null {
    const value = this.modules.facts(path)?.values.get(name) ?? "";
    const [, app, model] = /(?:^|\.)get_model\(["'](\w+)(?:["'],["']|\.)(\w+)["']\)$/.exec(value) ?? [];
    return app === undefined ? null : this.#labelled(path, `${app}.${model}`);
  }

  ofClass(own: ClassRef): ModelRef {
    const label = this.#schema?.labelOf(own.path, own.facts.name) ?? null;
    return { own, label, name: own.facts.name };
  }

  isModel(ref: ClassRef): boolean {
    return this.lineage(ref).some(
      (each) => each.kind === "external" && /(^|\.)(\w*Model|Abstract\w+)$/.test(each.name),
    );
  }

  /** The class and all it inherits from, as far as that is known, in the order in which attributes are looked for. */
  lineage(ref: ClassRef): readonly Resolved[] {
    const key = keyOf(ref);
    const known = this.#lineages.get(key);
    if (known !== undefined) return known;
    // What inherits from itself has nothing more.
    this.#lineages.set(key, [ref]);
    const bases = ref.facts.bases.flatMap((base): readonly Resolved[] => {
      const found = this.modules.resolve(ref.path, base);
      if (found === null || found.kind === "function")
        return [{ kind: "external", name: `?.${base.slice(base.lastIndexOf(".") + 1)}` }];
      return found.kind === "class" ? this.lineage(found) : [found];
    });
    const all = [...new Map([ref, ...bases].map((each) => [keyOf(each), each])).values()];
    this.#lineages.set(key, all);
    return all;
  }

  /** The project's own classes among them. */
  ownLineage(ref: ClassRef): readonly ClassRef[] {
    return this.lineage(ref).filter((each) => each.kind === "class");
  }

  /** The relation behind an attribute of the model's instances; null where there is none, or it cannot be told. */
  relation(model: ModelRef, attribute: string): Relation | null {
    if (!/^[\p{ID_Start}_]\p{ID_Continue}*$/u.test(attribute)) return null;
    const lineage = model.own === null ? [] : this.ownLineage(model.own);
    const owner = lineage.find(({ facts }) => facts.members.has(attribute));
    if (owner !== undefined && model.own !== null) {
      const call = owner.facts.calls.get(attribute);
      if (call === undefined) return null;
      const field = this.#fieldOf(owner, attribute, call);
      return field === null ? this.#recorded(model, attribute) : this.#forward(model.own, field);
    }
    return this.#recorded(model, attribute) ?? this.#reverseRelation(lineage, attribute);
  }

  #fieldOf(owner: ClassRef, name: string, call: CallFacts): RelationField | null {
    const kind = fieldKinds[call.callee.slice(call.callee.lastIndexOf(".") + 1)];
    return kind === undefined ? null : { name, kind, call, path: owner.path };
  }

  #forward(holder: ClassRef, field: RelationField): Relation {
    const isMany = toMany.has(field.kind);
    return {
      kind: field.kind,
      toMany: isMany,
      attribute: field.name,
      select: isMany ? null : field.name,
      prefetch: field.name,
      target: this.#targetOf(holder, field),
      back: null,
    };
  }

  /** @param holder the concrete model, which `"self"` means in an abstract one too */
  #targetOf(holder: ClassRef, { call, path }: RelationField): ModelRef | null {
    const argument = call.arguments.find(({ keyword }) => keyword === "to") ?? call.arguments[0];
    if (argument === undefined || (argument.keyword !== null && argument.keyword !== "to")) return null;
    const { stringValue } = argument;
    const text = argument.text.replace(/^to\s*=\s*/, "");
    if (stringValue === null) return /^[\w.]+$/.test(text) ? this.named(path, text) : null;
    if (stringValue === "self") return this.ofClass(holder);
    return stringValue.includes(".") ? this.#labelled(path, stringValue) : this.#inApp(path, stringValue);
  }

  /** `"Order"`: a model of the same application. */
  #inApp(path: string, name: string): ModelRef | null {
    return this.named(path, name) ?? this.#inFolder(appFolder(path), name);
  }

  /** `"shop.Order"` */
  #labelled(path: string, label: string): ModelRef | null {
    const [app = "", name = ""] = label.split(".");
    const recorded = this.#ofLabel(this.#schema?.anyCase(label) ?? null);
    if (recorded !== null) return recorded;
    // Applications mostly stand beside one another: the nearest folder of that name.
    for (let folder = folderOf(path), isTop = false; !isTop; folder = folderOf(folder)) {
      isTop = folder === "";
      const found = this.#inFolder(joined(folder, app), name);
      if (found !== null) return found;
    }
    return null;
  }

  #inFolder(folder: string, name: string): ModelRef | null {
    return (
      this.named(joined(folder, "models.py"), name) ?? this.named(joined(joined(folder, "models"), "__init__.py"), name)
    );
  }

  #ofLabel(label: string | null): ModelRef | null {
    const model = label === null ? null : (this.#schema?.model(label) ?? null);
    if (model === null) return null;
    const found = model.file === null ? null : this.modules.resolve(model.file, model.qualname);
    const own = found?.kind === "class" ? found : null;
    return { own, label: model.label, name: model.qualname.slice(model.qualname.lastIndexOf(".") + 1) };
  }

  #recorded({ label }: ModelRef, attribute: string): Relation | null {
    const hop = label === null ? null : (this.#schema?.hop(label, attribute) ?? null);
    const field = label === null ? null : (this.#schema?.relation(label, attribute) ?? null);
    if (hop === null || field?.relation == null || hop.prefetch === null || hop.accessor !== attribute) return null;
    if (field.relation === "generic_foreign_key") return null;
    const isBack = field.relation === "reverse_foreign_key" || field.relation === "reverse_one_to_one";
    return {
      kind: field.relation,
      toMany: hop.toMany,
      attribute,
      select: hop.select,
      prefetch: hop.prefetch,
      target: this.#ofLabel(hop.target),
      back: isBack ? field.remote : null,
    };
  }

  #reverseRelation(lineage: readonly ClassRef[], attribute: string): Relation | null {
    const keys = new Set(lineage.map(keyOf));
    const modules = new Set([...lineage.flatMap(({ path }) => this.#beside(path)), ...this.#reverseModules]);
    for (const path of modules) {
      const found = this.#reverseEndsIn(path).find(
        ({ target, relation }) => relation.attribute === attribute && keys.has(target),
      );
      if (found !== undefined) return found.relation;
    }
    return null;
  }

  /** The module itself, and those that its package's `__init__.py` imports from. */
  #beside(path: string): readonly string[] {
    const init = joined(folderOf(path), "__init__.py");
    if (!/(^|\/)models\/[^/]+$/.test(path)) return [path];
    const facts = this.modules.facts(init);
    const names =
      facts === null ? [] : [...facts.wildcards, ...[...facts.imports.values()].map(({ module }) => module)];
    return [path, ...[...new Set(names)].flatMap((module) => this.modules.modulePath(init, module) ?? [])];
  }

  #reverseEndsIn(path: string): readonly ReverseEnd[] {
    const known = this.#reverse.get(path);
    if (known !== undefined) return known;
    this.#reverse.set(path, []);
    const ends = [...(this.modules.facts(path)?.classes.values() ?? [])].flatMap((facts) => {
      const model: ClassRef = { kind: "class", path, facts };
      if (facts.meta.get("abstract") === "True" || facts.meta.get("proxy") === "True" || !this.isModel(model))
        return [];
      return this.#fieldsOf(model).flatMap((field) => this.#reverseEnd(model, field) ?? []);
    });
    this.#reverse.set(path, ends);
    return ends;
  }

  /** Its own, and those of the abstract models that it inherits from. */
  #fieldsOf(model: ClassRef): readonly RelationField[] {
    const fields = new Map<string, RelationField>();
    for (const owner of this.ownLineage(model)) {
      if (owner !== model && keyOf(owner) !== keyOf(model) && owner.facts.meta.get("abstract") !== "True") continue;
      for (const [name, call] of owner.facts.calls) {
        const field = fields.has(name) ? null : this.#fieldOf(owner, name, call);
        if (field !== null) fields.set(name, field);
      }
    }
    return [...fields.values()];
  }

  #reverseEnd(model: ClassRef, field: RelationField): ReverseEnd | null {
    const kind = reverseKinds[field.kind];
    const target = this.#targetOf(model, field)?.own ?? null;
    if (kind === undefined || target === null) return null;
    const text = (name: string) => field.call.arguments.find(({ keyword }) => keyword === name);
    const given = text("related_name");
    const fallback = model.facts.meta.get("default_related_name");
    // A name that is worked out cannot be told.
    if (given !== undefined && given.stringValue === null) return null;
    const written = given?.stringValue ?? fallback?.replace(/^["']|["']$/g, "") ?? null;
    const lower = model.facts.name.toLowerCase();
    const named = written?.replaceAll("%(class)s", lower).replaceAll("%(model_name)s", lower) ?? null;
    if (named?.endsWith("+") || named?.includes("%")) return null;
    const isOne = kind === "reverse_one_to_one";
    const accessor = named ?? (isOne ? lower : `${lower}_set`);
    const query = text("related_query_name");
    if (query !== undefined && query.stringValue === null) return null;
    return {
      target: keyOf(target),
      relation: {
        kind,
        toMany: !isOne,
        attribute: accessor,
        select: isOne ? (query?.stringValue ?? named ?? lower) : null,
        prefetch: accessor,
        target: this.ofClass(model),
        back: kind === "reverse_many_to_many" ? null : field.name,
      },
    };
  }
}

function keyOf(each: Resolved): string {
  if (each.kind === "function") return `${each.path}#${each.name}()`;
  return each.kind === "class" ? `${each.path}#${each.facts.name}` : each.name;
}

/** `shop` for `shop/models.py` and for `shop/models/orders.py`. */
function appFolder(path: string): string {
  return (
    /^(?:(.*)\/)?models(?:\.py$|\/)/.exec(path)?.[1] ?? (/(^|\/)models(\.py$|\/)/.test(path) ? "" : folderOf(path))
  );
}
