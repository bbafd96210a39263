/**
 * A recording of a large project, made from one that the real recorder wrote: its project is copied under other names, and each copy's
 * tests several times. What the recorder writes once (sites, stacks, statements, …) stands once a copy; scopes and rows stand once a test.
 */
type Json = Record<string, unknown>;

/** Where a copy's file stands in the large project. */
export interface Place {
  readonly path: string;
  /** So many lines stand before it: the texts of several copies can stand in one file. */
  readonly linesBefore: number;
  /** Its definitions got the copy's number, so that those of one file differ. */
  readonly renamed: boolean;
}

export interface CopyPlan {
  readonly copies: number;
  /** How often each copy's tests are repeated under other names. */
  readonly repeats: number;
  /** So many executions for each that was recorded. */
  readonly times: number;
  readonly place: (path: string, copy: number) => Place;
  /** The whole text of a file of the large project. */
  readonly textOf: (path: string) => string;
  readonly hashOf: (text: string) => string;
}

const perTest = new Set(["scope", "row", "scopeEnd", "test"]);
const interned = ["file", "site", "stack", "construction", "cause", "statement"] as const;
const onceInAll = new Set(["header", "collected", "models", "database", "notice", "end"]);

/** The large segment's lines. `segment` holds one segment's records in their order. */
export function* copySegment(segment: readonly Json[], run: string, plan: CopyPlan): Generator<Json> {
  const stride = Math.max(...segment.map(({ id }) => (typeof id === "number" ? id : 0))) + 1;
  const originals = new Map(segment.filter(({ type }) => type === "file").map((record) => [record["id"], record]));
  const placed = new Map<string, number>();
  const once = segment.filter(({ type }) => onceInAll.has(String(type)));
  const of = (type: string) => once.filter((record) => record["type"] === type);
  yield* of("header").map((record) => ({ ...record, run }));
  yield* of("database");
  yield* of("models").map((record) => ({ ...record, models: array(record["models"]).map(firstCopyOf(plan)) }));
  for (let copy = 0; copy < plan.copies; copy += 1) {
    for (let repeat = 0; repeat < plan.repeats; repeat += 1) {
      for (const record of segment) {
        const type = String(record["type"]);
        if (onceInAll.has(type) || (repeat > 0 && !perTest.has(type))) continue;
        const made = copied(record, { copy, repeat, stride, plan, originals, placed });
        if (made !== null) yield made;
      }
    }
  }
  yield* of("collected").map((record) => ({ ...record, tests: everyTest(record["tests"], plan) }));
  yield* of("end");
}

/** The same renaming as in the records, for the texts: functions and classes of copies in one file have names of their own. */
export function renameDefinitions(text: string, copy: number): string {
  return text.replaceAll(/^(\s*(?:async )?(?:def|class) \w+)/gm, `$1_${copy}`);
}

interface Context {
  readonly copy: number;
  readonly repeat: number;
  readonly stride: number;
  readonly plan: CopyPlan;
  readonly originals: ReadonlyMap<unknown, Json>;
  /** The ids of the large project's files: several copies' files can stand in one. */
  readonly placed: Map<string, number>;
}

/** Null for a file that stands already. */
function copied(record: Json, context: Context): Json | null {
  const { copy, repeat, stride, plan } = context;
  const shared = (id: unknown) => (id === 0 ? 0 : Number(id) + copy * stride);
  const own = (id: unknown) => (id === 0 ? 0 : Number(id) + (copy * plan.repeats + repeat) * stride);
  const references = Object.fromEntries(interned.filter((kind) => kind in record).map((k) => [k, shared(record[k])]));
  switch (record["type"]) {
    case "file":
      return placedFile(record, context, shared(record["id"]));
    case "site":
      return { ...record, id: shared(record["id"]), ...placedSite(record, context) };
    case "stack":
      return { ...record, ...references, id: shared(record["id"]), parent: shared(record["parent"]) };
    case "construction":
      return { ...record, ...references, id: shared(record["id"]), chain: shared(record["chain"]) };
    case "cause":
      return { ...record, id: shared(record["id"]) };
    case "statement": {
      const tables = array(record["tables"]).map(String);
      const sql = tables.reduce(
        (text, table) => text.replaceAll(`"${table}"`, `"t${copy}_${table}"`),
        `${record["sql"]}`,
      );
      return { ...record, id: shared(record["id"]), sql, tables: tables.map((table) => `t${copy}_${table}`) };
    }
    case "plan":
      return { ...record, ...references };
    case "probe":
      return { ...record, ...references, table: `t${copy}_${record["table"]}` };
    case "scope": {
      const outer = { id: own(record["id"]), parent: own(record["parent"]), test: testName(record["test"], context) };
      const route = record["route"] === null ? null : `/copy${copy}${record["route"]}`;
      const view = record["view"] === null ? null : `copy${copy}.${record["view"]}`;
      return { ...record, ...outer, route, view };
    }
    case "row":
      return {
        ...record,
        ...references,
        id: own(record["id"]),
        scope: own(record["scope"]),
        parent: own(record["parent"]),
        count: Number(record["count"]) * plan.times,
      };
    case "scopeEnd": {
      const order = array(record["order"]).map((entry) =>
        array(entry).map((item, at) => (at === 0 ? item : own(item))),
      );
      return { ...record, scope: own(record["scope"]), order };
    }
    case "test":
      return { ...record, id: testName(record["id"], context) };
    default:
      throw new Error(`The bench does not know records of type ${record["type"]}.`);
  }
}

function placedFile(record: Json, { copy, plan, placed }: Context, id: number): Json | null {
  const { path } = plan.place(String(record["path"]), copy);
  if (placed.has(path)) return null;
  placed.set(path, id);
  const text = plan.textOf(path);
  return { ...record, id, path, text, hash: plan.hashOf(text) };
}

function placedSite(record: Json, { copy, plan, originals, placed }: Context): Json {
  const { path, linesBefore, renamed } = plan.place(String(originals.get(record["file"])?.["path"]), copy);
  const functionLine = Number(record["functionLine"]);
  return {
    file: placed.get(path) ?? 0,
    line: Number(record["line"]) + linesBefore,
    endLine: Number(record["endLine"]) + linesBefore,
    functionLine: functionLine === 0 ? 0 : functionLine + linesBefore,
    qualname: renamed ? renamedQualname(String(record["qualname"]), copy) : record["qualname"],
  };
}

function renamedQualname(qualname: string, copy: number): string {
  return qualname.replaceAll(/(?<![\w<])\w+(?![\w>])/g, (name) => `${name}_${copy}`);
}

/** The class or function right after the path gets the suffix, so that class set-up still belongs to its class's tests. */
function testName(id: unknown, { copy, repeat, plan }: Pick<Context, "copy" | "repeat" | "plan">): string | null {
  if (typeof id !== "string") return null;
  const [path = "", first = "", ...rest] = id.split("::");
  return [plan.place(path, copy).path, first.replace(/^\w+/, (name) => `${name}_${repeat}`), ...rest].join("::");
}

function everyTest(tests: unknown, plan: CopyPlan): readonly (string | null)[] {
  const times = (count: number) => Array.from({ length: count }, (_, index) => index);
  return times(plan.copies).flatMap((copy) =>
    times(plan.repeats).flatMap((repeat) => array(tests).map((id) => testName(id, { copy, repeat, plan }))),
  );
}

/** The models stand once, in the first copy. */
function firstCopyOf(plan: CopyPlan): (model: unknown) => unknown {
  return (model) => {
    if (typeof model !== "object" || model === null || !("file" in model) || typeof model.file !== "string")
      return model;
    const { path, linesBefore } = plan.place(model.file, 0);
    return { ...model, file: path, line: "line" in model ? Number(model.line) + linesBefore : 0 };
  };
}

function array(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
