/**
 * What watching a query costs: Querysight beside no recorder, a bare walk over all frames and `traceback.extract_stack`, in turns in one run.
 * In-memory SQLite, Django 5.2. Ratios hold from machine to machine, times do not.
 */
import { join } from "node:path";
import { recorderPython } from "../scripts/lib/environments.ts";
import { recorder } from "../scripts/lib/paths.ts";
import { must } from "../scripts/lib/process.ts";
import { below, median, print, type Result, result } from "./results.ts";

const variants = ["none", "walk", "extract", "querysight"] as const;
const turns = 5;

interface Figures {
  readonly shallow: number;
  readonly deep: number;
  readonly new: number;
  readonly row: number;
  readonly construction: number;
}
type Variant = (typeof variants)[number];

const python = await recorderPython("5.2.19");
const measured: Record<Variant, Figures[]> = { none: [], walk: [], extract: [], querysight: [] };
for (let turn = 0; turn < turns; turn += 1) {
  for (const variant of variants) {
    const script = join(import.meta.dirname, "recorder", "cost.py");
    const output = await must("The measurement", python, [script, variant], { env: { PYTHONPATH: recorder } });
    measured[variant].push(JSON.parse(output) as Figures);
  }
}

const nanoseconds = (variant: Variant, figure: keyof Figures) =>
  median(measured[variant].map((figures) => figures[figure]));
const added = (variant: Variant, figure: keyof Figures) =>
  (nanoseconds(variant, figure) - nanoseconds("none", figure)) / 1000;

const shapes = [
  ["shallow", "a query in a loop, shallow"],
  ["deep", "a query in a loop, 65 frames deep"],
  ["new", "a query on an ever-new stack, 65 frames deep"],
] as const;
const results: Result[] = shapes.flatMap(([figure, what]) => [
  result(`${what}: no recorder`, nanoseconds("none", figure) / 1000, "us"),
  result(`${what}: bare frame walk adds`, added("walk", figure), "us"),
  result(`${what}: traceback.extract_stack adds`, added("extract", figure), "us"),
  result(`${what}: Querysight adds`, added("querysight", figure), "us"),
]);
results.push(
  below(
    0.5,
    "in a loop at 65 frames: Querysight / bare walk",
    added("querysight", "deep") / added("walk", "deep"),
    "x",
  ),
  below(
    1,
    "in a loop at 65 frames: Querysight / extract_stack",
    added("querysight", "deep") / added("extract", "deep"),
    "x",
  ),
  result("a row: Querysight adds", added("querysight", "row"), "us"),
  result("a queryset's construction: Querysight adds", added("querysight", "construction"), "us"),
);
print(results);
