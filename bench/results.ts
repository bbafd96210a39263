/** One measured figure. `goal` says in words what is wanted, `ok` whether it was reached; both null where there is no goal. */
export interface Result {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly goal: string | null;
  readonly ok: boolean | null;
}

export function result(name: string, value: number, unit: string): Result {
  return { name, value, unit, goal: null, ok: null };
}

/** A figure that must stay below a limit in its own unit. */
export function below(limit: number, name: string, value: number, unit: string): Result {
  return { name, value, unit, goal: `below ${limit} ${unit}`, ok: value < limit };
}

/** A figure that may reach a limit in its own unit. */
export function atMost(limit: number, name: string, value: number, unit: string): Result {
  return { name, value, unit, goal: `at most ${limit} ${unit}`, ok: value <= limit };
}

/** A figure that must reach a limit in its own unit. */
export function atLeast(limit: number, name: string, value: number, unit: string): Result {
  return { name, value, unit, goal: `at least ${limit} ${unit}`, ok: value >= limit };
}

/** A table for people; with `--json` one object and nothing else. */
export function print(results: readonly Result[]): void {
  if (process.argv.includes("--json")) {
    console.log(JSON.stringify({ results }));
    return;
  }
  for (const { name, value, unit, goal, ok } of results) {
    const verdict = goal === null ? "" : `${ok ? "ok" : "MISSED"}: ${goal}`;
    console.log(`${name.padEnd(58)} ${value.toFixed(2).padStart(10)} ${unit.padEnd(8)} ${verdict}`);
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const low = sorted[Math.ceil(middle) - 1] ?? 0;
  const high = sorted[Math.floor(middle)] ?? 0;
  return (low + high) / 2;
}

/** The smallest value that `share` of them do not exceed (nearest rank). */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}
