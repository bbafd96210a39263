/** A statement, or a clause that is a line of its own, as CPython reads it. Lines count from 1. */
export interface Unit {
  /** The index of the unit that it stands in; -1 at the outermost level. */
  readonly parent: number;
  /** The part of the parent: `body`, `orelse`, … */
  readonly suite: string;
  readonly kind: "simple" | "compound" | "definition" | "clause";
  readonly name: string | null;
  readonly start: number;
  readonly headerEnd: number;
}

/** A call, or a whole loop as Python 3.11 records it; columns in UTF-8 bytes. `tag` is the index of its unit. */
export interface RecordedPlace {
  readonly kind: "call" | "loop";
  readonly tag: number;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

export interface SourceVersion {
  readonly text: string;
  readonly units: readonly Unit[];
  readonly calls: readonly RecordedPlace[];
  readonly stringLines: readonly number[];
  readonly starts: readonly number[];
}

/** A file as it stands, and the same in other styles: each statement of those is the one with the same index. */
export interface RealSource {
  readonly path: string;
  readonly versions: readonly SourceVersion[];
}

/** One thing that a person does to a file; `pick` and `other` choose where. */
export interface Edit {
  readonly kind: EditKind;
  readonly pick: number;
  readonly other: number;
}

export type EditKind = (typeof editKinds)[number];

export const editKinds = [
  ...(["insert", "insertFunction", "delete", "copy", "copyFunction", "move", "moveFunction", "rename"] as const),
  ...(["edit", "wrap", "type", "comment", "prefix"] as const),
] as const;

/** How the whole file is written down at the end. */
export interface Writing {
  readonly lineEnd: "\n" | "\r\n";
  readonly tabs: boolean;
  readonly bom: boolean;
}

interface Line {
  readonly text: string;
  /** Of the unit of which it is the header, or a part of it. */
  readonly tag: number | null;
  /** It begins within a string: indenting it would change the statement. */
  readonly isFrozen: boolean;
}

/** What nobody has in a file yet. */
const halfTyped = [
  ...[
    "foo(",
    "x = [",
    "for a in ",
    "if ",
    "if a and",
    '"abc',
    "def ",
    "def new(",
    "class ",
    "@",
    "x = y.",
    "y.filter(a=",
  ],
  ...["return (", "{", ")", "x = lambda", "from a import (", "with a as", "try:", "x = '''", "else", 'f"{a', "del \\"],
];

/**
 * A real file with tags on its lines that go along with every edit: what knows where each statement is without ever looking for it. Where a text
 * after some edits could as well come of others (a statement was taken out here, its equal put in there: it moved), such edits are not made.
 */
export class TaggedFile {
  readonly #units: readonly Unit[];
  readonly #moves: boolean;
  readonly #texts: readonly string[];
  readonly #repeated: ReadonlySet<string>;
  readonly #copied = new Set<string>();
  readonly #removed = new Set<string>();
  readonly #changed = new Set<number>();
  readonly #inside: readonly ReadonlySet<number>[];
  #lines: Line[];
  #number = 0;
  /** A half-typed statement stands in it: CPython could not read it. */
  isBroken = false;
  /** A definition has another name, or another place, than it had. */
  isRenamed = false;

  /** @param moves whether statements move in this file, or are copied */
  constructor(version: SourceVersion, moves: boolean) {
    this.#units = version.units;
    this.#moves = moves;
    const frozen = new Set(version.stringLines);
    this.#lines = version.text
      .split("\n")
      .map((text, index) => ({ text, tag: null, isFrozen: frozen.has(index + 1) }) as const);
    for (const [tag, { start, headerEnd }] of version.units.entries()) {
      for (let line = start; line <= headerEnd; line++) {
        const known = this.#lines[line - 1];
        if (known !== undefined && known.tag === null) this.#lines[line - 1] = { ...known, tag };
      }
    }
    this.#texts = version.units.map((_, tag) => plain(this.#headerOf(tag)));
    const seen = new Set<string>();
    this.#repeated = new Set(this.#texts.filter((text) => seen.has(text) || !seen.add(text)));
    const inside = version.units.map((_, tag) => new Set([tag]));
    for (const [tag, { parent }] of version.units.entries()) {
      for (let outer = parent; outer >= 0; outer = version.units[outer]?.parent ?? -1) inside[outer]?.add(tag);
    }
    this.#inside = inside;
  }

  get text(): string {
    return this.#lines.map(({ text }) => text).join("\n");
  }

  /** The tag of the line (from 0) in the text as it is now. */
  tagAt(line: number): number | null {
    return this.#lines[line]?.tag ?? null;
  }

  /** The statement stands in the text as it stood. */
  stands(tag: number): boolean {
    return !this.#changed.has(tag) && this.#lines.some((line) => line.tag === tag);
  }

  /** No other statement of the file says the same. */
  isUnique(tag: number): boolean {
    const text = this.#texts[tag] ?? "";
    return !this.#repeated.has(text) && !this.#copied.has(text);
  }

  written({ lineEnd, tabs, bom }: Writing): string {
    const lines = this.#lines.map(({ text, isFrozen }) =>
      tabs && !isFrozen ? text.replace(/^( {4})+/, (indent) => "\t".repeat(indent.length / 4)) : text,
    );
    return `${bom ? "\uFEFF" : ""}${lines.join(lineEnd)}`;
  }

  apply({ kind, pick, other }: Edit): void {
    this.#number += 1;
    const standing = [...this.#units.keys()].filter((tag) => this.#isWhole(tag));
    const tag = standing[pick % Math.max(1, standing.length)];
    if (tag === undefined) return;
    this.#edits[kind](tag, other);
  }

  readonly #edits: Readonly<Record<EditKind, (tag: number, other: number) => void>> = {
    insert: (tag, other) => this.#insertBefore(tag, this.#fresh(other)),
    insertFunction: (tag, other) => {
      const body = this.#fresh(other).map((line) => `    ${line}`);
      this.#insertBefore(tag, [`def fresh_${this.#number}(a, b):`, ...body, "    return a.b(c)"]);
    },
    delete: (tag) => this.#delete(tag),
    copy: (tag, other) => this.#copy(tag, other),
    copyFunction: (tag) => this.#copyFunction(this.#definition(tag)),
    move: (tag, other) => {
      const own = this.#units[tag];
      this.#move(tag, other, ({ parent, suite }) => parent === own?.parent && suite === own.suite);
    },
    moveFunction: (tag, other) => this.#moveFunction(this.#definition(tag), other),
    rename: (tag) => this.#rename(this.#definition(tag)),
    edit: (tag) => this.#edit(tag),
    wrap: (tag, other) => this.#wrap(tag, other),
    type: (tag, other) => {
      // People half-type one statement at a time; the quotes of two would enclose all in between in a string.
      if (this.isBroken) return;
      this.isBroken = true;
      this.#insertBefore(tag, [halfTyped[other % halfTyped.length] ?? ""]);
    },
    comment: (tag) => this.#comment(tag),
    prefix: (tag) => this.#prefix(tag),
  };

  /** Something that a person writes, and that the file does not have. */
  #fresh(other: number): readonly string[] {
    const name = `fresh_${this.#number}`;
    const choices = [
      [`${name} = compute(${this.#number}, "é😀")`],
      [`# 😀 a remark ${name}`, ""],
      [`if ${name}:`, `    ${name}.save()`, "else:", `    raise ${name}`],
      [`for each in ${name}:`, "    # why", `    ${name}.append(`, `        "${name}",`, "    )"],
      ["", "", ""],
      [`with ${name}() as other_${name}: print(other_${name})`],
    ];
    return choices[other % choices.length] ?? [];
  }

  #delete(tag: number): void {
    const inside = this.#inside[tag] ?? new Set();
    const texts = [...inside].map((inner) => this.#texts[inner] ?? "");
    if (texts.some((text) => this.#copied.has(text) || (this.#moves && this.#repeated.has(text)))) return;
    for (const text of texts) this.#removed.add(text);
    const [start, end] = this.#span(tag);
    const indent = this.#indent(start);
    this.#lines.splice(start, end - start, ...(indent === "" ? [] : [added(`${indent}pass`)]));
  }

  #copy(tag: number, other: number): void {
    const unit = this.#units[tag];
    if (this.#moves || unit?.kind !== "simple" || this.#removed.has(this.#texts[tag] ?? "")) return;
    this.#copied.add(this.#texts[tag] ?? "");
    const [start, end] = this.#span(tag);
    const lines = this.#lines.slice(start, end).map((line) => ({ ...line, tag: null }));
    const siblings = [...this.#units.keys()].filter(
      (each) =>
        this.#units[each]?.parent === unit.parent && this.#units[each]?.suite === unit.suite && this.#isWhole(each),
    );
    const place = siblings[other % siblings.length] ?? tag;
    if (this.#indent(this.#span(place)[0]) === this.#indent(start))
      this.#lines.splice(this.#span(place)[0], 0, ...lines);
  }

  /** As people begin a new function: from one that is there. */
  #copyFunction(tag: number): void {
    const inside = [...(this.#inside[tag] ?? [])].map((inner) => this.#texts[inner] ?? "");
    if (
      this.#moves ||
      this.isBroken ||
      tag < 0 ||
      !this.#isWhole(tag) ||
      inside.some((text) => this.#removed.has(text))
    )
      return;
    for (const text of inside) this.#copied.add(text);
    const [start, end] = this.#span(tag);
    const lines = this.#lines.slice(start, end).map((line) => ({ ...line, tag: null, text: this.#renamed(tag, line) }));
    this.#lines.splice(end, 0, ...lines);
  }

  #move(tag: number, other: number, isPlace: (unit: Unit) => boolean): void {
    if (!this.#moves || !this.isUnique(tag)) return;
    const inside = this.#inside[tag] ?? new Set();
    const places = [...this.#units.keys()].filter(
      (each) => !inside.has(each) && isPlace(this.#units[each] as Unit) && this.#isWhole(each),
    );
    const place = places[other % Math.max(1, places.length)];
    if (place === undefined) return;
    if (this.#units[tag]?.kind === "definition") this.isRenamed = true;
    const [start, end] = this.#span(tag);
    const moved = this.#lines.splice(start, end - start);
    const [at] = this.#span(place);
    const shift = this.#indent(at).length - indentOf(moved[0]?.text ?? "").length;
    this.#lines.splice(at, 0, ...moved.map((line) => shifted(line, shift)));
    const indent = indentOf(moved[0]?.text ?? "");
    if (indent !== "") this.#lines.splice(start < at ? start : start + moved.length, 0, added(`${indent}pass`));
  }

  /** To another place of the file: before any definition, of any class, that is none of its own. */
  #moveFunction(tag: number, other: number): void {
    if (tag < 0 || !this.#isWhole(tag)) return;
    this.#move(tag, other, ({ kind, parent }) => kind === "definition" && (parent < 0 || this.#isClass(parent)));
  }

  #rename(tag: number): void {
    const text = this.#texts[tag] ?? "";
    if (tag < 0 || !this.#isWhole(tag) || this.#changed.has(tag) || this.#copied.has(text)) return;
    this.#changed.add(tag);
    this.#removed.add(text);
    this.isRenamed = true;
    this.#lines = this.#lines.map((line) => (line.tag === tag ? { ...line, text: this.#renamed(tag, line) } : line));
  }

  #renamed(tag: number, { text }: Line): string {
    return text.replace(
      new RegExp(`^(\\s*(?:async\\s+)?(?:def|class)\\s+)${this.#units[tag]?.name}\\b`),
      `$1fresh_${this.#number}`,
    );
  }

  /** The first name that is called in it becomes another. */
  #edit(tag: number): void {
    const text = this.#texts[tag] ?? "";
    if (this.#copied.has(text) || (this.#moves && this.#repeated.has(text))) return;
    const at = this.#lines.findIndex((line) => line.tag === tag);
    const line = this.#lines[at];
    if (line === undefined || /["'#\\]/.test(line.text)) return;
    const edited = line.text.replace(/(\w)\(/, `$1_fresh_${this.#number}(`);
    if (edited === line.text) return;
    this.#lines[at] = { ...line, text: edited };
    if (this.#units[tag]?.kind === "definition") this.isRenamed = true;
    this.#changed.add(tag);
    this.#removed.add(text);
  }

  #wrap(tag: number, other: number): void {
    const [start, end] = this.#span(tag);
    const indent = this.#indent(start);
    const name = `fresh_${this.#number}`;
    const open = [`if ${name}:`, `with ${name}():`, `for ${name} in fresh:`, "try:"][other % 4] ?? "";
    const close = open === "try:" ? `finally: ${name}()` : null;
    const body = this.#lines.slice(start, end).map((line) => shifted(line, 4));
    const closing = close === null ? [] : [added(indent + close)];
    this.#lines.splice(start, end - start, added(indent + open), ...body, ...closing);
  }

  #comment(tag: number): void {
    const at = this.#lines.findLastIndex((line) => line.tag === tag);
    const line = this.#lines[at];
    if (line === undefined || /["'#\\]/.test(line.text) || this.#lines[at + 1]?.isFrozen) return;
    this.#lines[at] = { ...line, text: `${line.text}  # fresh ${this.#number} 😀` };
  }

  /** Another statement before it, in the same line. */
  #prefix(tag: number): void {
    if (this.#units[tag]?.kind !== "simple") return;
    const at = this.#lines.findIndex((line) => line.tag === tag);
    const line = this.#lines[at];
    if (line === undefined) return;
    const indent = indentOf(line.text);
    this.#lines[at] = { ...line, text: `${indent}fresh_${this.#number} = "é😀"; ${line.text.slice(indent.length)}` };
  }

  #insertBefore(tag: number, lines: readonly string[]): void {
    const [start] = this.#span(tag);
    const indent = this.#indent(start);
    this.#lines.splice(start, 0, ...lines.map((text) => added(text === "" ? "" : indent + text)));
  }

  /** It stands in lines of its own with all that it holds, where another statement can stand before it. */
  #isWhole(tag: number): boolean {
    return this.#units[tag]?.kind !== "clause" && this.#lines.some((line) => line.tag === tag);
  }

  #isClass(tag: number): boolean {
    return /^\s*class\b/m.test(this.#headerOf(tag));
  }

  #definition(tag: number): number {
    let at = tag;
    while (at >= 0 && this.#units[at]?.kind !== "definition") at = this.#units[at]?.parent ?? -1;
    return at;
  }

  /** Its lines, from the first of its header or decorators to the last of its body. */
  #span(tag: number): readonly [number, number] {
    const inside = this.#inside[tag] ?? new Set();
    const has = (line: Line) => line.tag !== null && inside.has(line.tag);
    return [this.#lines.findIndex(has), this.#lines.findLastIndex(has) + 1];
  }

  #indent(line: number): string {
    return indentOf(this.#lines[line]?.text ?? "");
  }

  #headerOf(tag: number): string {
    return this.#lines
      .filter((line) => line.tag === tag)
      .map(({ text }) => text)
      .join("\n");
  }
}

function added(text: string): Line {
  return { text, tag: null, isFrozen: false };
}

function indentOf(text: string): string {
  return /^[ \t]*/.exec(text)?.[0] ?? "";
}

function shifted(line: Line, by: number): Line {
  if (line.isFrozen || line.text.trim() === "") return line;
  if (by >= 0) return { ...line, text: " ".repeat(by) + line.text };
  return { ...line, text: line.text.slice(Math.min(-by, indentOf(line.text).length)) };
}

/** A text without all that only style writes: equal for more texts than mean the same. */
export function plain(text: string): string {
  return text
    .replace(/#[^"'\n]*$/gm, "")
    .replace(/[\s\\(),;]+/g, "")
    .replaceAll(/["']+/g, '"');
}
