import type { Run } from "../trace/model.ts";

/**
 * The run that a command made: of those that were not there before, the newest of these words. Somebody else may record at the same time.
 * Null where it made none.
 */
export function newRunOf(
  runs: readonly Pick<Run, "id" | "command">[],
  known: ReadonlySet<string>,
  command: readonly string[],
): string | null {
  const words = JSON.stringify(command);
  const made = runs.filter((run) => !known.has(run.id) && JSON.stringify(run.command) === words);
  return (
    made
      .map(({ id }) => id)
      .sort()
      .at(-1) ?? null
  );
}
