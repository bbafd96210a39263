import type { PythonFile } from "../python/pythonFile.ts";
import type { Edit } from "../text/edits.ts";

/** An argument of a new call, in one line and as pieces that may go on lines of their own. */
export interface LongArgument {
  /** `Prefetch(` */
  readonly open: string;
  readonly parts: readonly string[];
  readonly close: string;
}

/** Black's and ruff's. */
const lineLength = 88;
/** Stands for the argument while the edit's own layout is made; no source code holds it. */
export const placeholder = "\0";

/**
 * Fills the arguments into edits that were made with {@link placeholder} in their place: in one line where that is not too long, else as
 * black and ruff would break them.
 */
export function fillIn(file: PythonFile, edits: readonly Edit[], args: readonly LongArgument[]): readonly Edit[] {
  return edits.map((edit) => {
    const at = edit.newText.indexOf(placeholder);
    if (at === -1) return edit;
    const { line, character } = edit.range.start;
    const lineStart = edit.newText.lastIndexOf("\n", at);
    const before =
      lineStart === -1
        ? file.lines.lineText(line).slice(0, character) + edit.newText.slice(0, at)
        : edit.newText.slice(lineStart + 1, at);
    const { end } = edit.range;
    const behind = lineStart === -1 ? file.lines.lineText(end.line).slice(end.character) : "";
    const indent = /^[ \t]*/.exec(before)?.[0] ?? "";
    const text = laidOut(
      args,
      before,
      edit.newText.slice(at + 1) + behind,
      indent,
      file.lines.lineEnding(line) || "\n",
    );
    return { ...edit, newText: edit.newText.replace(placeholder, () => text) };
  });
}

function laidOut(args: readonly LongArgument[], before: string, behind: string, indent: string, end: string): string {
  const inline = args.map(oneLine);
  const whole = inline.join(", ");
  if (before.length + whole.length + (behind.split(/\r|\n/, 1)[0] ?? "").length <= lineLength) return whole;
  const inner = `${indent}    `;
  // Behind an opening bracket the arguments get lines of their own; behind others they stay beside them.
  const isAlone = before.trimEnd().endsWith("(");
  const base = isAlone ? inner : indent;
  const lines = args.map((arg, index) => {
    const text = inline[index] ?? "";
    if (base.length + text.length + 1 <= lineLength || arg.parts.length < 2) return text;
    const parts = arg.parts.map((part) => `${end}${base}    ${part},`).join("");
    return `${arg.open}${parts}${end}${base}${arg.close}`;
  });
  if (!isAlone) return lines.join(", ");
  // The formatter gives a sole argument no trailing comma.
  const trail = lines.length === 1 ? "" : ",";
  return `${end}${lines.map((line) => `${base}${line}`).join(`,${end}`)}${trail}${end}${indent}`;
}

export function oneLine({ open, parts, close }: LongArgument): string {
  return open + parts.join(", ") + close;
}
