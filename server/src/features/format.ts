/** Numbers as every surface writes them. English, like the rest of the interface. */

const grouped = new Intl.NumberFormat("en-US");

export function formatCount(count: number): string {
  return grouped.format(count);
}

/** `1 query`, `101 queries`, `1,204 rows`. */
export function formatQuantity(count: number, singular: string, plural = `${singular}s`): string {
  return `${formatCount(count)} ${count === 1 ? singular : plural}`;
}

export function formatQueries(count: number): string {
  return formatQuantity(count, "query", "queries");
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
