import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import type { Place } from "../correlate/correlation.ts";
import { Correlator } from "../correlate/correlator.ts";
import { codeLenses } from "../features/codeLens.ts";
import type { Project } from "../features/project.ts";
import { createTestProject, findingAt, type TestProject } from "../features/testing.ts";
import { createPythonParser, type PythonParser } from "../python/parser.ts";
import type { TraceReader } from "../trace/model.ts";
import { SegmentBuilder } from "../trace/testing.ts";
import { CachedReader } from "./cachedReader.ts";

/** By hand: `QUERYSIGHT_EDITS=2000 vitest run server/src/session/typing.test.ts`. */
const byHand = Number(process.env.QUERYSIGHT_EDITS ?? 0);

let parser: PythonParser;
let another: PythonParser;
beforeAll(async () => {
  parser = await createPythonParser();
  another = await createPythonParser();
});

const paths = ["shop/views.py", "shop/services.py"] as const;

const views = `import datetime
from shop import services

LIMIT = services.limit()


def listing(request):
    orders = Order.objects.all()
    for order in orders:
        order.customer.load()
    return render(orders)


@login_required(redirect("home"))
def detail(request, pk):
    """
    One order.
    order.customer.load()
    """
    order = Order.objects.get(pk=pk)
    if order.is_open():
        lines = [line.product.load() for line in order.lines.all()]
        services.close(order)
    else:
        lines = []
    return render(order, lines)


class Basket(View):
    queryset = Order.objects.filter(
        open=True,
    )

    def get(self, request):
        orders = Order.objects.all()
        for order in orders:
            order.customer.load()
        return render(orders)

    def post(self, request):
        with atomic():
            for row in request.rows():
                row.save(); row.refresh()
        return self.get(request)


def export(request):
    orders = Order.objects.all()
    for order in orders:
        order.customer.load()
    return render(orders)


if settings.debug():
    def debug(request):
        return [o.total() for o in Order.objects.all()]
register(listing)
register(detail)
`;

const services = `def close(order):
    order.lines.update(closed=True)
    for line in order.lines.all():
        line.product.load()


def limit():
    return Setting.objects.get()
`;

/** Each call is a site, and each asks for rows by itself and through the call before it. */
function recorded(): { readonly project: TestProject; readonly stored: TraceReader } {
  const segment = new SegmentBuilder("20260101T000000Z-1-aaaa");
  const scope = segment.scope({ kind: "test", test: "shop/tests.py::test_all", phase: "call" });
  const sites: number[] = [];
  for (const [path, text] of [
    [paths[0], views],
    [paths[1], services],
  ] as const) {
    const file = segment.file(path, text);
    const seen = new Map<string, number>();
    for (const [code] of text.matchAll(/(?<=[\s[(]|^)[\w.]+\([^()\n]*\)/g)) {
      const occurrence = (seen.get(code) ?? 0) + 1;
      seen.set(code, occurrence);
      const site = segment.siteAt(file, code, { qualname: "f", functionLine: 1, occurrence });
      const cause = segment.cause(code.includes("load") ? "foreign_key" : "queryset", {
        model: "shop.Order",
        field: "x",
      });
      const statement = segment.statement(`SELECT ${site}`);
      const own = segment.stack(site);
      const parent = segment.row(scope, {
        stack: own,
        construction: segment.construction(own, site),
        cause,
        statement,
        rows: 3,
      });
      const caller = sites.at(-6);
      const through = caller === undefined ? own : segment.stack(caller, site);
      segment.row(scope, { stack: through, cause, statement, parent, count: 7 });
      sites.push(site);
    }
  }
  segment.endScope(scope).test("shop/tests.py::test_all").end();
  const files = { [paths[0]]: views, [paths[1]]: services };
  const made = createTestProject({ parser, segments: [segment], files });
  const reader = new CachedReader(made.reader);
  const project = { ...made, reader, correlator: new Correlator(reader, made.texts, parser) };
  const places = project.correlator.sitesNow(paths[0]).filter(({ site }) => site.line % 2 === 0);
  const findings = places.map((at, index) =>
    findingAt(at, { id: `n1-${index}`, queryset: at, shownBy: rowsOf(project, at) }),
  );
  return { project: { ...project, findings: () => findings, asFound: () => findings }, stored: made.reader };
}

function rowsOf({ reader }: TestProject, { site }: Place): ReadonlySet<number> {
  return new Set(reader.rowsThrough([site.id]).map(({ id }) => id));
}

const statement = fc.constantFrom(
  "total = max(1, [2])",
  'name = f"{a(1)}"',
  "for row in rows():",
  "x = '''it",
  "def one(a):",
  "@b(",
  "else:",
);
const rest = fc.constantFrom(".x", "(", "  # it", '"', ", 1)", "[0]");
const change = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("type"), at: fc.nat(99), text: statement }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("type on"), at: fc.nat(99), text: rest }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom("delete line", "copy lines", "move lines", "join", "comment", "undo", "break"),
      at: fc.nat(99),
      text: fc.constant(""),
    }),
  },
);
const scenario = fc.array(fc.record({ change, inServices: fc.integer({ min: 0, max: 4 }).map((n) => n === 0) }), {
  minLength: 1,
  maxLength: 4,
});

/** The texts after each key. */
function* states(
  text: string,
  original: string,
  { kind, at, text: typed }: { kind: string; at: number; text: string },
): Generator<string> {
  const lines = text.split("\n");
  const line = at % lines.length;
  const indent = /^ */.exec(lines[line] ?? "")?.[0] ?? "";
  if (kind === "type" || kind === "type on") {
    const own = lines[line] ?? "";
    const typedTo = (length: number) => {
      const letters = typed.slice(0, length);
      return kind === "type" ? lines.toSpliced(line, 0, indent + letters) : lines.with(line, own + letters);
    };
    for (let length = 0; length <= typed.length; length++) yield typedTo(length).join("\n");
    if (at % 2 === 0) for (let length = typed.length - 1; length >= 0; length--) yield typedTo(length).join("\n");
  } else if (kind === "delete line") yield lines.toSpliced(line, 1).join("\n");
  else if (kind === "copy lines") yield lines.toSpliced(line, 0, ...lines.slice(line, line + 7)).join("\n");
  else if (kind === "move lines") yield [...lines.slice(line, line + 9), ...lines.toSpliced(line, 9)].join("\n");
  else if (kind === "join") yield lines.toSpliced(line, 2, lines.slice(line, line + 2).join("")).join("\n");
  else if (kind === "comment") yield lines.with(line, `# ${lines[line]}`).join("\n");
  else if (kind === "break") yield text.replaceAll("\n", "\r\n");
  else yield original;
}

/** All that is shown of both files, or that decides what is shown. */
function seen(project: Project) {
  const { correlator } = project;
  return paths.map((path) => ({
    lenses: codeLenses(project, path).map(({ range, title, places, queries, findingIds }) => ({
      ...{ range, title, queries, findingIds },
      places: places.map(({ place, label }) => [label, place.path, place.placement]),
    })),
    sites: correlator.sitesNow(path).map(({ site, placement }) => ({
      placement,
      again: correlator.place(site).placement,
      isFresh: correlator.isFresh([site]),
      line: correlator.lineNow(site),
      around: correlator.around(site),
    })),
  }));
}

test("shows after each key what it would show had the file just been opened", () => {
  const { project, stored } = recorded();
  expect(codeLenses(project, paths[0]).length).toBeGreaterThan(15);
  // Sites of its own: what is kept by them must not come from the other.
  const reader = new CachedReader(stored);
  let [shown, stale] = [0, 0];
  fc.assert(
    fc.property(scenario, (steps) => {
      project.edit(paths[0], views);
      project.edit(paths[1], services);
      for (const { change, inServices } of steps) {
        const path = inServices ? paths[1] : paths[0];
        for (const text of states(project.texts.read(path) ?? "", inServices ? services : views, change)) {
          project.edit(path, text);
          const fresh = { ...project, reader, correlator: new Correlator(reader, project.texts, another) };
          const now = seen(project);
          const wanted = seen(fresh);
          // The same comparison, faster.
          if (JSON.stringify(now) !== JSON.stringify(wanted)) expect(now, text).toEqual(wanted);
          for (const { title } of now.flatMap(({ lenses }) => lenses)) {
            shown += 1;
            if (title.includes("recorded before")) stale += 1;
          }
        }
      }
    }),
    { numRuns: byHand || 25, ...(byHand === 0 ? { seed: 20_260_101 } : {}) },
  );
  expect(stale).toBeGreaterThan(0);
  expect(shown).toBeGreaterThan(stale);
}, 600_000);
