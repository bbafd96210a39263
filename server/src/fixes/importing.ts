import type { Schema } from "../insights/schema.ts";
import type { Importable, Imported } from "../python/imports.ts";
import { importInto, importsModule, moduleOf } from "../python/imports.ts";
import type { PythonFile } from "../python/pythonFile.ts";
import type { FixContext, Refusal } from "./change.ts";

/** As {@link importInto}; the reason where a name is taken, or where the import would go round in a circle. */
export function importing(
  file: PythonFile,
  path: string,
  wanted: readonly Importable[],
  schema: Schema,
  { correlator }: FixContext,
): Imported | Refusal {
  const imported = importInto(file, path, wanted);
  if ("taken" in imported) return { reason: `${imported.taken} means something else in ${path}: import it by hand.` };
  for (const module of imported.newModules) {
    const source = schema.fileOf(module);
    const other = source === null ? null : correlator.pythonFile(source);
    if (source !== null && other !== null && namesOf(path).some((name) => importsModule(other, source, name))) {
      return {
        reason: `${source} imports ${path}, which cannot import it in turn: put the new queryset into a function by hand.`,
      };
    }
  }
  return imported;
}

/** What the file's module may be called, as its import root may lie below the project's folder: `src.blog.views`, `blog.views`. */
function namesOf(path: string): readonly string[] {
  const parts = moduleOf(path).split(".");
  return parts.slice(0, Math.max(1, parts.length - 1)).map((_part, index) => parts.slice(index).join("."));
}
