import { withUniqueIds } from "../insights/identity.ts";
import type { Schema } from "../insights/schema.ts";
import { isTestFile } from "../insights/testFiles.ts";
import type { PythonFile } from "../python/pythonFile.ts";
import { comparePositions, type Position, type Range } from "../text/range.ts";
import { Models } from "./models.ts";
import { type ModuleSource, Modules } from "./modules.ts";
import { queriesInLoops } from "./queriesInLoop.ts";
import { relationsPerRow } from "./relationPerRow.ts";
import { RowReader } from "./rows.ts";
import type { StaticFinding } from "./staticFinding.ts";

export interface Reading {
  readonly modules: ModuleSource;
  /** Of the recording; null where there is none. */
  readonly schema: Schema | null;
  /** All modules with models, where they are known; else those that the file imports from are looked at. */
  readonly modelModules: readonly string[] | null;
  /** A recorded test ran something of a range of today's text. */
  isRecorded(path: string, range: Range): boolean;
}

/** Reads texts against one state of the project's modules; what they share is worked out once. */
export class StaticAnalysis {
  readonly #reading: Reading;
  readonly #modules: Modules;
  /** Where all modules with models are known, they are the same for all files. */
  readonly #models: Models | null;

  constructor(reading: Reading) {
    this.#reading = reading;
    this.#modules = new Modules(reading.modules);
    this.#models =
      reading.modelModules === null ? null : new Models(this.#modules, reading.schema, reading.modelModules);
  }

  /** What the loops of one text would ask the database again and again, in its order. Loops that a test ran are left to what it showed. */
  findings(file: PythonFile, path: string): readonly StaticFinding[] {
    if (!isWorthReading(path, file.text)) return [];
    const { schema, isRecorded } = this.#reading;
    const models = this.#models ?? new Models(this.#modules, schema, importedFrom(this.#modules, path));
    const reader = new RowReader(file, path, models);
    const loops = file.loops.filter(({ kind, statement }) => kind !== "while" && !preloads(file, statement.range));
    const found = [...loops.flatMap((loop) => relationsPerRow(reader, loop)), ...queriesInLoops(reader)];
    const told = [...Map.groupBy(found, causeOf).values()].flatMap((group) => {
      return group.some((finding) => hasRun(finding, isRecorded)) ? [] : joined(group);
    });
    return withUniqueIds(told.toSorted((a, b) => comparePositions(startOf(a), startOf(b))));
  }
}

/** The rows of one queryset that several loops go through are loaded from by the first of them; one change cures all. */
function causeOf({ id, rule, queryset, remedy }: StaticFinding): string {
  if (queryset === null || queryset.placement.state === "gone") return id;
  const { start, end } = queryset.placement.range;
  const cure = remedy.kind === "advice" ? remedy.text : remedy.lookups.map(({ path }) => path).join();
  return `${rule} ${start.line}:${start.character}-${end.line}:${end.character} ${cure}`;
}

function joined(group: readonly StaticFinding[]): readonly StaticFinding[] {
  const [first, ...others] = group.toSorted((a, b) => comparePositions(startOf(a), startOf(b)));
  return first === undefined
    ? []
    : [
        {
          ...first,
          fires: [first, ...others].flatMap(({ fires }) => fires),
          loops: [first, ...others].flatMap(({ loops }) => loops),
        },
      ];
}

/** Of what a test ran its recording tells. */
export function hasRun({ loops }: StaticFinding, isRecorded: Reading["isRecorded"]): boolean {
  return loops.some(({ path, placement }) => placement.state !== "gone" && isRecorded(path, placement.range));
}

/** Tests by another name, and what runs once. */
const apart = /(^|\/)((unit|integration|functional|e2e)[_-]?tests?|migrations)\//;

/** Application code that may name a queryset and go through something: nothing else has to be parsed. */
export function isWorthReading(path: string, text: string): boolean {
  if (isTestFile(path) || apart.test(path)) return false;
  return /\bfor\b/.test(text) && /\.(objects|all|filter|exclude|order_by|_default_manager|get_queryset)\b/.test(text);
}

const textStart: Position = { line: 0, character: 0 };

function startOf({ at: { placement } }: StaticFinding): Position {
  return placement.state === "gone" ? textStart : placement.range.start;
}

/** The function loads related objects for rows that it has. */
function preloads(file: PythonFile, range: Range): boolean {
  if (!file.text.includes("prefetch_related_objects")) return false;
  const around = file.definitions.findLast(
    (each) =>
      each.kind === "function" &&
      comparePositions(each.range.start, range.start) <= 0 &&
      comparePositions(range.end, each.range.end) <= 0,
  );
  const { start, end } = around?.range ?? { start: textStart, end: file.lines.positionAt(file.text.length) };
  return file.text.slice(file.lines.offsetAt(start), file.lines.offsetAt(end)).includes("prefetch_related_objects");
}

/** The modules of the project's own that a file imports names from. */
function importedFrom(modules: Modules, path: string): readonly string[] {
  const facts = modules.facts(path);
  if (facts === null) return [];
  const named = [...facts.imports.values()].flatMap(({ module, name }) => {
    if (/(^|\.)models\b/.test(module)) return [module];
    return name === "models" ? [/^\.+$/.test(module) ? `${module}models` : `${module}.models`] : [];
  });
  return [path, ...new Set(named.flatMap((module) => modules.modulePath(path, module) ?? []))];
}
