/**
 * A project with a recording as large as wanted, made from what the real recorder writes of the demo. Most of its files are copies
 * of the demo's under other folders; `thousand.py` and `tenThousand.py` are the demo's views and services many times over, with all of
 * their recorded sites.
 */
import { createHash } from "node:crypto";
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, statSync, writeFileSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { slicesOf } from "../../test/faults/demoSegment.ts";
import { demoFolder, record } from "../../test/lsp/projects.ts";
import { type CopyPlan, copySegment, type Place, renameDefinitions } from "./segmentCopies.ts";

const runId = "20260101T000000Z-1-aaaa";
const longFiles = [
  { path: "thousand.py", lines: 1_000 },
  { path: "tenThousand.py", lines: 10_000 },
] as const;

/** How large: `rows` grow with copies and repeats, files and sites with copies alone, executions with all three. */
export interface Extent {
  /** Of the demo's files, each with all their tests. */
  readonly copies: number;
  /** How often each copy's tests stand there under other names. */
  readonly repeats: number;
  /** How often each row was executed for once that it was. */
  readonly times: number;
  /** Whether some of the copies stand in two long files. */
  readonly longFiles: boolean;
}

export interface LargeProject {
  readonly root: string;
  /** How much there is: rows, tests, executions, files; `bytes` of the segment. */
  readonly size: Readonly<Record<"rows" | "tests" | "scopes" | "executions" | "files" | "sites" | "bytes", number>>;
  readonly segment: string;
  /** Relative paths of files that are copies of one, each with recorded sites. */
  readonly ordinary: readonly string[];
  readonly long: readonly { readonly path: string; readonly lines: number }[];
  /** Records one of the tests again, in a run of its own; answers how many rows that has. */
  recordOneTest(run: string): number;
}

export async function writeLargeProject(root: string, recorded: RecordedDemo, extent: Extent): Promise<LargeProject> {
  const { records, manifest } = recorded;
  const texts = new Map(
    records
      .filter(({ type }) => type === "file")
      .map(({ path, text }) => [String(path), `${String(text).trimEnd()}\n`]),
  );
  const plan = planFor(texts, extent);
  const files = new Set<string>();
  const segment = write(root, `.querysight/runs/${runId}/main.ndjson`, "");
  const into = openSync(segment, "a");
  let waiting: string[] = [];
  const flush = () => {
    writeSync(into, waiting.join(""));
    waiting = [];
  };
  const size = { rows: 0, tests: 0, executions: 0, sites: 0, scopes: 0 };
  for (const made of copySegment(records, runId, plan)) {
    if (made["type"] === "file") {
      files.add(String(made["path"]));
      write(root, String(made["path"]), String(made["text"]));
    } else if (made["type"] === "row") {
      size.rows += 1;
      size.executions += Number(made["count"]);
    } else if (made["type"] === "test") size.tests += 1;
    else if (made["type"] === "site") size.sites += 1;
    else if (made["type"] === "scope") size.scopes += 1;
    waiting.push(`${JSON.stringify(made)}\n`);
    // One text of a million rows is longer than a text can be.
    if (waiting.length >= 10_000) flush();
  }
  flush();
  closeSync(into);
  const tests = { collected: size.tests, run: size.tests, recorded: size.tests };
  write(root, `.querysight/runs/${runId}/run.json`, JSON.stringify({ ...manifest, id: runId, tests }));
  return {
    root,
    size: { ...size, files: files.size, bytes: statSync(segment).size },
    segment,
    ordinary: [...files].filter((path) => /^copy\d+\/shop\/views\.py$/.test(path)),
    recordOneTest: (run) => {
      const [slice] = slicesOf(runId, records).filter(({ lines }) => lines.length > 100);
      const own = slice?.lines.map((line) => JSON.parse(line) as Json) ?? [];
      const copied = [...copySegment(own, run, { ...plan, copies: 1, repeats: 1 })];
      write(root, `.querysight/runs/${run}/main.ndjson`, copied.map((each) => `${JSON.stringify(each)}\n`).join(""));
      const counts = { collected: 1, run: 1, recorded: 1 };
      write(
        root,
        `.querysight/runs/${run}/run.json`,
        JSON.stringify({ ...manifest, id: run, state: "partial", tests: counts }),
      );
      return copied.filter(({ type }) => type === "row").length;
    },
    long: (extent.longFiles ? longFiles : []).map(({ path }) => ({
      path,
      lines: plan.textOf(path).split("\n").length - 1,
    })),
  };
}

type Json = Record<string, unknown>;

export interface RecordedDemo {
  readonly records: readonly Json[];
  readonly manifest: Json;
}

export async function recordDemo(): Promise<RecordedDemo> {
  const demo = demoFolder();
  try {
    await record(demo.root);
    const runs = join(demo.root, ".querysight", "runs");
    const [run = ""] = readdirSync(runs);
    const segment = readFileSync(join(runs, run, "main.ndjson"), "utf8")
      .trimEnd()
      .split("\n");
    return {
      records: segment.map((line) => JSON.parse(line) as Json),
      manifest: JSON.parse(readFileSync(join(runs, run, "run.json"), "utf8")) as Json,
    };
  } finally {
    demo.remove();
  }
}

/** The long files take the first copies' views and services, as many copies as their lines need; all else lies in a folder a copy. */
function planFor(
  texts: ReadonlyMap<string, string>,
  { copies, repeats, times, longFiles: withLong }: Extent,
): CopyPlan {
  const parts = [...texts.keys()].filter((path) => /\/(views|services)\.py$/.test(path) && !path.includes("tests"));
  const linesOf = (path: string) => (texts.get(path)?.split("\n").length ?? 1) - 1;
  const before = new Map<string, number>();
  let block = 0;
  for (const path of parts) {
    before.set(path, block);
    block += linesOf(path);
  }
  let first = 0;
  const longs = (withLong ? longFiles : []).map(({ path, lines }) => {
    const long = { path, first, end: first + Math.ceil(lines / block) };
    first = long.end;
    return long;
  });
  if (withLong && first > copies - 5) throw new Error("The long files leave no copies for ordinary ones.");

  const textOf = (path: string): string => {
    const long = longs.find((candidate) => candidate.path === path);
    if (long === undefined) return texts.get(path.replace(/^copy\d+\//, "")) ?? "";
    const own = Array.from({ length: long.end - long.first }, (_, index) => long.first + index);
    return own.flatMap((copy) => parts.map((part) => renameDefinitions(texts.get(part) ?? "", copy))).join("");
  };
  const place = (path: string, copy: number): Place => {
    const long = longs.find((candidate) => copy >= candidate.first && copy < candidate.end);
    const within = before.get(path);
    if (long === undefined || within === undefined) {
      return { path: `copy${copy}/${path}`, linesBefore: 0, renamed: false };
    }
    return { path: long.path, linesBefore: (copy - long.first) * block + within, renamed: true };
  };
  return { copies, repeats, times, place, textOf, hashOf: (text) => createHash("sha256").update(text).digest("hex") };
}

function write(root: string, path: string, text: string): string {
  const file = join(root, ...path.split("/"));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}
