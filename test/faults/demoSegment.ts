import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { demoFolder, record } from "../lsp/projects.ts";

export type Json = Readonly<Record<string, unknown>>;

/** What one test wrote: a segment of its own, small enough for thousands of cases. */
export interface Slice {
  readonly test: string;
  readonly run: string;
  /** Without their line ends. */
  readonly lines: readonly string[];
  /** The contents of the recorded files, by path. */
  readonly texts: ReadonlyMap<string, string>;
}

/** Records the demo's tests and cuts the segment up. */
export async function recordSlices(): Promise<readonly Slice[]> {
  const demo = demoFolder();
  try {
    await record(demo.root);
    const runs = join(demo.root, ".querysight", "runs");
    const [run = ""] = readdirSync(runs);
    const lines = readFileSync(join(runs, run, "main.ndjson"), "utf8")
      .trimEnd()
      .split("\n");
    return slicesOf(
      run,
      lines.map((line) => JSON.parse(line) as Json),
    );
  } finally {
    demo.remove();
  }
}

const references: Readonly<Record<string, string>> = {
  file: "file",
  site: "site",
  stack: "stack",
  construction: "construction",
  cause: "cause",
  statement: "statement",
  chain: "site",
};
const always = new Set(["header", "models", "database", "end"]);

/** @param records of one segment, in their order */
export function slicesOf(run: string, records: readonly Json[]): readonly Slice[] {
  const defined = new Map(records.map((record) => [`${record["type"]} ${record["id"]}`, record]));
  return records.flatMap((end) => {
    if (end["type"] !== "test") return [];
    const test = String(end["id"]);
    const scopes = new Set(records.filter((each) => each["type"] === "scope" && each["test"] === test).map(idOf));
    const kept = new Set<Json>();
    const keep = (record: Json | undefined): void => {
      if (record === undefined || kept.has(record)) return;
      kept.add(record);
      for (const [member, type] of Object.entries(references)) {
        if (member in record) keep(defined.get(`${type} ${record[member]}`));
      }
      if (record["type"] === "stack") keep(defined.get(`stack ${record["parent"]}`));
    };
    const isOwn = (each: Json): boolean =>
      each === end || always.has(String(each["type"])) || scopes.has(Number(each["scope"] ?? scopeId(each)));
    for (const each of records.filter(isOwn)) keep(each);
    for (const each of records.filter(({ type }) => type === "plan" || type === "probe"))
      if (kept.has(defined.get(`statement ${each["statement"]}`) ?? each)) keep(each);
    const models = new Set([...kept].flatMap(({ model, target }) => [model, target]));
    const files = records.filter((each) => each["type"] === "file" && kept.has(each));
    const texts = new Map(files.map(({ path, text }) => [String(path), String(text)]));
    const own = records.filter((record) => kept.has(record));
    return [{ test, run, lines: own.map((record) => JSON.stringify(withModels(record, models))), texts }];
  });
}

/** All models of the project in each slice would be most of it. */
function withModels(record: Json, labels: ReadonlySet<unknown>): Json {
  if (record["type"] !== "models") return record;
  return { ...record, models: (record["models"] as readonly Json[]).filter(({ label }) => labels.has(label)) };
}

function scopeId(record: Json): unknown {
  return record["type"] === "scope" ? record["id"] : 0;
}

function idOf(record: Json): number {
  return Number(record["id"]);
}
