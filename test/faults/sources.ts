import fc from "fast-check";
import type { Slice } from "./demoSegment.ts";

/** A recorded file as somebody left it. */
export class EditedFile {
  /** Which slice. */
  readonly slice: number;
  readonly path: string;
  readonly text: string;
  /** What is left of lines whose end was cut off, and what they were: `for` is the loop that it was, whose body is counted. */
  readonly cut: ReadonlyMap<string, string>;

  constructor(slice: number, path: string, text: string, cut: ReadonlyMap<string, string>) {
    this.slice = slice;
    this.path = path;
    this.text = text;
    this.cut = cut;
  }

  /** What fast-check shows of a case that fails. */
  [fc.toStringMethod](): string {
    return `slice ${this.slice}, ${this.path}:\n${this.text}`;
  }
}

/** What is typed or pasted between lines; none of it is a statement that ran. */
const pasted = [
  "",
  "# a note",
  "x = (",
  "x = [1, 2",
  ")",
  "'''",
  '"""',
  "if x:",
  "    pass",
  "def other(",
  "else:",
  "    return None",
  "@decorated",
  "x = 'é😀'",
  "\t\tx",
  "match x:",
  "lambda: (yield)",
  "{% if x %}",
  "{% endfor %}",
  "{{ x",
  "{# ",
  "\u0000",
  "\f",
] as const;

/** A few edits of one file of a slice, by lines and by letters. */
export function editsOf(slices: readonly Slice[]): fc.Arbitrary<EditedFile> {
  const edit = fc.record({
    kind: fc.nat(8),
    at: fc.nat(10_000),
    other: fc.nat(10_000),
    what: fc.nat(pasted.length - 1),
  });
  return fc
    .record({
      slice: fc.nat(slices.length - 1),
      file: fc.nat(50),
      edits: fc.array(edit, { minLength: 1, maxLength: 4 }),
    })
    .map(({ slice, file, edits }) => {
      const texts = [...(slices[slice]?.texts ?? [])];
      const [path, text] = texts[file % texts.length] ?? ["", ""];
      let lines: readonly string[] = text.split("\n");
      let end = "\n";
      const cutOff = new Map<string, string>();
      for (const { kind, at, other, what } of edits) {
        const line = at % lines.length;
        const content = lines[line] ?? "";
        const cut = other % (content.length + 1);
        const indent = /^\s*/.exec(content)?.[0] ?? "";
        const put = (...instead: readonly string[]) => [...lines.slice(0, line), ...instead, ...lines.slice(line + 1)];
        if (kind === 0) lines = put();
        else if (kind === 1) lines = put(content, content);
        else if (kind === 2) lines = put(`${indent}${pasted[what]}`, content);
        else if (kind === 3) lines = put(`${pasted[what]}`, content);
        else if (kind === 4) {
          lines = put(content.slice(0, cut));
          cutOff.set(content.slice(0, cut).trim(), cutOff.get(content.trim()) ?? content.trim());
        } else if (kind === 5) lines = put(`${indent}    ${content.trim()}`);
        else if (kind === 6) end = "\r\n";
        else if (kind === 7) lines = [...lines.slice(line), ...lines.slice(0, line)];
        else lines = [...put(), content];
      }
      return new EditedFile(slice, path, lines.join(end), cutOff);
    });
}
