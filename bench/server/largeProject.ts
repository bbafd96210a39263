/**
 * A project with a recording of 100,000 rows and more, made from what the real recorder writes of the demo. Most of its files are copies
 * of the demo's under other folders; `thousand.py` and `tenThousand.py` are the demo's views and services many times over, with all of
 * their recorded sites.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { demoFolder, record } from "../../test/lsp/projects.ts";
import { type CopyPlan, copySegment, type Place, renameDefinitions } from "./segmentCopies.ts";

const copies = 40;
const repeats = 4;
const runId = "20260101T000000Z-1-aaaa";
const longFiles = [
  { path: "thousand.py", lines: 1_000 },
  { path: "tenThousand.py", lines: 10_000 },
] as const;

export interface LargeProject {
  /** How much there is: rows, tests, executions, files; `bytes` of the segment. */
  readonly size: Readonly<Record<"rows" | "tests" | "executions" | "files" | "bytes", number>>;
  readonly segment: string;
  /** Relative paths of files that are copies of one, each with recorded sites. */
  readonly ordinary: readonly string[];
  readonly long: readonly { readonly path: string; readonly lines: number }[];
}

export async function writeLargeProject(root: string): Promise<LargeProject> {
  const { records, manifest } = await recordDemo();
  const texts = new Map(
    records
      .filter(({ type }) => type === "file")
      .map(({ path, text }) => [String(path), `${String(text).trimEnd()}\n`]),
  );
  const plan = planFor(texts);
  const files = new Set<string>();
  const lines: string[] = [];
  const size = { rows: 0, tests: 0, executions: 0 };
  for (const made of copySegment(records, runId, plan)) {
    if (made["type"] === "file") {
      files.add(String(made["path"]));
      write(root, String(made["path"]), String(made["text"]));
    } else if (made["type"] === "row") {
      size.rows += 1;
      size.executions += Number(made["count"]);
    } else if (made["type"] === "test") size.tests += 1;
    lines.push(`${JSON.stringify(made)}\n`);
  }
  const text = lines.join("");
  const segment = write(root, `.querysight/runs/${runId}/main.ndjson`, text);
  const tests = { collected: size.tests, run: size.tests, recorded: size.tests };
  write(root, `.querysight/runs/${runId}/run.json`, JSON.stringify({ ...manifest, id: runId, tests }));
  return {
    size: { ...size, files: files.size, bytes: Buffer.byteLength(text) },
    segment,
    ordinary: [...files].filter((path) => /^copy\d+\/shop\/views\.py$/.test(path)),
    long: longFiles.map(({ path }) => ({ path, lines: plan.textOf(path).split("\n").length - 1 })),
  };
}

type Json = Record<string, unknown>;

async function recordDemo(): Promise<{ readonly records: readonly Json[]; readonly manifest: Json }> {
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
function planFor(texts: ReadonlyMap<string, string>): CopyPlan {
  const parts = [...texts.keys()].filter((path) => /\/(views|services)\.py$/.test(path) && !path.includes("tests"));
  const linesOf = (path: string) => (texts.get(path)?.split("\n").length ?? 1) - 1;
  const before = new Map<string, number>();
  let block = 0;
  for (const path of parts) {
    before.set(path, block);
    block += linesOf(path);
  }
  let first = 0;
  const longs = longFiles.map(({ path, lines }) => {
    const long = { path, first, end: first + Math.ceil(lines / block) };
    first = long.end;
    return long;
  });
  if (first > copies - 5) throw new Error("The long files leave no copies for ordinary ones.");

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
  return { copies, repeats, place, textOf, hashOf: (text) => createHash("sha256").update(text).digest("hex") };
}

function write(root: string, path: string, text: string): string {
  const file = join(root, ...path.split("/"));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}
