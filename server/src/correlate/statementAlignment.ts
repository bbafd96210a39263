import type { PythonFile } from "../python/pythonFile.ts";
import { type Alignment, align } from "./alignment.ts";
import { pairRenamed } from "./renamedScopes.ts";
import { localKey, type Scope, scopesIn, scopeTree } from "./scopeTree.ts";

/**
 * Which of today's statements each recorded one is: those of each function among themselves, by what they say and what stands around them. A
 * function or class is found by its name where it stood, else by its contents: renamed, or moved to another class.
 */
export function alignStatements(recorded: PythonFile, today: PythonFile): Alignment {
  const alignment = new StatementAlignment(recorded, today).run();
  return today.hasErrors ? withoutHidden(alignment, recorded, today) : alignment;
}

/**
 * What is half typed may hide statements behind it: where an equal of one stands in sight, and its line once more where no statement is read, none of
 * them can be told to be the recorded one.
 */
function withoutHidden(alignment: Alignment, recorded: PythonFile, today: PythonFile): Alignment {
  const result = Int32Array.from(alignment, (index) => index ?? -1);
  const statements = statementsByLine(recorded);
  for (const line of hiddenLines(today)) for (const index of statements.get(line) ?? []) result[index] = -1;
  return result;
}

/** Indexes of statements by the text of their first lines. */
function statementsByLine(file: PythonFile): ReadonlyMap<string, readonly number[]> {
  const known = byLine.get(file);
  if (known !== undefined) return known;
  const found = Map.groupBy(file.statements.keys(), (index) =>
    firstLine(file, file.statements[index]?.header.start.line ?? -1),
  );
  byLine.set(file, found);
  return found;
}

const byLine = new WeakMap<PythonFile, ReadonlyMap<string, readonly number[]>>();

/** The lines of what could not be read that are not the first ones of a statement. */
function hiddenLines(file: PythonFile): ReadonlySet<string> {
  const hidden = new Set<string>();
  for (const { start, end } of file.broken) {
    const within = file.blockOfLine(start.line);
    const starts = new Set<number>();
    for (const block of [within, within + 1]) {
      const first = file.lineOfBlock(block);
      const parsed = file.blocks[block];
      for (const index of parsed?.statements.keys() ?? []) {
        starts.add(first + (parsed?.ranges(index).header.start.line ?? 0));
      }
    }
    for (let line = start.line; line <= end.line; line++) {
      if (starts.has(line)) continue;
      const text = firstLine(file, line);
      for (const piece of [text, ...text.split(/;\s*/)]) hidden.add(piece);
    }
  }
  return hidden;
}

function firstLine(file: PythonFile, line: number): string {
  return file.lines
    .lineText(line)
    .trim()
    .replace(/\s+#[^"']*$/, "");
}

class StatementAlignment {
  readonly #recorded: PythonFile;
  readonly #today: PythonFile;
  /** -1 for none. */
  readonly #result: Int32Array;
  /** Scopes that were compared and are not the same. */
  readonly #edited: (readonly [Scope, Scope])[] = [];
  /** Today's names of definitions that have another one. */
  readonly #names = new Map<string, string>();
  readonly #lost = new Set<Scope>();
  readonly #fresh = new Set<Scope>();

  constructor(recorded: PythonFile, today: PythonFile) {
    this.#recorded = recorded;
    this.#today = today;
    this.#result = new Int32Array(recorded.statementCount).fill(-1);
  }

  run(): Alignment {
    const before = scopeTree(this.#recorded);
    const now = scopeTree(this.#today);
    this.#alignScope(before, now);
    for (let found = true; found && this.#lost.size > 0 && this.#fresh.size > 0; ) {
      const pairs = pairRenamed(
        { file: this.#recorded, module: before, alone: this.#lost },
        { file: this.#today, module: now, alone: this.#fresh },
      );
      found = false;
      // The outermost come first: what is in a class goes with it.
      for (const [one, other] of pairs) {
        if (!this.#lost.has(one) || !this.#fresh.has(other)) continue;
        found = true;
        this.#alignRenamed(one, other);
      }
    }
    if (this.#names.size > 0) this.#followNames();
    return this.#result;
  }

  #alignScope(before: Scope, now: Scope): void {
    // Nearly every function, with every key that is typed: nothing is made for it.
    if (before.isSameAs(now)) {
      for (let step = 1; step <= before.size; step++) this.#result[before.definition + step] = now.definition + step;
      return;
    }
    if (this.#isSame(before, now)) {
      for (const [place, index] of before.statements.entries()) this.#result[index] = now.statements[place] ?? -1;
      for (const [place, child] of before.children.entries()) this.#alignScope(child, now.children[place] as Scope);
      return;
    }
    this.#edited.push([before, now]);
    const match = align(itemsOf(this.#recorded, before), itemsOf(this.#today, now));
    for (const [place, index] of before.statements.entries()) {
      this.#result[index] = now.statements[match[place] ?? -1] ?? -1;
    }
    const waiting = new Map(now.children.map((child) => [child.definition, child]));
    const unknown: Scope[] = [];
    for (const child of before.children) {
      const other = waiting.get(this.#result[child.definition] ?? -1);
      if (other === undefined) unknown.push(child);
      else {
        waiting.delete(other.definition);
        this.#alignScope(child, other);
      }
    }
    this.#alignNamed(unknown, [...waiting.values()]);
  }

  #isSame(before: Scope, now: Scope): boolean {
    if (before.statements.length !== now.statements.length) return false;
    if (before.children.length !== now.children.length) return false;
    const { start, end } = before.sameEnds(now);
    for (let place = start; place < before.statements.length - end; place++) {
      const one = this.#recorded.said(before.statements[place] ?? -1);
      const other = this.#today.said(now.statements[place] ?? -1);
      if (one === undefined || other === undefined || before.parents[place] !== now.parents[place]) return false;
      if (one === other) continue;
      if (one.qualname === other.qualname ? one.key !== other.key : localKey(one) !== localKey(other)) return false;
    }
    return true;
  }

  /** A definition of which the header was edited still has its name, where it is the only one of that name. */
  #alignNamed(before: readonly Scope[], now: readonly Scope[]): void {
    const found = Map.groupBy(now, nameOf);
    const wanted = Map.groupBy(before, nameOf);
    const taken = new Set<Scope>();
    for (const [name, scopes] of wanted) {
      const [only] = scopes;
      const others = found.get(name) ?? [];
      const [other] = others;
      if (only !== undefined && other !== undefined && scopes.length === 1 && others.length === 1) {
        taken.add(other);
        this.#alignScope(only, other);
      } else for (const scope of scopes) for (const lost of scopesIn(scope)) this.#lost.add(lost);
    }
    for (const scope of now) if (!taken.has(scope)) for (const fresh of scopesIn(scope)) this.#fresh.add(fresh);
  }

  #alignRenamed(before: Scope, now: Scope): void {
    for (const scope of scopesIn(before)) this.#lost.delete(scope);
    for (const scope of scopesIn(now)) this.#fresh.delete(scope);
    this.#alignScope(before, now);
    this.#alignHeaders(before.definition, now.definition, before.name, now.name);
    if (before.name !== now.name && before.name !== "") this.#names.set(before.name, now.name);
  }

  /** What calls a definition by its new name, and is otherwise as it was, is the same still. */
  #followNames(): void {
    const renamed = (key: string) =>
      key
        .split(" ")
        .map((word) => this.#names.get(word) ?? word)
        .join(" ");
    const taken = new Set(this.#result);
    for (const [before, now] of this.#edited) {
      const items = itemsOf(this.#recorded, before).map((item, place) => {
        const isFound = (this.#result[before.statements[place] ?? -1] ?? -1) >= 0;
        return isFound ? item : { ...item, key: renamed(item.key) };
      });
      for (const [place, match] of align(items, itemsOf(this.#today, now)).entries()) {
        const index = before.statements[place] ?? -1;
        const other = now.statements[match ?? -1] ?? -1;
        if (this.#result[index] === -1 && other >= 0 && !taken.has(other)) this.#result[index] = other;
      }
    }
  }

  /** The header and the decorators of a definition, which have its name in them. */
  #alignHeaders(before: number, now: number, name: string, nameNow: string): void {
    const said = (file: PythonFile, index: number, own: string) => {
      const statement = file.said(index);
      const tokens = statement?.tokens.map(({ text }) => text) ?? [];
      const at = statement?.kind === "decorator" ? tokens.lastIndexOf(own) : tokens.indexOf(own);
      return tokens.with(Math.max(at, 0), "").join(" ");
    };
    for (let [one, other] = [before, now]; one >= 0 && other >= 0; one--, other--) {
      const isDecorators = (index: number, file: PythonFile, first: number) =>
        index === first || file.said(index)?.kind === "decorator";
      if (!isDecorators(one, this.#recorded, before) || !isDecorators(other, this.#today, now)) return;
      if (said(this.#recorded, one, name) !== said(this.#today, other, nameNow)) return;
      this.#result[one] = other;
    }
  }
}

function nameOf({ kind, name }: Scope): string {
  return `${kind} ${name}`;
}

function itemsOf(file: PythonFile, { statements, parents }: Scope) {
  return statements.map((index, place) => {
    const statement = file.said(index);
    return { key: statement === undefined ? "" : localKey(statement), parent: parents[place] ?? -1 };
  });
}
