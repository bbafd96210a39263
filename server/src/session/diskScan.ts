import { resolve } from "node:path";
import type { FixResult } from "../fixes/fix.ts";
import { staticFixFor } from "../fixes/staticFix.ts";
import { ProjectFiles } from "../project/files.ts";
import { isInside } from "../project/paths.ts";
import { pythonFiles, unrecordedRoot } from "../project/pythonFiles.ts";
import { createPythonParser } from "../python/parser.ts";
import type { StaticFinding } from "../static/staticFinding.ts";
import type { Model } from "../trace/model.ts";
import { FileTexts } from "./fileTexts.ts";
import { sparingIgnored } from "./ignored.ts";
import { ProjectSettings } from "./projectSettings.ts";
import { staticConfigured } from "./staticConfigured.ts";
import { scanFiles } from "./staticScan.ts";

/** What reading found in a project's files; the fix of findings at one queryset is one for all of them. */
export interface Scan {
  readonly root: string;
  /** Files that were looked at. */
  readonly files: number;
  readonly findings: readonly StaticFinding[];
  /** What is wrong with the project's settings, in words. */
  readonly problems: readonly string[];
  fixFor(findings: readonly StaticFinding[]): FixResult;
}

/**
 * Reads the Python files in some folders of a project, application code alone, on all cores.
 *
 * @param root of the recorded project; null where nothing is recorded
 * @param paths absolute, of files and folders
 * @param models as recorded; none where nothing was
 * @param threads as many as there are cores, if not given
 * @returns null where some of them lie outside the project of the first
 */
export async function scanDisk(
  root: string | null,
  paths: readonly string[],
  models: readonly Model[],
  threads?: number,
): Promise<Scan | null> {
  const base = root ?? unrecordedRoot(paths[0] ?? ".");
  const files = pythonFiles(
    base,
    paths.map((path) => resolve(path)),
  );
  if (!files.every(isInside)) return null;
  const all = pythonFiles(base, [base]);
  const modelModules = all.filter(isModelModule);
  const found = await scanFiles(files, { projectRoot: base, modelModules, models }, threads);
  const texts = new FileTexts(base, new ProjectFiles(base), () => null);
  const settings = new ProjectSettings(texts);
  const parser = await createPythonParser();
  return {
    root: base,
    files: files.length,
    findings: staticConfigured(found, settings, texts),
    problems: settings.current.problems.map(({ message }) => message),
    fixFor(findings) {
      const text = findings[0] === undefined ? null : texts.read(findings[0].at.path);
      if (text === null) return { ok: false, withheld: { reason: "The file cannot be read any more." } };
      return sparingIgnored(staticFixFor(findings, parser.parse(text)), settings.isIgnored);
    },
  };
}

/** By its name: models hardly ever stand anywhere else, and no file has to be read for it. */
function isModelModule(path: string): boolean {
  return /(^|\/)\w*models(\.py$|\/)/.test(path) && !/(^|\/)tests?\//.test(path);
}
