import type { Spread } from "./cost.ts";
import type { LoopRuns } from "./loopRuns.ts";

/** Numbers as every surface writes them. English, like the rest of the interface. */

const grouped = new Intl.NumberFormat("en-US");

export function formatCount(count: number): string {
  return Number.isInteger(count) && count >= 0 && count < 1_000 ? String(count) : grouped.format(count);
}

/** `1 query`, `101 queries`, `1,204 rows`. */
export function formatQuantity(count: number, singular: string, plural = `${singular}s`): string {
  return `${formatCount(count)} ${count === 1 ? singular : plural}`;
}

export function formatQueries(count: number): string {
  return formatQuantity(count, "query", "queries");
}

/** `up to 10 per run, 10 runs`, `10 per run, 10 runs`; `about 10 per run` where only the mean is known. */
export function runsWords({ runs, most, isEven }: LoopRuns, queries: number): string {
  const each = most === null ? `about ${formatCount(Math.round(queries / runs))}` : formatCount(most);
  return `${most === null || isEven ? "" : "up to "}${each} per run, ${formatQuantity(runs, "run")}`;
}

/** `2 to 101 across 5 tests`; null where all spent as much. */
export function spreadWords({ least, most, scopes, tests }: Spread): string | null {
  if (least === most) return null;
  const across = tests > 1 ? formatQuantity(tests, "test") : `${formatCount(scopes)} recorded scopes`;
  return `${formatCount(least)} to ${formatCount(most)} across ${across}`;
}

/** Nanoseconds in the unit that a person reads at a glance: `0.4 ms`, `12 ms`, `1.3 s`. */
export function formatTime(ns: number): string {
  const ms = ns / 1e6;
  if (ms >= 999.5) return `${(ms / 1000).toFixed(1)} s`;
  if (ms >= 9.95) return `${Math.round(ms)} ms`;
  return ms < 0.05 ? "<0.1 ms" : `${ms.toFixed(1)} ms`;
}

/** How long ago, from two instants in ms since the epoch. Clocks of container and host may differ: the future is now. */
export function formatAge(recordedAt: number, now: number): string {
  const minutes = Math.floor((now - recordedAt) / 60_000);
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${formatQuantity(minutes, "minute")} ago`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${formatQuantity(hours, "hour")} ago`;
  return `${formatQuantity(Math.floor(hours / 24), "day")} ago`;
}
