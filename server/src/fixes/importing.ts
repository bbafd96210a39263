import type { Schema } from "../insights/schema.ts";
import type { Importable } from "../python/imports.ts";
import { importInto, importsModule, moduleOf } from "../python/imports.ts";
import type { PythonFile } from "../python/pythonFile.ts";
import type { TextEdit } from "../text/range.ts";
import type { FixContext, Imports, Refusal } from "./change.ts";

/** How a file may call what a change of it uses, and the imports that this takes. */
export interface Named {
  /** What to write for each, in the order asked for: `Prefetch`, `models.Prefetch`, `P`. */
  readonly written: readonly string[];
  readonly imports: Imports;
}

/** The reason where a name is taken, or where the import would go round in a circle. */
export function importing(
  file: PythonFile,
  path: string,
  wanted: readonly Importable[],
  schema: Schema,
  { correlator }: FixContext,
): Named | Refusal {
  const imported = importInto(file, path, wanted);
  if ("taken" in imported) return takenIn(path, imported.taken);
  for (const module of imported.newModules) {
    const source = schema.fileOf(module);
    const other = source === null ? null : correlator.pythonFile(source);
    if (source !== null && other !== null && namesOf(path).some((name) => importsModule(other, source, name))) {
      return {
        reason: `${source} imports ${path}, which cannot import it in turn: put the new queryset into a function by hand.`,
      };
    }
  }
  return { written: imported.written, imports: { path, wanted } };
}

/** The edits of all imports together: two changes of one file may need the same. */
export function importEdits(all: readonly Imports[], { correlator }: FixContext): readonly TextEdit[] | Refusal {
  const edits: TextEdit[] = [];
  for (const [path, imports] of Map.groupBy(all, ({ path }) => path)) {
    const file = correlator.pythonFile(path);
    const imported =
      file === null
        ? null
        : importInto(
            file,
            path,
            imports.flatMap(({ wanted }) => wanted),
          );
    if (imported === null) return { reason: `${path} was edited after the recording: record the tests again.` };
    if ("taken" in imported) return takenIn(path, imported.taken);
    edits.push(...imported.edits.map((edit) => ({ file: path, ...edit })));
  }
  return edits;
}

function takenIn(path: string, name: string): Refusal {
  return { reason: `${name} means something else in ${path}: import it by hand.` };
}

/** What the file's module may be called, as its import root may lie below the project's folder: `src.blog.views`, `blog.views`. */
function namesOf(path: string): readonly string[] {
  const parts = moduleOf(path).split(".");
  return parts.slice(0, Math.max(1, parts.length - 1)).map((_part, index) => parts.slice(index).join("."));
}
