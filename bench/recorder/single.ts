import { atMost, below, type Result, result } from "../results.ts";
import { type Measure, names, type Way } from "./ways.ts";

const rounds = 40;
/** Executions of one N+1. */
const few = 1_000;
const many = 1_000_000;

const shapes = {
  "loop-10": "a query in a loop, shallow",
  "loop-65": "a query in a loop, 65 frames deep",
  "loop-150": "a query in a loop, 150 frames deep",
  "manager-65": "a related manager's query in a loop, 65 frames deep",
  "new-10": "a query on an ever-new stack, shallow",
  "new-65": "a query on an ever-new stack, 65 frames deep",
  "new-150": "a query on an ever-new stack, 150 frames deep",
} as const;
const units = {
  row: "a row",
  "joined-row": "a row with a joined relation",
  "prefetched-row": "a row with a prefetched relation and the row in it",
  construction: "a queryset's construction",
  "test-0": "a test without queries",
  "test-20": "a test with 20 queries on stacks of their own",
} as const;
const ways = ["none", "wrapper", "querysight", "zeal", "silk", "toolbar", "extract", "walk"] as const satisfies Way[];

type Shape = keyof typeof shapes;
type Figure = Shape | keyof typeof units;
/** Nanoseconds of processor time; see turns.py. */
type Measured = Readonly<Record<(typeof ways)[number], Readonly<Record<Figure, number>>>>;

/** What one query, row, queryset and test costs. Each way's cost is over a wrapper that only calls on. */
export async function single(measure: Measure): Promise<Result[]> {
  const all = { ...shapes, ...units };
  const answer = await measure("turns.py", `${rounds}`, ways.join(), Object.keys(all).join());
  const measured = JSON.parse(answer) as Measured;
  const added = (way: (typeof ways)[number], figure: Figure) =>
    (measured[way][figure] - measured.wrapper[figure]) / 1000;
  const results: Result[] = [];
  for (const [figure, what] of Object.entries(all) as [Figure, string][]) {
    results.push(result(`${what}: ${names.none}`, measured.none[figure] / 1000, "us"));
    const wrapper = (measured.wrapper[figure] - measured.none[figure]) / 1000;
    results.push(result(`${what}: ${names.wrapper} adds`, wrapper, "us"));
    for (const way of ways.slice(2)) results.push(result(`${what}: ${names[way]} adds`, added(way, figure), "us"));
    const slower = measured.querysight[figure] / measured.none[figure];
    results.push(result(`${what}: ${names.querysight} / ${names.none}`, slower, "x"));
  }
  for (const [figure, what] of Object.entries(shapes) as [Shape, string][]) {
    const ratio = added("querysight", figure) / added("zeal", figure);
    const name = `${what}: ${names.querysight} / ${names.zeal}`;
    results.push(figure.startsWith("new") ? below(1, name, ratio, "x") : atMost(0.25, name, ratio, "x"));
  }
  const walk = added("querysight", "loop-65") / added("walk", "loop-65");
  results.push(below(0.5, `${shapes["loop-65"]}: ${names.querysight} / ${names.walk}`, walk, "x"));
  return results;
}

/** How large a recording becomes when one N+1 goes on. */
export async function growth(measure: Measure): Promise<Result[]> {
  const small = Number(await measure("growth.py", `${few}`));
  const large = Number(await measure("growth.py", `${many}`));
  return [
    result(`one N+1, ${few} executions: segment`, small, "bytes"),
    result(`one N+1, ${many} executions: segment`, large, "bytes"),
    // A few digits of counts and times are more.
    atMost(1.01, `one N+1: bytes for ${many} / for ${few}`, large / small, "x"),
  ];
}
