import { describe, expect, test } from "vitest";
import type { TraceProblem } from "./model.ts";
import { MemoryRuns, type MemoryTrace, openMemoryTrace, SegmentBuilder } from "./testing.ts";

const RUN = "20260101T000000Z-1-aaaa";

function withTest(builder: SegmentBuilder, test = "a.py::test_a", count = 1): SegmentBuilder {
  const scope = builder.scope({ test });
  builder.row(scope, { cause: builder.cause("queryset"), statement: builder.statement("SELECT 1"), count });
  return builder.endScope(scope).test(test);
}

function ingest(...segments: readonly SegmentBuilder[]): MemoryTrace {
  const runs = new MemoryRuns();
  for (const segment of segments) runs.add(segment).describe(segment.run, { state: "complete" });
  return openMemoryTrace(runs);
}

const problems = ({ reader }: MemoryTrace) => reader.summary().problems;
const codes = (trace: MemoryTrace) => problems(trace).map(({ code }) => code);
const queries = ({ reader }: MemoryTrace) => reader.summary().queries;

describe("a broken segment", () => {
  test("with a torn last line keeps all before it, and says so once the run is over", () => {
    const builder = withTest(new SegmentBuilder());
    const runs = new MemoryRuns().add(builder.raw('{"type":"sco')).describe(RUN, { state: "running" });
    const trace = openMemoryTrace(runs);
    expect([queries(trace), problems(trace)]).toEqual([1, []]);
    runs.describe(RUN, { state: "interrupted" });
    trace.refresh();
    expect(queries(trace)).toBe(1);
    expect(problems(trace)).toMatchObject([{ code: "torn-line", file: `runs/${RUN}/main.ndjson` }]);
  });

  test("of a newer format is refused by name; other segments are read", () => {
    const newer = withTest(new SegmentBuilder(RUN, "gw0", { format: 2, recorder: "9.0.0" }), "a.py::test_b", 10);
    const trace = ingest(withTest(new SegmentBuilder()), newer);
    expect(queries(trace)).toBe(1);
    expect(problems(trace)).toMatchObject([{ code: "newer-format", file: `runs/${RUN}/gw0.ndjson` }]);
    expect(problems(trace)[0]?.message).toMatch(/Querysight 9\.0\.0 in format 2.*up to format 1.*update/);
  });

  test("with a byte order mark before its header is read", () => {
    const text = withTest(new SegmentBuilder()).toString();
    const trace = openMemoryTrace(new MemoryRuns().write(RUN, "main", `\uFEFF${text}`));
    expect([queries(trace), problems(trace)]).toEqual([1, []]);
  });

  test("that cannot be read is not also called cut off", () => {
    const runs = new MemoryRuns().add(withTest(new SegmentBuilder())).describe(RUN, { state: "complete" });
    const read = runs.read.bind(runs);
    runs.read = () => {
      throw Object.assign(new Error("no permission"), { code: "EACCES", syscall: "open" });
    };
    const trace = openMemoryTrace(runs);
    expect(codes(trace)).toEqual(["unreadable"]);
    runs.read = read;
    runs.add(withTest(withTest(new SegmentBuilder()), "a.py::test_b"));
    trace.refresh();
    expect([queries(trace), problems(trace)]).toEqual([2, []]);
  });

  test("without a header is not guessed at", () => {
    const runs = new MemoryRuns().write(
      RUN,
      "main",
      withTest(new SegmentBuilder()).toString().split("\n").slice(1).join("\n"),
    );
    const trace = openMemoryTrace(runs);
    expect([queries(trace), codes(trace)]).toEqual([0, ["no-header"]]);
  });

  test("that belongs to another run or process is foreign", () => {
    const runs = new MemoryRuns().write(RUN, "gw0", withTest(new SegmentBuilder()).toString());
    expect(codes(openMemoryTrace(runs))).toEqual(["foreign-file"]);
  });

  test("that is no text at all is told of", () => {
    const runs = new MemoryRuns().write(RUN, "main", Buffer.from([0, 255, 10, 200, 10]));
    expect(codes(openMemoryTrace(runs))).toEqual(["no-header"]);
  });

  test.each([
    ["what is not JSON", "{]\n", "Line 2 is not JSON"],
    ["what is no object", "[1]\n", "Line 2 is not a JSON object"],
    ["what has no type", "{}\n", "Line 2 has no type"],
    ["an empty line", "\n", "Line 2 is not JSON"],
    ["a member of a wrong type", '{"type":"stack","id":"1","parent":0,"site":1}\n', 'a stack whose "id"'],
    ["a missing member", '{"type":"statement","id":1,"sql":"x","verb":"select"}\n', 'a statement whose "tables"'],
    ["a negative number", '{"type":"scope","id":1,"kind":"test","parent":-1}\n', 'a scope whose "parent"'],
    [
      "a site of a file that is not there",
      '{"type":"site","id":1,"file":9,"kind":"python","qualname":"","functionLine":1,"line":1}\n',
      "names a file (9)",
    ],
    ["a stack of a site that is not there", '{"type":"stack","id":1,"parent":0,"site":9}\n', "names a stack or site"],
    [
      "the end of a scope that is not there",
      '{"type":"scopeEnd","scope":9,"queries":1,"sqlNs":1,"order":[],"orderRest":0}\n',
      "ends a scope (9)",
    ],
    [
      "a plan of a statement that is not there",
      '{"type":"plan","statement":9,"db":"default","vendor":"sqlite","nodes":[]}\n',
      "names a statement (9)",
    ],
    [
      "a second header",
      '{"type":"header","format":1,"recorder":"1","run":"r","process":"p","startedAt":1,"root":"/"}\n',
      "is a second header",
    ],
    ["a row id beyond any real one", `{"type":"scope","id":${2 ** 40},"kind":"test","parent":0}\n`, "too large"],
  ])("that holds %s loses that record only", (_, line, message) => {
    const trace = ingest(withTest(new SegmentBuilder().raw(line)));
    expect(queries(trace)).toBe(1);
    expect(problems(trace)).toEqual([
      { code: "bad-record", file: `runs/${RUN}/main.ndjson`, message: expect.stringContaining(message) },
    ]);
  });

  test.each(["file", "site", "stack", "construction", "statement", "cause"])(
    "that defines one id of a %s twice keeps the first",
    (type) => {
      const builder = new SegmentBuilder();
      const file = builder.file("shop/first.py", "first()\n");
      const site = builder.siteAt(file, "first()", { qualname: "first" });
      const stack = builder.stack(site);
      const construction = builder.construction(stack, site);
      const statement = builder.statement("SELECT first");
      const cause = builder.cause("queryset", { model: "shop.First" });
      // Records that stand for something else under an id that is taken.
      const other = builder.file("shop/other.py", "other()\n");
      const otherSite = builder.siteAt(other, "other()", { qualname: "other" });
      const otherStack = builder.stack(otherSite);
      const hash = "134d9163d1323061ec2490fe11684861115ee9651d5bbbb3d1079a5c80b145b7";
      const seconds: Readonly<Record<string, () => void>> = {
        file: () =>
          builder.add("file", { id: file, path: "shop/second.py", language: "python", hash, text: "second()\n" }),
        site: () =>
          builder.add("site", { id: site, file: other, kind: "python", qualname: "x", functionLine: 1, line: 1 }),
        stack: () => builder.add("stack", { id: stack, parent: otherStack, site: otherSite }),
        construction: () => builder.add("construction", { id: construction, stack: otherStack, chain: otherSite }),
        statement: () => builder.add("statement", { id: statement, sql: "SELECT second", verb: "select", tables: [] }),
        cause: () => builder.add("cause", { id: cause, kind: "raw", model: "shop.Second" }),
      };
      seconds[type]?.();
      const late = builder.siteAt(file, "first", { qualname: "late" });
      const scope = builder.scope({ test: "a.py::test_a" });
      builder.row(scope, { stack: builder.stack(late, site), construction, cause, statement });
      builder.row(scope, { stack, construction, cause, statement });
      const trace = ingest(builder.endScope(scope).test("a.py::test_a"));
      const { reader } = trace;
      expect(problems(trace)).toEqual([
        {
          code: "bad-record",
          file: `runs/${RUN}/main.ndjson`,
          message: expect.stringMatching(`is a second ${type} \\d+; it was skipped`),
        },
      ]);
      const rows = reader.scopes().flatMap(({ id }) => reader.rowsOfScope(id));
      expect(rows.map((row) => reader.stack(row.stackId).map(({ path, qualname }) => [path, qualname]))).toEqual([
        [
          ["shop/first.py", "late"],
          ["shop/first.py", "first"],
        ],
        [["shop/first.py", "first"]],
      ]);
      for (const row of rows) {
        expect(reader.statement(row.statementId).sql).toBe("SELECT first");
        expect(row.cause).toMatchObject({ kind: "queryset", model: "shop.First" });
        expect(reader.construction(row.constructionId ?? 0)?.chain?.qualname).toBe("first");
      }
    },
  );

  test("may hold types and members that are not known yet", () => {
    const builder = new SegmentBuilder()
      .add("hologram", { id: 1 })
      .add("collected", { tests: [], all: true, deselected: 0, later: 1 });
    expect(problems(ingest(withTest(builder)))).toEqual([]);
  });

  test("takes an unknown cause for `other`", () => {
    const builder = new SegmentBuilder();
    const scope = builder.scope({ test: "a.py::test_a" });
    builder.add("cause", { id: 900, kind: "telepathy", model: "shop.Order" });
    builder.row(scope, { cause: 900, statement: builder.statement("SELECT 1") });
    const { reader } = ingest(builder.endScope(scope).test("a.py::test_a"));
    expect(reader.rowsCausedBy(["other"])[0]?.cause).toMatchObject({ kind: "other", model: "shop.Order" });
  });

  test("of rubbish does not fill the list of problems", () => {
    const trace = ingest(withTest(new SegmentBuilder().raw("rubbish\n".repeat(5_000))));
    expect(queries(trace)).toBe(1);
    expect(problems(trace)).toHaveLength(21);
    expect(problems(trace).at(-1)?.message).toMatch(/more problems/);
  });

  test("tells of the recorder's own warnings and errors", () => {
    const builder = new SegmentBuilder().add("notice", {
      level: "warning",
      code: "x",
      message: "No plans for Oracle.",
      count: 1,
    });
    builder.add("notice", { level: "info", code: "y", message: "fine", count: 1 }).end(2);
    expect(problems(ingest(builder)).map(({ code, message }: TraceProblem) => [code, message])).toEqual([
      ["recorder", "No plans for Oracle."],
      ["recorder", expect.stringContaining("2 errors")],
    ]);
  });
});

describe("hostile names", () => {
  test.each([
    "/etc/passwd",
    "../secret.py",
    "shop/../../secret.py",
    "shop\\views.py",
    "C:/secret.py",
    "shop//views.py",
    "",
    "a\nb.py",
    "a\u009bb.py",
    "a\u2028b.py",
    "shop/\u202eyp.sweiv",
    "shop/views\u2066.py",
    "shop/\ud800.py",
  ])("%j never becomes a file; the queries still count", (path) => {
    const builder = new SegmentBuilder();
    const file = builder.file(path, "x");
    const good = builder.file("shop/views.py", "y");
    const stack = builder.stack(builder.site(good, { line: 1 }), builder.site(file, { line: 1 }));
    const construction = builder.construction(stack, builder.site(file, { line: 2 }));
    const scope = builder.scope({ test: "a.py::test_a" });
    builder.row(scope, {
      stack,
      construction,
      cause: builder.cause("queryset"),
      statement: builder.statement("SELECT 1"),
    });
    const trace = ingest(builder.endScope(scope).test("a.py::test_a"));
    expect(trace.reader.paths()).toEqual(["shop/views.py"]);
    expect(codes(trace)).toEqual(["bad-record"]);
    const [row] = trace.reader.rowsCausedBy(["queryset"]);
    expect(trace.reader.stack(row?.stackId ?? 0).map((site) => site.path)).toEqual(["shop/views.py"]);
    expect(trace.reader.construction(row?.constructionId ?? 0)?.chain).toBeNull();
    expect(queries(trace)).toBe(1);
  });

  test("a text that its hash does not fit is left out", () => {
    const builder = new SegmentBuilder().add("file", {
      id: 800,
      path: "a.py",
      language: "python",
      hash: "0".repeat(64),
      text: "evil",
      changed: false,
    });
    const trace = ingest(builder);
    expect([trace.reader.filesAt("a.py"), codes(trace)]).toEqual([[], ["bad-record"]]);
  });

  test("a model's file outside the project is forgotten, the model kept; a bad model is skipped", () => {
    const builder = new SegmentBuilder();
    const good = {
      label: "shop.Order",
      module: "shop",
      qualname: "Order",
      line: 1,
      table: "t",
      abstractBases: [],
      parents: [],
      managed: true,
      vendor: "sqlite",
      baseManagerFilters: false,
      fields: [],
      indexes: [],
      uniqueTogether: [],
    };
    builder.add("models", {
      models: [
        { ...good, file: "../x.py" },
        { ...good, fields: [{ name: 1 }] },
      ],
    });
    const trace = ingest(builder);
    expect(trace.reader.models()).toMatchObject([{ label: "shop.Order", file: null }]);
    expect(codes(trace)).toEqual(["bad-record", "bad-record"]);
  });

  test("a site of a kind that a later recorder knows is a place, and what was recorded through it counts", () => {
    const builder = new SegmentBuilder();
    const site = {
      id: 77,
      file: builder.file("a.py", "x"),
      kind: "form",
      qualname: "OrderForm",
      functionLine: 0,
      line: 1,
    };
    builder.add("site", { ...site, column: 0, endLine: 1, endColumn: 1, token: "customer" });
    const scope = builder.scope({ test: "t.py::a" });
    const statement = builder.statement("SELECT 1");
    builder.row(scope, { stack: builder.stack(77), cause: builder.cause("queryset"), statement });
    const trace = ingest(builder.endScope(scope).test("t.py::a"));
    const sites = trace.reader.sitesIn("a.py");
    expect(sites).toMatchObject([{ kind: "other", qualname: "OrderForm", token: "customer" }]);
    expect(trace.reader.rowsThrough(sites.map(({ id }) => id))).toHaveLength(1);
    expect(codes(trace)).toEqual([]);
  });

  test("SQL, names and tokens come back exactly as they were written", () => {
    const builder = new SegmentBuilder();
    const nasty = `'; DROP TABLE scope; -- <img src=x onerror=alert(1)> [x](command:evil) \u202e\u0000 日本`;
    const site = builder.site(builder.file("a.html", "x", "django-template"), {
      kind: "template",
      line: 1,
      token: nasty,
    });
    const scope = builder.scope({ test: nasty });
    builder.row(scope, {
      stack: builder.stack(site),
      cause: builder.cause("queryset"),
      statement: builder.statement(nasty),
      sample: [nasty],
    });
    const { reader } = ingest(builder.endScope(scope).test(nasty));
    const [row] = reader.rowsThrough(reader.sitesIn("a.html").map(({ id }) => id));
    expect(reader.statement(row?.statementId ?? 0).sql).toBe(nasty);
    expect(row?.sample).toEqual([nasty]);
    expect([reader.scopes()[0]?.test, reader.sitesIn("a.html")[0]?.token]).toEqual([nasty, nasty]);
  });

  test("a statement's rows share the parameters that were written with the first one", () => {
    const builder = new SegmentBuilder();
    const site = builder.site(builder.file("a.py", "one()"), { line: 1 });
    const stack = builder.stack(site);
    const scope = builder.scope({ test: "t.py::a" });
    const [cause, statement] = [builder.cause("queryset"), builder.statement("SELECT %s")];
    builder.row(scope, { stack, cause, statement, sample: ["1"] });
    builder.row(scope, { stack, cause, statement, sample: null });
    builder.row(scope, { stack, cause, statement: builder.statement("SELECT %s, %s"), sample: null });
    const { reader } = ingest(builder.endScope(scope).test("t.py::a"));
    const rows = reader.rowsThrough(reader.sitesIn("a.py").map(({ id }) => id));
    expect(rows.map(({ sample }) => sample)).toEqual([["1"], ["1"], null]);
  });

  test("what was loaded along is read or not, also where that is told behind the row's scope and test", () => {
    const builder = new SegmentBuilder();
    const [cause, statement] = [builder.cause("queryset"), builder.statement("SELECT 1")];
    const relation = (path: string, read = false) => ({ path, loaded: 2, read });
    const scope = builder.scope({ test: "t.py::a" });
    const eager = [relation("customer"), relation("items"), relation("tags", true)];
    const row = builder.row(scope, { cause, statement, eager });
    builder.row(scope, { cause, statement });
    builder.endScope(scope).test("t.py::a");
    const runs = new MemoryRuns().add(builder).describe(builder.run, { state: "complete" });
    const trace = openMemoryTrace(runs);
    expect(trace.reader.rowsWithEager().map((each) => each.eager)).toEqual([eager]);

    builder
      .eagerRead(row, "items")
      .eagerRead(row, "nothing")
      .eagerRead(row + 7, "items");
    runs.add(builder);
    const { generation } = trace.reader;
    trace.refresh();
    expect(trace.reader.generation).toBeGreaterThan(generation);
    expect(trace.reader.rowsWithEager().map((each) => each.eager)).toEqual([
      [relation("customer"), relation("items", true), relation("tags", true)],
    ]);
    expect(trace.reader.summary().problems).toEqual([]);
  });

  test("a stack without end is cut", () => {
    const builder = new SegmentBuilder();
    const file = builder.file("a.py", "x");
    const sites = Array.from({ length: 600 }, (_, index) => builder.site(file, { line: index + 1 }));
    const trace = ingest(builder);
    const scope = builder.scope({ test: "t" });
    builder.row(scope, {
      stack: builder.stack(...sites),
      cause: builder.cause("raw"),
      statement: builder.statement("SELECT 1"),
    });
    trace.runs.add(builder.endScope(scope).test("t"));
    trace.refresh();
    const [row] = trace.reader.rowsCausedBy(["raw"]);
    expect(trace.reader.stack(row?.stackId ?? 0)).toHaveLength(512);
  });
});

describe("a segment that grows", () => {
  test("is read on from where it was, byte by byte", () => {
    const builder = withTest(withTest(new SegmentBuilder(), "a.py::test_ä", 2), "a.py::test_b", 3);
    const whole = Buffer.from(builder.toString());
    const runs = new MemoryRuns();
    const trace = openMemoryTrace(runs);
    const seen = new Set<number>();
    for (let end = 0; end <= whole.length; end += 7) {
      runs.write(RUN, "main", whole.subarray(0, end));
      trace.refresh();
      seen.add(queries(trace));
    }
    runs.write(RUN, "main", whole);
    trace.refresh();
    seen.add(queries(trace));
    expect([...seen]).toEqual([0, 2, 5]);
    expect(problems(trace)).toEqual([]);
    expect(trace.reader.summary().testsRecorded).toBe(2);
  });

  test("shows a scope once its end is there, before its test ends", () => {
    const builder = new SegmentBuilder();
    const runs = new MemoryRuns().add(builder);
    const trace = openMemoryTrace(runs);
    const scope = builder.scope({ test: "a.py::test_a", phase: "setup" });
    builder.row(scope, { cause: builder.cause("queryset"), statement: builder.statement("SELECT 1") });
    runs.add(builder);
    trace.refresh();
    expect(trace.reader.scopes()).toEqual([]);
    runs.add(builder.endScope(scope));
    trace.refresh();
    expect(trace.reader.scopes()).toMatchObject([{ test: "a.py::test_a", phase: "setup", queries: 1 }]);
  });

  test("leaves the store alone while nothing changes", () => {
    const trace = ingest(withTest(new SegmentBuilder()));
    const { generation } = trace.reader;
    expect(trace.refresh()).toBe(false);
    expect(trace.reader.generation).toBe(generation);
  });

  test("that is cut or replaced is read anew", () => {
    const runs = new MemoryRuns().add(withTest(withTest(new SegmentBuilder()), "a.py::test_b", 4));
    const trace = openMemoryTrace(runs);
    expect(queries(trace)).toBe(5);
    runs.add(withTest(new SegmentBuilder()));
    trace.refresh();
    expect(queries(trace)).toBe(1);
    runs.add(withTest(new SegmentBuilder(RUN, "main", { startedAt: 5 }), "a.py::test_longer_name_than_before", 9));
    trace.refresh();
    expect(queries(trace)).toBe(9);
    expect(problems(trace)).toEqual([]);
  });

  test("that is deleted takes what it alone brought with it", () => {
    const builder = new SegmentBuilder(RUN, "gw1");
    const scope = builder.scope({ test: "a.py::test_b" });
    const stack = builder.stack(builder.site(builder.file("a.py", "x"), { line: 1 }));
    builder.row(scope, { stack, cause: builder.cause("raw"), statement: builder.statement("SELECT 2") });
    const runs = new MemoryRuns().add(withTest(new SegmentBuilder())).add(builder.endScope(scope).test("a.py::test_b"));
    const trace = openMemoryTrace(runs);
    expect([queries(trace), trace.reader.paths()]).toEqual([2, ["a.py"]]);
    runs.removeSegment(RUN, "gw1");
    trace.refresh();
    expect([queries(trace), trace.reader.paths(), trace.reader.filesAt("a.py")]).toEqual([1, [], []]);
    runs.remove(RUN);
    trace.refresh();
    expect(trace.reader.summary()).toMatchObject({ runs: [], queries: 0, scopes: 0, testsRecorded: 0 });
  });

  test("goes on after another was deleted and its records swept away", () => {
    const other = "20260102T000000Z-1-aaaa";
    const growing = withTest(new SegmentBuilder(other));
    const runs = new MemoryRuns().add(withTest(new SegmentBuilder())).add(growing);
    const trace = openMemoryTrace(runs);
    runs.remove(RUN);
    trace.refresh();
    const scope = growing.scope({ test: "a.py::test_b" });
    growing.row(scope, { cause: 2, statement: 3, count: 6 });
    runs.add(growing.endScope(scope).test("a.py::test_b"));
    trace.refresh();
    expect([queries(trace), problems(trace)]).toEqual([7, []]);
  });
});

describe("what segments have in common", () => {
  const source = "def f():\n    return list(Order.objects.all())\n";
  function recorded(run: string, text = source): SegmentBuilder {
    const builder = new SegmentBuilder(run);
    const file = builder.file("shop/views.py", text);
    const site = builder.siteAt(file, "list(Order.objects.all())");
    const stack = builder.stack(site);
    const scope = builder.scope({ test: `t::${run}` });
    builder.row(scope, {
      stack,
      construction: builder.construction(stack, site),
      cause: builder.cause("queryset", { model: "shop.Order" }),
      statement: builder.statement("SELECT 1"),
    });
    return builder.endScope(scope).test(`t::${run}`);
  }

  test("is one file, site, stack and statement", () => {
    const { reader } = ingest(recorded(RUN), recorded("20260102T000000Z-1-aaaa"));
    expect(reader.filesAt("shop/views.py")).toHaveLength(1);
    const sites = reader.sitesIn("shop/views.py");
    expect(sites).toHaveLength(1);
    const rows = reader.rowsThrough(sites.map(({ id }) => id));
    expect(rows).toHaveLength(2);
    for (const member of ["stackId", "constructionId", "statementId"] as const) {
      expect(new Set(rows.map((row) => row[member])).size).toBe(1);
    }
  });

  test("lists a path's contents by when they were last recorded", () => {
    const second = recorded("20260102T000000Z-1-aaaa", `# edited\n${source}`);
    const third = recorded("20260103T000000Z-1-aaaa");
    const { reader } = ingest(recorded(RUN), second, third);
    expect(reader.filesAt("shop/views.py").map(({ id }) => reader.text(id))).toEqual([source, `# edited\n${source}`]);
  });

  test("is found under the project's own path where the recording's root is mapped", () => {
    const runs = new MemoryRuns().add(recorded(RUN));
    const mapped = (from: string, to: string) => openMemoryTrace(runs, { mappings: [{ from, to }] }).reader.paths();
    expect(mapped("/project", "backend")).toEqual(["backend/shop/views.py"]);
    expect(mapped("/project/shop", ".")).toEqual(["views.py"]);
    expect(mapped("/other", "x")).toEqual(["shop/views.py"]);
    expect(mapped("/project", "../x")).toEqual([]);
  });
});
