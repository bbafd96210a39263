/**
 * What watching queries costs: Querysight beside no recorder, a bare walk over all frames and `traceback.extract_stack`, each in a process
 * of its own, in turns in one run. In-memory SQLite, Django 5.2. Ratios hold from machine to machine, times do not.
 */
import { join } from "node:path";
import { recorderPython } from "../scripts/lib/environments.ts";
import { recorder } from "../scripts/lib/paths.ts";
import { must } from "../scripts/lib/process.ts";
import { atMost, below, median, print, type Result, result } from "./results.ts";

const variants = ["none", "walk", "extract", "querysight"] as const;
const turns = 5;
/** Executions of one N+1. */
const few = 1_000;
const many = 20_000;

/** Nanoseconds; see bench/recorder/cost.py. */
interface Figures {
  readonly shallow: number;
  readonly deep: number;
  readonly deepest: number;
  readonly new: number;
  readonly row: number;
  readonly construction: number;
  readonly emptyTest: number;
  readonly test: number;
}
type Variant = (typeof variants)[number];

const shapes = [
  ["shallow", "a query in a loop, shallow"],
  ["deep", "a query in a loop, 65 frames deep"],
  ["deepest", "a query in a loop, 150 frames deep"],
  ["new", "a query on an ever-new stack, 65 frames deep"],
] as const;

const python = await recorderPython("5.2.19");
const measured: Record<Variant, Figures[]> = { none: [], walk: [], extract: [], querysight: [] };
for (let turn = 0; turn < turns; turn += 1) {
  for (const variant of variants) measured[variant].push(JSON.parse(await measure("cost.py", variant)) as Figures);
}
const bytes = { few: Number(await measure("growth.py", few)), many: Number(await measure("growth.py", many)) };

print([
  ...shapes.flatMap(([figure, what]): readonly Result[] => [
    result(`${what}: no recorder`, microseconds("none", figure), "us"),
    result(`${what}: bare frame walk adds`, added("walk", figure), "us"),
    result(`${what}: traceback.extract_stack adds`, added("extract", figure), "us"),
    result(`${what}: Querysight adds`, added("querysight", figure), "us"),
    result(`${what}: Querysight / no recorder`, microseconds("querysight", figure) / microseconds("none", figure), "x"),
  ]),
  below(0.5, "in a loop at 65 frames: Querysight / bare walk", ratio("deep", "walk"), "x"),
  result("in a loop at 65 frames: Querysight / extract_stack", ratio("deep", "extract"), "x"),
  result("a row: no recorder", microseconds("none", "row"), "us"),
  result("a row: Querysight adds", added("querysight", "row"), "us"),
  result("a queryset's construction: no recorder", microseconds("none", "construction"), "us"),
  result("a queryset's construction: Querysight adds", added("querysight", "construction"), "us"),
  result("a test without queries: Querysight adds", added("querysight", "emptyTest"), "us"),
  result("a test with 20 distinct queries: no recorder", microseconds("none", "test"), "us"),
  result("a test with 20 distinct queries: Querysight adds", added("querysight", "test"), "us"),
  result(`one N+1, ${few} executions: segment`, bytes.few, "bytes"),
  result(`one N+1, ${many} executions: segment`, bytes.many, "bytes"),
  // A few digits of counts and times are more.
  atMost(1.01, `one N+1: bytes for ${many} / for ${few}`, bytes.many / bytes.few, "x"),
]);

function measure(script: string, argument: string | number): Promise<string> {
  const file = join(import.meta.dirname, "recorder", script);
  const env = { PYTHONPATH: recorder, PYTHONDONTWRITEBYTECODE: "1" };
  return must("The measurement", python, [file, String(argument)], { env });
}

function microseconds(variant: Variant, figure: keyof Figures): number {
  return median(measured[variant].map((figures) => figures[figure])) / 1000;
}

/** The median of the turns' differences: what slows a turn slows both of its sides. */
function added(variant: Variant, figure: keyof Figures): number {
  const differences = measured[variant].map((figures, turn) => figures[figure] - (measured.none[turn]?.[figure] ?? 0));
  return median(differences) / 1000;
}

function ratio(figure: keyof Figures, to: Variant): number {
  return added("querysight", figure) / added(to, figure);
}
