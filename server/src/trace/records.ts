import {
  type Check,
  flag,
  isObject,
  type Json,
  listOf,
  maybe,
  misfit,
  natural,
  objectOf,
  oneOf,
  positive,
  type Shape,
  type Shaped,
  text,
} from "./shape.ts";

/** A value of a record that was checked and not made, since the store keeps it as JSON. */
export class JsonText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export function jsonOf(value: unknown): string {
  return value instanceof JsonText ? value.text : JSON.stringify(value);
}

function orJson<T>(check: Check<T>): Check<T | JsonText> {
  return check as Check<T | JsonText>;
}

/** The records of a segment, one shape a type. The meaning of each member is in docs/segment-format.md. */

/** The newest segment format that this reader knows. */
export const SEGMENT_FORMAT = 1;

const causeKinds = [
  "foreign_key",
  "one_to_one",
  "reverse_one_to_one",
  "generic_foreign_key",
  "reverse_foreign_key",
  "many_to_many",
  "generic_relation",
  "deferred_field",
  "prefetch",
  "queryset",
  "raw",
  "save",
  "delete",
  "refresh",
  "create",
  "update",
  "bulk",
  "cursor",
  "session",
  "auth",
  "contenttypes",
  "transaction",
  "other",
] as const;
export const isCauseKind = oneOf(...causeKinds);

const header = {
  format: positive,
  recorder: text,
  run: text,
  process: text,
  startedAt: natural,
  root: text,
  django: maybe(text),
} satisfies Shape;

const file = {
  id: positive,
  path: text,
  language: oneOf("python", "django-template", "jinja"),
  hash: text,
  text: maybe(text),
  changed: maybe(flag),
} satisfies Shape;

export const isSiteKind = oneOf(
  "python",
  "template",
  "serializer",
  "admin",
  "graphql",
  "view",
  "model_admin",
  "inline_admin",
  "factory",
);

const site = {
  id: positive,
  file: positive,
  kind: text,
  qualname: text,
  functionLine: natural,
  line: positive,
  column: maybe(natural),
  endLine: maybe(positive),
  endColumn: maybe(natural),
  token: maybe(text),
} satisfies Shape;

const stack = { id: positive, parent: natural, site: positive } satisfies Shape;
const construction = { id: positive, stack: natural, chain: natural } satisfies Shape;

const statement = { id: positive, sql: text, verb: text, tables: listOf(text) } satisfies Shape;

const cause = {
  id: positive,
  kind: text,
  model: maybe(text),
  field: maybe(text),
  lookup: maybe(text),
  api: maybe(text),
  path: maybe(text),
  refined: maybe(flag),
  target: maybe(text),
} satisfies Shape;

export const isScopeKind = oneOf("test", "request", "command", "task", "server");
export const isPhase = oneOf("class", "setup", "call", "teardown");

const scope = {
  id: positive,
  kind: isScopeKind,
  test: maybe(text),
  phase: maybe(isPhase),
  ordinal: maybe(natural),
  parent: natural,
  method: maybe(text),
  path: maybe(text),
  route: maybe(text),
  view: maybe(text),
  label: maybe(text),
} satisfies Shape;

const isTimes: Check<readonly [number, number, number]> = (value): value is readonly [number, number, number] =>
  Array.isArray(value) && value.length === 3 && value.every(natural);

const row = {
  id: positive,
  scope: positive,
  stack: natural,
  construction: natural,
  cause: positive,
  statement: positive,
  db: text,
  parent: natural,
  path: text,
  count: positive,
  rows: maybe(natural),
  single: flag,
  ns: isTimes,
  first: positive,
  last: positive,
  instances: natural,
  instancesAtLeast: maybe(flag),
  parameters: natural,
  parametersAtLeast: maybe(flag),
  errors: natural,
  sample: maybe(orJson(listOf(text))),
  eager: maybe(listOf(objectOf({ path: text, loaded: natural, read: flag }))),
} satisfies Shape;

const eagerRead = { row: positive, path: text } satisfies Shape;

const isOrder: Check<readonly (readonly number[])[]> = listOf(
  (entry): entry is readonly number[] => Array.isArray(entry) && entry.length >= 2 && entry.every(positive),
);

const scopeEnd = {
  scope: positive,
  queries: natural,
  sqlNs: natural,
  status: maybe(natural),
  order: orJson(isOrder),
  orderRest: natural,
} satisfies Shape;

export const isOutcome = oneOf("passed", "failed", "error", "skipped", "xfailed");

const test = {
  id: text,
  outcome: isOutcome,
  durationNs: natural,
} satisfies Shape;

const collected = { tests: listOf(text), all: flag, deselected: natural } satisfies Shape;

const plan = {
  statement: positive,
  db: text,
  vendor: text,
  nodes: listOf(objectOf({ id: natural, parent: natural, detail: text })),
} satisfies Shape;

const probe = {
  statement: positive,
  db: text,
  vendor: text,
  table: text,
  columns: listOf(
    objectOf({
      column: text,
      lookup: text,
      use: oneOf("equality", "range", "prefix", "none"),
      alternative: flag,
      served: maybe(flag),
      reason: maybe(text),
    }),
  ),
  sort: maybe(listOf(objectOf({ column: text, descending: flag }))),
  served: maybe(flag),
  sortServed: maybe(flag),
  indexes: listOf(text),
  candidate: maybe(objectOf({ columns: listOf(text), proven: maybe(flag) })),
} satisfies Shape;

const relations = oneOf(
  "foreign_key",
  "one_to_one",
  "many_to_many",
  "reverse_foreign_key",
  "reverse_one_to_one",
  "reverse_many_to_many",
  "generic_foreign_key",
  "generic_relation",
);

const modelField = {
  name: text,
  attname: text,
  column: maybe(text),
  type: text,
  null: flag,
  unique: flag,
  index: flag,
  primaryKey: flag,
  relation: maybe(relations),
  to: maybe(text),
  accessor: text,
  select: maybe(text),
  prefetch: maybe(text),
  remote: maybe(text),
  toField: maybe(text),
} satisfies Shape;

export const modelShape = {
  label: text,
  module: text,
  qualname: text,
  file: maybe(text),
  line: natural,
  table: text,
  proxyFor: maybe(text),
  abstractBases: listOf(text),
  parents: listOf(text),
  managed: flag,
  vendor: text,
  baseManagerFilters: flag,
  defaultManager: maybe(text),
  defaultManagerFilters: maybe(flag),
  ordering: maybe(listOf(maybe(text))),
  fields: listOf(objectOf(modelField)),
  indexes: listOf(objectOf({ name: text, fields: listOf(maybe(text)), condition: flag, unique: flag })),
  uniqueTogether: listOf(listOf(text)),
} satisfies Shape;

const models = { models: listOf(isObject) } satisfies Shape;
const notice = { level: text, code: text, message: text, count: natural } satisfies Shape;
const end = { queries: natural, finishedAt: natural, errors: natural } satisfies Shape;

/** Types that a reader of this version stores; `database` is known and not needed yet. */
const shapes = {
  header,
  file,
  site,
  stack,
  construction,
  statement,
  cause,
  scope,
  row,
  eagerRead,
  scopeEnd,
  test,
  collected,
  plan,
  probe,
  models,
  notice,
  end,
} as const;

type Shapes = typeof shapes;
export type RecordType = keyof Shapes;
export type RecordOf<T extends RecordType> = Shaped<Shapes[T]>;
export type SegmentRecord = { [T in RecordType]: { readonly type: T } & RecordOf<T> }[RecordType];
export type ModelRecord = Shaped<typeof modelShape>;

export type ParsedLine =
  | { readonly kind: "record"; readonly record: SegmentRecord }
  /** A type of a later recorder: not an error, nothing to do. */
  | { readonly kind: "unknown" }
  | { readonly kind: "bad"; readonly reason: string };

/** One line of a segment, without its line end. Never throws. */
export function parseLine(line: string): ParsedLine {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { kind: "bad", reason: "is not JSON" };
  }
  if (!isObject(value)) return { kind: "bad", reason: "is not a JSON object" };
  const type = value["type"];
  if (typeof type !== "string") return { kind: "bad", reason: "has no type" };
  if (!Object.hasOwn(shapes, type)) return { kind: "unknown" };
  return checkRecord(type as RecordType, value);
}

function checkRecord(type: RecordType, value: Json): ParsedLine {
  const member = misfit(shapes[type], value);
  if (member !== null)
    return { kind: "bad", reason: `is a ${type} whose "${member}" is missing or not what it should be` };
  return { kind: "record", record: value as unknown as SegmentRecord };
}
