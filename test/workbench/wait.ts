export interface Patience {
  readonly timeoutMs?: number;
  /** What is there instead, for the message of a wait that was in vain. */
  readonly seen?: () => Promise<unknown>;
}

/** Long for a person, short for two busy cores: a cold language server under load has been seen to take 20 s. */
export const defaultTimeoutMs = 30_000;

/**
 * Looks again and again until `look` returns something other than `undefined` or `false`, and returns it. An error in
 * `look` counts as "not yet": pages replace their elements while one reads them.
 *
 * @throws Error naming what was awaited and what was seen instead.
 */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false>,
  { timeoutMs = defaultTimeoutMs, seen }: Patience = {},
): Promise<T> {
  const end = performance.now() + timeoutMs;
  let problem: unknown;
  for (;;) {
    try {
      const found = await look();
      problem = undefined;
      if (found !== undefined && found !== false) {
        return found;
      }
    } catch (error) {
      problem = error;
    }
    if (performance.now() > end) {
      break;
    }
    await new Promise((resume) => setTimeout(resume, 50));
  }
  const instead = seen === undefined ? "" : ` Seen instead: ${JSON.stringify(await seen().catch(String))}.`;
  throw new Error(`Waited ${timeoutMs / 1000} s in vain for ${what}.${instead}`, { cause: problem });
}
