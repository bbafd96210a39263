import type { Edit } from "../text/edits.ts";
import type { Position } from "../text/range.ts";
import type { ClassBody, Member } from "./classBody.ts";
import type { PythonFile } from "./pythonFile.ts";

/**
 * Adds an attribute to a class: behind the given member, else behind its last attribute before the methods, else below the docstring or
 * above the first method; in place of a `pass`. Null where the body stands in the line of `class …:`.
 *
 * @param text `queryset = Order.objects.all()`
 */
export function addAttribute(
  file: PythonFile,
  body: ClassBody,
  text: string,
  behind: Member | null = null,
): readonly Edit[] | null {
  const { indent, members } = body;
  if (indent === null) return null;
  const end = lineEndingOf(file, body);
  const first = firstMethod(body);
  const leading = first === null ? members : members.slice(0, members.indexOf(first));
  const attribute = behind ?? leading.findLast(({ kind }) => kind === "attribute") ?? null;
  if (attribute !== null) return [insertion(endOfLine(file, attribute), `${end}${indent}${text}`)];
  const nothing = onlyNothing(body);
  if (nothing !== null) return [inPlaceOf(body, nothing, end, `${indent}${text}`)];
  const docstring = leading.find(({ kind }) => kind === "text");
  if (docstring !== undefined) return [insertion(endOfLine(file, docstring), `${end}${end}${indent}${text}`)];
  if (first === null) return appended(file, body, `${end}${indent}${text}`);
  return [insertion(startOf(file, first, indent), `${indent}${text}${end}${end}`)];
}

/**
 * Adds a method to a class: above its first method, else at its end; in place of a `pass`. Null where the body stands in the line of `class …:`.
 *
 * @param lines from `def` on, those of its body without their indentation
 */
export function addMethod(
  file: PythonFile,
  body: ClassBody,
  [def, ...rest]: readonly [string, ...string[]],
): readonly Edit[] | null {
  const { indent, step } = body;
  if (indent === null) return null;
  const end = lineEndingOf(file, body);
  const text = [`${indent}${def}`, ...rest.map((line) => `${indent}${step}${line}`)].join(end);
  const nothing = onlyNothing(body);
  if (nothing !== null) return [inPlaceOf(body, nothing, end, text)];
  const first = firstMethod(body);
  if (first !== null) return [insertion(startOf(file, first, indent), `${text}${end}${end}`)];
  return appended(file, body, `${end}${end}${text}`);
}

function firstMethod({ members }: ClassBody): Member | null {
  return members.find(({ kind }) => kind === "method") ?? null;
}

/** The `pass` of a body that says nothing else, but for a docstring. */
function onlyNothing({ members }: ClassBody): Member | null {
  const said = members.filter(({ kind }) => kind !== "text");
  const [only] = said;
  return said.length === 1 && only?.kind === "nothing" ? only : null;
}

/** From the start of its line, so that a blank line can go before it, below a docstring. */
function inPlaceOf({ members }: ClassBody, nothing: Member, end: string, text: string): Edit {
  const { start } = nothing.range;
  const newText = members[0] === nothing ? text : `${end}${text}`;
  return { range: { start: { line: start.line, character: 0 }, end: nothing.range.end }, newText };
}

function appended(file: PythonFile, { members }: ClassBody, text: string): readonly Edit[] | null {
  const last = members.at(-1);
  return last === undefined ? null : [insertion(endOfLine(file, last), text)];
}

/** With the comments right above it. */
function startOf(file: PythonFile, { range }: Member, indent: string): Position {
  let { line } = range.start;
  while (line > 0 && file.lines.lineText(line - 1).startsWith(`${indent}#`)) line--;
  return { line, character: 0 };
}

/** Behind a comment in the member's last line. */
function endOfLine(file: PythonFile, { range: { end } }: Member): Position {
  return { line: end.line, character: file.lines.lineText(end.line).length };
}

function lineEndingOf(file: PythonFile, { range: { start } }: ClassBody): string {
  return file.lines.lineEnding(start.line) || "\n";
}

function insertion(position: Position, newText: string): Edit {
  return { range: { start: position, end: position }, newText };
}
