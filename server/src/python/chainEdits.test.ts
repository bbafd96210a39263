import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { applyEdits } from "../text/edits.ts";
import { rangeOf } from "../text/testing.ts";
import { addArguments, type ChainPlace, insertCall, quoted } from "./chainEdits.ts";
import type { Chain } from "./chains.ts";
import { createPythonParser, type PythonParser } from "./parser.ts";

let parser: PythonParser;
beforeAll(async () => {
  parser = await createPythonParser();
});

/** Inserts `.added(x)` into the only chain that holds `piece`. */
function insert(text: string, place: (chain: Chain) => ChainPlace | undefined, piece = "Order"): string {
  const file = parser.parse(text);
  const chain = file.chainAt(rangeOf(text, piece));
  const at = chain === null ? undefined : place(chain);
  if (chain === null || at === undefined) throw new Error("The fixture has no such place.");
  return applyEdits(text, insertCall(file, chain, at, "added", ["x"]));
}

const behind = (name: string) => (chain: Chain) => chain.calls.find((call) => call.name === name);
const atEnd = () => "end" as const;
const atRoot = () => "root" as const;

describe("insertCall", () => {
  it.each<[string, string, (chain: Chain) => ChainPlace | undefined, string]>([
    ["on one line", "a = Order.objects.all()\n", atEnd, "a = Order.objects.all().added(x)\n"],
    ["without a call", "a = Order.objects", atEnd, "a = Order.objects.added(x)"],
    ["behind the root", "a = Order.objects.all()[:5]", atRoot, "a = Order.objects.added(x).all()[:5]"],
    ["before a slice", "a = Order.objects.all()[:5]", behind("all"), "a = Order.objects.all().added(x)[:5]"],
    ["under await", "a = await Order.objects.aget(b=1)", atRoot, "a = await Order.objects.added(x).aget(b=1)"],
    [
      "behind arguments of several lines",
      "a = Order.objects.filter(\n    b=1,\n)\n",
      atEnd,
      "a = Order.objects.filter(\n    b=1,\n).added(x)\n",
    ],
    [
      "one method a line, in parentheses",
      "a = (\n    Order.objects\n    .filter(b=1)\n    .all()\n)\n",
      atEnd,
      "a = (\n    Order.objects\n    .filter(b=1)\n    .all()\n    .added(x)\n)\n",
    ],
    [
      "behind the root of several lines",
      "a = (\n    Order.objects  # root\n    .filter(b=1)\n)\n",
      atRoot,
      "a = (\n    Order.objects  # root\n    .added(x)\n    .filter(b=1)\n)\n",
    ],
    [
      "behind a comment, with tabs and Windows line ends",
      "a = f(\r\n\tOrder.objects\r\n\t\t.filter(b=1)  # paid\r\n\t\t.all(), c)\r\n",
      behind("filter"),
      "a = f(\r\n\tOrder.objects\r\n\t\t.filter(b=1)  # paid\r\n\t\t.added(x)\r\n\t\t.all(), c)\r\n",
    ],
    [
      "with backslashes",
      "a = Order.objects \\\n    .filter(b=1) \\\n    .all()  # all\n",
      behind("filter"),
      "a = Order.objects \\\n    .filter(b=1) \\\n    .added(x) \\\n    .all()  # all\n",
    ],
    [
      "at the end of backslashes",
      "a = Order.objects \\\n    .all()  # all\n",
      atEnd,
      "a = Order.objects \\\n    .all() \\\n    .added(x)  # all\n",
    ],
    [
      "with dots at line ends",
      "a = (Order.objects.\n     filter(b=1).\n     all())\n",
      behind("filter"),
      "a = (Order.objects.\n     filter(b=1).added(x).\n     all())\n",
    ],
    [
      "in a format string",
      `a = f"""{Order.objects\n  .all()}"""`,
      atEnd,
      `a = f"""{Order.objects\n  .all().added(x)}"""`,
    ],
    [
      "behind parentheses in the chain",
      "a = (Order.objects\n    .all())[:5]\n",
      behind("all"),
      "a = (Order.objects\n    .all()\n    .added(x))[:5]\n",
    ],
  ])("%s", (_name, text, place, expected) => {
    expect(insert(text, place)).toBe(expected);
    expect(parser.parse(expected).hasErrors).toBe(false);
  });
});

describe("addArguments", () => {
  it.each([
    ["f()", "f(x, y)"],
    ["f( )", "f(x, y )"],
    ['f("a")', 'f("a", x, y)'],
    ['f("a",)', 'f("a", x, y,)'],
    ['f("a", key=1, **rest)', 'f("a", x, y, key=1, **rest)'],
    ["f(*a, **b)", "f(*a, x, y, **b)"],
    ["f(key=1)", "f(x, y, key=1)"],
    ["f(\n    key=1,\n)", "f(\n    x,\n    y,\n    key=1,\n)"],
    ['f(\n    "a",\n)', 'f(\n    "a",\n    x,\n    y,\n)'],
    ['f(\n    "a",  # why\n)', 'f(\n    "a",  # why\n    x,\n    y,\n)'],
    ['f(\n    "a"  # why\n)', 'f(\n    "a",  # why\n    x,\n    y\n)'],
    ['f(\r\n\t"a"\r\n)', 'f(\r\n\t"a",\r\n\tx,\r\n\ty\r\n)'],
    ['f(\n    "a", key=1)', 'f(\n    "a", x, y, key=1)'],
    ['f("a",\n  "b")', 'f("a",\n  "b", x, y)'],
    ['f(\n    "a"  # why\n    ,\n)', 'f(\n    "a"  # why\n    ,\n    x,\n    y,\n)'],
  ])("%j becomes %j", (text, expected) => {
    const file = parser.parse(text);
    const call = file.chains[0]?.rootCall;
    const edits = call ? addArguments(file, call, ["x", "y"]) : null;
    expect(edits && applyEdits(text, edits)).toBe(expected);
    expect(parser.parse(expected).hasErrors).toBe(false);
  });

  it("refuses a generator's parentheses", () => {
    const file = parser.parse("f(a for a in b)");
    const call = file.chains[0]?.rootCall;
    expect(call && addArguments(file, call, ["x"])).toBeNull();
  });
});

describe("quoted", () => {
  it("keeps to the file's quotes, and out of a format string's", () => {
    expect(quoted(parser.parse("a = 'b', 'c', \"d\""), "it's")).toBe("'it\\'s'");
    expect(quoted(parser.parse('"""doc"""\n'), "a")).toBe('"a"');
    const text = `a = f"{b.c()}", "d"`;
    const file = parser.parse(text);
    expect(quoted(file, "e", rangeOf(text, "c()").end)).toBe("'e'");
  });
});

/** A chain in one of the layouts that people write, with comments that name the call before them. */
const layouts = fc.record({
  calls: fc.array(fc.constantFrom("", "a='é😀'", "\n        b=1,\n    ", "c=d(e)"), { minLength: 1, maxLength: 5 }),
  layout: fc.constantFrom("one line", "parentheses", "argument", "backslash"),
  comments: fc.boolean(),
  slice: fc.boolean(),
  indent: fc.constantFrom("    ", "\t", "  "),
  lineEnd: fc.constantFrom("\n", "\r\n"),
});

function writeChain(given: typeof layouts extends fc.Arbitrary<infer Value> ? Value : never): string {
  const { calls, layout, comments, slice, indent, lineEnd } = given;
  const breaks = { "one line": "", parentheses: "\n", argument: "\n", backslash: " \\\n" }[layout];
  const lead = breaks === "" ? "" : breaks + indent + indent;
  const comment = (index: number) => (comments && breaks === "\n" ? `  # after m${index}` : "");
  const chain = calls.map((args, index) => `.m${index}(${args})${comment(index)}`).join(lead);
  const whole = `Order.objects${lead}${chain}${breaks === "\n" ? "\n" : ""}`;
  const wrapped = layout === "argument" ? `f(1, ${whole})` : layout === "parentheses" ? `(${whole})` : whole;
  const text = `def view():\n${indent}before = "𝔸"; qs = ${wrapped}${slice ? "[:5]" : ""}  # end\n${indent}return qs\n`;
  return text.replace(/\n/g, lineEnd);
}

describe("in any layout", () => {
  it("an inserted call stands where it should, and nothing else changes", () => {
    fc.assert(
      fc.property(layouts, fc.nat(5), (given, nth) => {
        const text = writeChain(given);
        const at = nth % (given.calls.length + 1);
        const changed = insert(text, (chain) => (at === 0 ? "root" : chain.calls[at - 1]));
        const file = parser.parse(changed);
        expect(file.hasErrors).toBe(false);
        const names = given.calls.map((_, index) => `m${index}`);
        const chain = file.chainAt(rangeOf(changed, "Order"));
        expect(chain?.calls.map((call) => call.name)).toEqual(names.toSpliced(at, 0, "added"));
        expect(changed.replace(/(?: \\)?\s*\.added\(x\)/, "")).toBe(text);
        for (const [line, index] of changed.matchAll(/^.*# after m(\d).*$/gm)) {
          expect(line).toMatch(new RegExp(`m${index}\\(|^ *\\t*\\)`));
        }
        expect(changed.replaceAll("\r\n", "").includes("\r")).toBe(false);
        if (given.lineEnd === "\r\n") expect(changed.replaceAll("\r\n", "")).not.toContain("\n");
      }),
      { numRuns: 400 },
    );
  });

  it("added arguments come behind those that are there, and nothing else changes", () => {
    const argument = fc.constantFrom('"a"', "b.c", "*d", "f(g,)", "'é😀'");
    const keyword = fc.constantFrom("k=1", "**l", 'm="n"');
    const written = fc.record({
      positional: fc.array(argument, { maxLength: 3 }),
      keywords: fc.array(keyword, { maxLength: 2 }),
      ownLines: fc.boolean(),
      trailing: fc.boolean(),
      comments: fc.boolean(),
    });
    fc.assert(
      fc.property(written, ({ positional, keywords, ownLines, trailing, comments }) => {
        const all = [...positional, ...keywords];
        const comma = (index: number) => (index < all.length - 1 || (trailing && all.length > 0) ? "," : "");
        const comment = ownLines && comments ? "  # why" : "";
        const start = ownLines ? "\n    " : "";
        const text = `f(${all.map((arg, index) => start + arg + comma(index) + comment).join("")}${ownLines ? "\n" : ""})\n`;
        const file = parser.parse(text);
        const call = file.chains.find((chain) => chain.rootCall?.name === "f")?.rootCall;
        const changed = applyEdits(text, (call && addArguments(file, call, ["x", "y"])) ?? []);
        const after = parser.parse(changed);
        expect(after.hasErrors).toBe(false);
        const [chain] = after.chains;
        expect(chain?.rootCall?.arguments.map((a) => a.text)).toEqual([...positional, "x", "y", ...keywords]);
        expect(after.text.match(/# why/g)?.length).toBe(text.match(/# why/g)?.length);
      }),
      { numRuns: 400 },
    );
  });
});
