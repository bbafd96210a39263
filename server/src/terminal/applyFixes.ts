import { formatQuantity } from "../features/format.ts";
import { oneLine } from "../features/untrusted.ts";
import type { Session } from "../session/session.ts";
import type { Planned } from "./planFixes.ts";
import type { Printer } from "./reportCommand.ts";
import { type Rewritten, restoreFile, rewriteFile } from "./rewriteFile.ts";

/** What became of one file. */
export interface FileResult {
  readonly file: string;
  readonly edits: number;
  readonly result: Rewritten;
}

/** Each file is written once, with the edits of all fixes. */
export function applyFixes({ root, project }: Session, planned: readonly Planned[]): readonly FileResult[] {
  const byFile = Map.groupBy(
    planned.flatMap(({ fix }) => fix.edits),
    ({ file }) => file,
  );
  return [...byFile].map(([file, edits]) => {
    const text = project.texts.read(file);
    const unreadable = { ok: false, reason: "it cannot be read" } as const;
    return { file, edits: edits.length, result: text === null ? unreadable : rewriteFile(root, file, text, edits) };
  });
}

/** @returns whether all could be written */
export function printApplied(planned: readonly Planned[], results: readonly FileResult[], printer: Printer): boolean {
  const failed = new Set<string>();
  for (const { file, edits, result } of results) {
    if (result.ok) printer.out(`Changed ${oneLine(file)} (${formatQuantity(edits, "edit")})\n`);
    else {
      failed.add(file);
      printer.err(`querysight: could not change ${oneLine(file)}: ${oneLine(result.reason, 500)}\n`);
    }
  }
  for (const { findings, fix } of planned) {
    if (fix.edits.some(({ file }) => failed.has(file))) continue;
    const ids = findings.map(({ id }) => id).join(", ");
    printer.out(`  ${oneLine(fix.title)}${ids === "" ? "" : `: ${ids}`}\n`);
  }
  return failed.size === 0;
}

/**
 * Takes back what was written. Files that changed meanwhile are left as they are, and named.
 * @returns the files that are again what they were
 */
export function restoreFiles(root: string, results: readonly FileResult[], printer: Printer): readonly string[] {
  return results.flatMap(({ file, result }) => {
    if (!result.ok) return [];
    const restored = restoreFile(root, file, result);
    if (restored.ok) return [file];
    printer.err(`querysight: could not restore ${oneLine(file)}: ${oneLine(restored.reason, 500)}\n`);
    return [];
  });
}
