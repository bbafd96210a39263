import { Refusal } from "../../scripts/lib/process.ts";
import { atMost, type Result, result } from "../results.ts";
import { type Measure, names, type Way } from "./ways.ts";

const usual = ["none", "querysight", "zeal", "silk", "toolbar", "extract", "walk"] as const satisfies Way[];
/** How much longer a suite may take. */
const goal = 1.03;

/** See suite.py. */
interface Measured {
  readonly seconds: number;
  readonly ratio: number;
  readonly wall: number;
  readonly megabytes: number;
  readonly summary: string;
}

/** A project's whole suite, under each way. `place` is the checkout, its settings and the number of rounds. */
export async function suite(
  measure: Measure,
  name: string,
  place: readonly string[],
  ways: string | undefined,
  command: readonly string[],
): Promise<Result[]> {
  const chosen = ways?.split(",") ?? usual;
  const unknown = chosen.filter((way) => !usual.some((each) => each === way));
  if (unknown.length || chosen[0] !== "none")
    throw new Refusal(`--ways begins with none, and knows ${usual.join(", ")}.`);
  const answer = await measure("suite.py", ...place, chosen.join(), "--", ...command);
  const measured = JSON.parse(answer) as Record<Way, Measured>;
  return (chosen as Way[]).flatMap((way) => {
    const { seconds, ratio, wall, megabytes, summary } = measured[way];
    const what = `${name}, ${names[way]}`;
    console.error(`${what}: ${summary}`);
    const times = [
      result(`${what}: processor time`, seconds, "s"),
      result(`${what}: wall time`, wall, "s"),
      result(`${what}: peak memory`, megabytes, "MB"),
    ];
    if (way === "none") return times;
    const slower = `${what} / ${names.none}: processor time`;
    return [...times, way === "querysight" ? atMost(goal, slower, ratio, "x") : result(slower, ratio, "x")];
  });
}
