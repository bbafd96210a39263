import type { Model, ModelField } from "../trace/model.ts";

/** One step of a lookup path, as the recorded `_meta` knows it. */
export interface Hop {
  /** The attribute in Python. */
  readonly accessor: string;
  /** Names that `select_related` and `prefetch_related` take for it; null where they take none. */
  readonly select: string | null;
  readonly prefetch: string | null;
  /** `app_label.ModelName` of what it leads to; null for a generic foreign key. */
  readonly target: string | null;
  readonly toMany: boolean;
  /** Null, or missing on the reverse side: a join must be an outer one. */
  readonly nullable: boolean;
  /** Column on the near side that the load needs; null on reverse sides and for many-to-many. */
  readonly column: string | null;
  /** The target's base manager is not a plain one: a join could return rows that a lazy load does not. */
  readonly baseManagerFilters: boolean;
}

const toMany: ReadonlySet<string> = new Set([
  "many_to_many",
  "reverse_foreign_key",
  "reverse_many_to_many",
  "generic_relation",
]);

function isName(text: string): boolean {
  return /^[\p{ID_Start}_]\p{ID_Continue}*$/u.test(text);
}

/** The project's models by label, for resolving lookup paths. */
export class Schema {
  readonly #models: ReadonlyMap<string, Model>;
  readonly #names: ReadonlySet<string>;
  #labels: ReadonlyMap<string, string> | null = null;

  constructor(models: readonly Model[]) {
    this.#models = new Map(models.map((model) => [model.label, model]));
    this.#names = new Set(models.map(({ qualname }) => qualname.slice(qualname.lastIndexOf(".") + 1)));
  }

  model(label: string): Model | null {
    return this.#models.get(label) ?? null;
  }

  /** The label of the model whose class stands in a file under a name; null where none was recorded. */
  labelOf(file: string, qualname: string): string | null {
    this.#labels ??= new Map(
      [...this.#models.values()].map((model) => [`${model.file}#${model.qualname}`, model.label]),
    );
    return this.#labels.get(`${file}#${qualname}`) ?? null;
  }

  /** A label as it was recorded, for one as code may write it: Django looks for models' names in lower case. */
  anyCase(label: string): string | null {
    if (this.#models.has(label)) return label;
    const wanted = label.toLowerCase();
    return [...this.#models.keys()].find((each) => each.toLowerCase() === wanted) ?? null;
  }

  /** Whether some model's class has this name. */
  isModelName(name: string): boolean {
    return this.#names.has(name);
  }

  /** The name under which the model's class has its default manager. Every model has it as `_default_manager` too. */
  managerName(label: string | null): string {
    const name = label === null ? null : (this.model(label)?.defaultManager ?? null);
    return name === null || !isName(name) ? "_default_manager" : name;
  }

  /** Column of the model's primary key; null where it was not recorded. */
  keyColumn(label: string): string | null {
    const model = this.model(label);
    const key = model?.fields.find(({ primaryKey }) => primaryKey)?.column ?? null;
    const base = model?.proxyFor ?? null;
    return key ?? (base === null || base === label ? null : this.keyColumn(base));
  }

  /** The name by which `in_bulk()` finds the model's rows, for a lookup of one row: `pk`, or a unique field; null for any other. */
  keyFor(label: string, lookup: string): string | null {
    const model = this.model(label);
    if (lookup === "pk") return model === null ? null : "pk";
    const field = model?.fields.find(({ name, attname }) => name === lookup || attname === lookup);
    if (field?.primaryKey) return "pk";
    return field?.unique && field.relation === null && !field.null ? field.name : null;
  }

  /** The relation behind an attribute of the model, of its parents or of what it is a proxy for; null where there is none. */
  hop(label: string, name: string): Hop | null {
    const field = this.#relation(label, name, new Set());
    if (field === null) return null;
    // Names go into source code: a broken recording must not bring anything else there.
    if (![field.accessor, field.select, field.prefetch].every((each) => each === null || isName(each))) return null;
    const isMany = field.relation !== null && toMany.has(field.relation);
    return {
      accessor: field.accessor,
      select: field.select,
      prefetch: field.prefetch,
      target: field.to,
      toMany: isMany,
      nullable: field.null || field.relation === "reverse_one_to_one",
      // Django gives a many-to-many field a column name that no table has.
      column: isMany ? null : field.column,
      baseManagerFilters: field.to !== null && (this.model(field.to)?.baseManagerFilters ?? false),
    };
  }

  /** The hops of a path of attributes; null where one of them is no relation of the model it is asked of. */
  path(label: string, names: readonly string[]): readonly Hop[] | null {
    const hops: Hop[] = [];
    let model: string | null = label;
    for (const name of names) {
      const hop: Hop | null = model === null ? null : this.hop(model, name);
      if (hop === null) return null;
      hops.push(hop);
      model = hop.target;
    }
    return hops;
  }

  /** The file of a module that holds models; null where it is no user file. */
  fileOf(module: string): string | null {
    return [...this.#models.values()].find((model) => model.module === module)?.file ?? null;
  }

  /** Whether a column holds each value once, so that a join on it brings one row at most. */
  isUniqueColumn(table: string, column: string): boolean {
    return [...this.#models.values()].some(
      (model) =>
        model.table === table &&
        model.fields.some((field) => field.column === column && (field.primaryKey || field.unique)),
    );
  }

  /** The relation behind an attribute, as `hop` finds it. */
  relation(label: string, name: string): ModelField | null {
    return this.#relation(label, name, new Set());
  }

  /** What lookups call the relation behind an attribute (`related_query_name`); null where there is none. */
  queryName(label: string, name: string): string | null {
    const query = this.relation(label, name)?.name ?? null;
    return query !== null && isName(query) ? query : null;
  }

  /** The field of that name, of the model or of what it inherits from; null where there is none. */
  field(label: string, name: string): ModelField | null {
    return this.#find(label, new Set(), ({ fields }) => fields.find((field) => field.name === name));
  }

  /** The field whose column instances keep under that attribute: `customer` for `customer_id`; null where there is none. */
  columnField(label: string, attname: string): ModelField | null {
    return this.#find(label, new Set(), ({ fields }) =>
      fields.find((field) => field.attname === attname && field.column !== null),
    );
  }

  /** Whether lookups take such a path of relations by their names, with a field at its end. */
  takes(label: string, path: string): boolean {
    const [name = "", ...rest] = path.split("__");
    const field = this.field(label, name);
    if (field === null || rest.length === 0) return field !== null;
    return field.to !== null && this.takes(field.to, rest.join("__"));
  }

  /** Whether instances of the model have an attribute by a field of that name, or lookups take it. */
  isTaken(label: string, name: string): boolean {
    const isIt = (field: ModelField) => [field.name, field.attname, field.accessor].includes(name);
    return this.#find(label, new Set(), ({ fields }) => fields.find(isIt)) !== null;
  }

  #relation(label: string, name: string, seen: Set<string>): ModelField | null {
    return this.#find(label, seen, ({ fields }) => {
      const relations = fields.filter(({ relation }) => relation !== null);
      return (
        relations.find(({ accessor }) => accessor === name) ??
        // Instances that a join loaded carry select_related's names.
        relations.find((field) => field.select === name || field.name === name)
      );
    });
  }

  /** The first that the model has, or what it inherits from. */
  #find(label: string, seen: Set<string>, of: (model: Model) => ModelField | undefined): ModelField | null {
    const model = this.model(label);
    if (model === null || seen.has(label)) return null;
    seen.add(label);
    const own = of(model);
    if (own !== undefined) return own;
    const bases = model.proxyFor === null ? model.parents : [model.proxyFor, ...model.parents];
    for (const base of bases) {
      const inherited = this.#find(base, seen, of);
      if (inherited !== null) return inherited;
    }
    return null;
  }
}
