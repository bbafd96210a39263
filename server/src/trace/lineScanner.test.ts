import fc from "fast-check";
import { expect, test } from "vitest";
import { LineScanner } from "./lineScanner.ts";
import { JsonText, parseLine } from "./records.ts";
import { SegmentBuilder } from "./testing.ts";

const scanner = new LineScanner();

function scan(line: string) {
  const bytes = Buffer.from(`before\n${line}\nbehind`);
  return plain(scanner.scan(bytes, "before\n".length, bytes.lastIndexOf("\n")));
}

/** As `parseLine` has it: what was only checked is made, what was left out is absent. */
function plain(record: object | null): object | null {
  if (record === null) return null;
  const members = Object.entries(record).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(
    members.map(([name, value]) => [name, value instanceof JsonText ? (JSON.parse(value.text) as unknown) : value]),
  );
}

function parse(line: string): object | null {
  const parsed = parseLine(line);
  return parsed.kind === "record" ? plain(parsed.record) : null;
}

const text = fc.oneof(
  fc.constantFrom("default", "", "shop/tests.py::T::test_a[1]", "a/b", "~!#$%&'()*+,-./:;<=>?@[]^_`{|}"),
  fc.string({ unit: "grapheme" }),
);
const number = fc.oneof(
  fc.nat(),
  fc.constantFrom(0, 1, 2 ** 40, 999_999_999_999_999, Number.MAX_SAFE_INTEGER, 2 ** 53),
);
const nothing = fc.constant(null);
const textOrNull = fc.oneof(nothing, text);
const numberOrNull = fc.oneof(nothing, number);

const row = fc.record({
  type: fc.constant("row"),
  id: number,
  scope: number,
  stack: number,
  construction: number,
  cause: number,
  statement: number,
  db: text,
  parent: number,
  path: text,
  count: number,
  rows: numberOrNull,
  single: fc.boolean(),
  ns: fc.oneof({ weight: 9, arbitrary: fc.tuple(number, number, number) }, fc.array(number)),
  first: number,
  last: number,
  instances: number,
  parameters: number,
  errors: number,
  sample: fc.oneof(nothing, fc.array(text)),
});
const scope = fc.record({
  type: fc.constant("scope"),
  id: number,
  kind: fc.constantFrom("test", "request", "command", "task", "server", "other"),
  test: textOrNull,
  phase: fc.constantFrom(null, "class", "setup", "call", "teardown", "other"),
  ordinal: numberOrNull,
  parent: number,
  method: textOrNull,
  path: textOrNull,
  route: textOrNull,
  view: textOrNull,
  label: textOrNull,
});
const scopeEnd = fc.record({
  type: fc.constant("scopeEnd"),
  scope: number,
  queries: number,
  sqlNs: number,
  status: numberOrNull,
  order: fc.array(fc.array(number)),
  orderRest: number,
});
const end = fc.record({
  type: fc.constant("test"),
  id: text,
  outcome: fc.constantFrom("passed", "failed", "error", "skipped", "xfailed", "other"),
  durationNs: number,
});
const stack = fc.record({ type: fc.constant("stack"), id: number, parent: number, site: number });
const construction = fc.record({ type: fc.constant("construction"), id: number, stack: number, chain: number });
const site = fc.record({
  type: fc.constant("site"),
  id: number,
  file: number,
  kind: text,
  qualname: text,
  functionLine: number,
  line: number,
  column: numberOrNull,
  endLine: numberOrNull,
  endColumn: numberOrNull,
  token: textOrNull,
});
const line = fc.oneof(row, scope, scopeEnd, end, stack, construction, site).map((record) => JSON.stringify(record));

test("what is read straight from the bytes is what the whole line says", () => {
  let scanned = 0;
  fc.assert(
    fc.property(line, (written) => {
      const record = scan(written);
      if (record === null) return;
      scanned += 1;
      expect(record).toEqual(parse(written));
    }),
    { numRuns: 2_000 },
  );
  expect(scanned).toBeGreaterThan(200);
});

const noise = [...'0123456789-+.eE"\\,:[]{} \tnulltruefalse\u0000ä\u007f', "[]", '""', "00", "null", ',"id":1'];

test("and of a line in which something fell over, cut off or doubled, too", () => {
  let scanned = 0;
  fc.assert(
    fc.property(line, fc.nat(), fc.nat(3), fc.constantFrom("", ...noise), (written, pick, removed, added) => {
      const at = pick % (written.length + 1);
      const changed = written.slice(0, at) + added + written.slice(at + removed);
      const record = scan(changed);
      if (record === null) return;
      scanned += 1;
      expect(record).toEqual(parse(changed));
    }),
    { numRuns: 10_000 },
  );
  expect(scanned).toBeGreaterThan(100);
});

test("what tests are built of is read so", () => {
  const builder = new SegmentBuilder();
  const stack = builder.stack(builder.site(builder.file("a.py", "a()\n"), { line: 1 }));
  const asked = builder.scope({ kind: "request", test: "t.py::a", method: "GET", path: "/", route: "/", view: "v" });
  const ids = { cause: builder.cause("queryset"), statement: builder.statement("SELECT 1") };
  builder.row(asked, { ...ids, stack, construction: builder.construction(stack, 0), sample: ["1", "'a'"] });
  builder.row(asked, { ...ids, rows: 3, count: 5 });
  builder.endScope(asked, 200).test("t.py::a");
  const lines = builder.toString().trimEnd().split("\n");
  const kinds = lines.flatMap((written) => (scan(written) === null ? [] : [JSON.parse(written).type]));
  expect(kinds).toEqual(["site", "stack", "scope", "construction", "row", "row", "scopeEnd", "test"]);
});

test("a line that is torn has no record, whatever stands behind it", () => {
  const written = '{"type":"test","id":"t.py::a","outcome":"passed","durationNs":12}';
  for (let length = 0; length < written.length; length += 1) expect(scan(written.slice(0, length))).toBeNull();
  expect(scan(written)).not.toBeNull();
});
