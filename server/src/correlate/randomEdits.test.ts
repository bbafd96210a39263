import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { beforeAll, expect, it } from "vitest";
import { createPythonParser, type PythonParser } from "../python/parser.ts";
import type { PythonFile } from "../python/pythonFile.ts";
import { textAt } from "../text/testing.ts";
import type { Site } from "../trace/model.ts";
import { ComparedPython } from "./comparedPython.ts";
import { placeMoved } from "./pythonPlacement.ts";
import { alignStatements } from "./statementAlignment.ts";
import {
  type Edit,
  editKinds,
  plain,
  type RealSource,
  type RecordedPlace,
  TaggedFile,
  type Writing,
} from "./testingEdits.ts";

/** By hand: `QUERYSIGHT_EDITS=20000 vitest run server/src/correlate/randomEdits.test.ts`, with more files and seeds of its own. */
const byHand = Number(process.env.QUERYSIGHT_EDITS ?? 0);
const runs = byHand || 200;

let parser: PythonParser;
let sources: readonly RealSource[];
beforeAll(async () => {
  parser = await createPythonParser();
  sources = realSources(byHand > 0);
}, 600_000);

const root = fileURLToPath(new URL("../../../", import.meta.url));
const script = fileURLToPath(new URL("testdata/statements.py", import.meta.url));
const ruff = join(root, ".cache/venvs/lint/bin/ruff");

/** Files of the interpreter's own library with many statements that look alike, and all kinds of them. */
const libraryFiles = ["argparse", "ast", "calendar", "cgi", "configparser", "csv", "difflib", "doctest", "ftplib"];
const moreLibraryFiles = ["optparse", "pdb", "shutil", "smtplib", "tarfile", "textwrap", "typing", "zipfile"];

/** Python files that stand on this machine: the demo's, the recorder's and the standard library's. */
function realSources(all: boolean): readonly RealSource[] {
  const library = execFileSync("python3", ["-c", "import sysconfig; print(sysconfig.get_path('stdlib'))"], {
    encoding: "utf8",
  }).trim();
  const names = all ? [...libraryFiles, ...moreLibraryFiles] : libraryFiles.slice(0, 4);
  const files = [
    ...pythonFiles(join(root, "demo"), all ? 999 : 24),
    ...pythonFiles(join(root, "recorder/querysight"), all ? 999 : 16),
    ...names.map((name) => join(library, `${name}.py`)).filter((file) => existsSync(file)),
    ...(all ? ["asyncio", "email", "http", "unittest"].flatMap((name) => pythonFiles(join(library, name), 999)) : []),
  ];
  const formatter = existsSync(ruff) ? ["--ruff", ruff] : [];
  const output = execFileSync("python3", [script, ...formatter, ...files], { encoding: "utf8", maxBuffer: 2 ** 28 });
  const sources: readonly RealSource[] = JSON.parse(output);
  return sources.filter(({ versions }) => (versions[0]?.calls.length ?? 0) > 3);
}

/** The largest ones. */
function pythonFiles(folder: string, most: number): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".py") && !/(^|\/)(\.venv|migrations|node_modules|\.[^/]*)\//.test(name))
    .map((name) => join(folder, name))
    .map((file) => ({ file, size: statSync(file).size }))
    .sort((a, b) => b.size - a.size || (a.file < b.file ? -1 : 1))
    .slice(0, most)
    .map(({ file }) => file);
}

const edit: fc.Arbitrary<Edit> = fc.record({
  kind: fc.constantFrom(...editKinds),
  pick: fc.nat(9_999),
  other: fc.nat(9_999),
});

const writing: fc.Arbitrary<Writing> = fc.record({
  lineEnd: fc.constantFrom("\n", "\r\n"),
  tabs: fc.boolean(),
  bom: fc.constant(false),
});

const scenario = fc.record({
  file: fc.nat(9_999),
  /** The file as it stands, mostly; else all of it formatted anew. */
  style: fc.constantFrom(0, 0, 0, 1, 2),
  moves: fc.boolean(),
  edits: fc.array(edit, { minLength: 1, maxLength: 8 }),
  writing,
});

type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never;

interface Outcome {
  readonly wrong: readonly string[];
  /** Places of statements that stand as they stood, and alone say what they say. */
  readonly sure: number;
  readonly standing: number;
  readonly found: number;
  readonly lost: readonly string[];
}

function siteOf({ line, column, endLine, endColumn }: RecordedPlace): Site {
  const more = { id: 1, fileId: 1, path: "a.py", kind: "python", qualname: "", functionLine: 1, token: null } as const;
  return { ...more, line, column, endLine, endColumn };
}

function play({ file, style, moves, edits, writing }: Scenario): Outcome {
  const source = sources[file % sources.length] as RealSource;
  const [before] = source.versions;
  const written = source.versions[style] ?? before;
  if (before === undefined || written === undefined || before.units.length !== written.starts.length) {
    return { wrong: [], sure: 0, standing: 0, found: 0, lost: [] };
  }
  const tagged = new TaggedFile(written, moves);
  for (const each of edits) tagged.apply(each);
  const recorded = parser.parse(before.text);
  const text = tagged.written(writing);
  const today = parser.parse(text, recorded);
  return compare({ recorded, today, calls: before.calls, tagged, path: source.path, isFormatted: style !== 0 });
}

interface Comparison {
  readonly recorded: PythonFile;
  readonly today: PythonFile;
  readonly calls: readonly RecordedPlace[];
  readonly tagged: TaggedFile;
  readonly path: string;
  readonly isFormatted: boolean;
}

function compare({ recorded, today, calls, tagged, path, isFormatted }: Comparison): Outcome {
  const alignment = alignStatements(recorded, today);
  const compared = new ComparedPython(recorded, today);
  const wrong: string[] = [];
  const lost: string[] = [];
  let [sure, standing, found] = [0, 0, 0];
  for (const call of calls) {
    const placement = placeMoved(siteOf(call), recorded, today, alignment);
    const stands = tagged.stands(call.tag);
    if (stands) standing += 1;
    const where = `${path}:${call.line}:${call.column}`;
    if (JSON.stringify(compared.place(siteOf(call))) !== JSON.stringify(placement))
      wrong.push(`${where} with its block`);
    if (placement.state === "gone") {
      if (!stands || isFormatted || tagged.isBroken || tagged.isRenamed || !tagged.isUnique(call.tag)) continue;
      lost.push(where);
      continue;
    }
    if (stands) found += 1;
    if (stands && tagged.isUnique(call.tag)) sure += 1;
    const { start, end } = placement.range;
    const isOwn = tagged.tagAt(start.line) === call.tag && tagged.tagAt(end.line) === call.tag;
    if (!isOwn) wrong.push(`${where} stands at line ${start.line + 1}: ${today.lines.lineText(start.line)}`);
    else if (call.kind === "call" && stands && !isFormatted) {
      const range = { start: { line: call.line - 1, character: 0 }, end: { line: call.line - 1, character: 0 } };
      const said = textAt(recorded.text, { ...range, end: { line: call.endLine - 1, character: 9_999 } });
      if (!plain(said).includes(plain(textAt(today.text, placement.range)))) wrong.push(`${where} is another call`);
    }
  }
  return { wrong, sure, standing, found, lost };
}

it("places a recorded call on its own statement or nowhere, whatever was done to the file", () => {
  const total = { standing: 0, found: 0, sure: 0 };
  fc.assert(
    fc.property(scenario, (given) => {
      const outcome = play(given);
      expect(outcome.wrong).toEqual([]);
      expect(outcome.lost).toEqual([]);
      total.standing += outcome.standing;
      total.found += outcome.found;
      total.sure += outcome.sure;
    }),
    { numRuns: runs, ...(byHand === 0 ? { seed: 20_260_101 } : {}) },
  );
  if (byHand > 0) console.log(`${total.found} of ${total.standing} places found`);
  expect(total.found / total.standing).toBeGreaterThan(0.95);
});
