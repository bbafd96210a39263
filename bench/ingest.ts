/**
 * Takes in a made-up recording of 100,000 rows and asks for costs, each beside the time of parsing the same lines as JSON:
 * ratios hold from machine to machine, times do not.
 */
import { MemoryRuns, openMemoryTrace, SegmentBuilder } from "../server/src/trace/testing.ts";
import { print, result } from "./results.ts";

const TESTS = 2_000;
const ROWS_PER_TEST = 50;
const FILES = 300;
const SITES = 6_000;
const STACKS = 5_000;
const STACK_DEPTH = 20;
const STATEMENTS = 800;
const CAUSES = 200;

function recording(): SegmentBuilder {
  const next = generator(1);
  const pick = (ids: readonly number[]) => ids[next(ids.length)] ?? 0;
  const many = (count: number, make: (index: number) => number) =>
    Array.from({ length: count }, (_, index) => make(index));
  const builder = new SegmentBuilder();
  const files = many(FILES, (index) => builder.file(`app/module${index}.py`, `# ${index}\n`.repeat(400)));
  const sites = many(SITES, (index) =>
    builder.site(pick(files), { line: index + 1, column: 4, qualname: `f${index}` }),
  );
  const stacks = many(STACKS, () => builder.stack(...many(STACK_DEPTH, () => pick(sites))));
  const constructions = many(STACKS, () => builder.construction(pick(stacks), pick(sites)));
  const columns = '"column", '.repeat(30);
  const statements = many(STATEMENTS, (index) => builder.statement(`SELECT ${columns} FROM "table${index}"`));
  const causes = many(CAUSES, (index) =>
    builder.cause(index % 2 === 0 ? "foreign_key" : "queryset", { model: `app.Model${index}`, field: "owner" }),
  );
  for (let index = 0; index < TESTS; index += 1) {
    const test = `app/tests.py::Tests::test_${index}`;
    const scope = builder.scope({ test });
    let parent = 0;
    for (let row = 0; row < ROWS_PER_TEST; row += 1) {
      const ids = {
        stack: pick(stacks),
        construction: pick(constructions),
        cause: pick(causes),
        statement: pick(statements),
      };
      parent = builder.row(scope, { ...ids, parent, count: 1 + next(100), rows: 3, sample: ["1"] });
    }
    builder.endScope(scope).test(test);
  }
  return builder;
}

/** Numbers below a limit, the same in each run (xorshift32). */
function generator(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}

function timed<T>(work: () => T): readonly [T, number] {
  const start = performance.now();
  const result = work();
  return [result, performance.now() - start];
}

const builder = recording();
const text = builder.toString();
const [, parsing] = timed(() =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown),
);
const runs = new MemoryRuns().add(builder);
const [{ reader }, ingesting] = timed(() => openMemoryTrace(runs));
const sites = reader.sitesIn("app/module0.py").map(({ id }) => id);
const [, firstCost] = timed(() => reader.costThrough(sites.slice(0, 1)));
const [, oneSite] = timed(() => reader.costThrough(sites.slice(0, 1)));
const [, allSites] = timed(() => reader.costThrough(sites));
const [, scopes] = timed(() => reader.scopes());

const against = (what: string, ms: number) => [
  result(`${what}`, ms, "ms"),
  result(`${what} / parsing the lines`, ms / parsing, "x"),
];
print([
  result("rows", TESTS * ROWS_PER_TEST, "rows"),
  result("size", text.length / 1e6, "MB"),
  result("parse the lines", parsing, "ms"),
  ...against("ingest them", ingesting),
  ...against("cost through one site, first time", firstCost),
  ...against("cost through one site", oneSite),
  ...against(`cost through a file's ${sites.length} sites`, allSites),
  ...against("list the scopes", scopes),
]);
