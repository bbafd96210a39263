import type { Range } from "../text/range.ts";
import { isDefinition } from "./definitions.ts";
import { isFollowedByLeaving, isLeaving } from "./loopEnds.ts";
import { isLoop, iterableOf, type Loop } from "./loops.ts";
import type { PythonFile } from "./pythonFile.ts";
import { operands, type SyntaxNode, unparenthesized } from "./syntax.ts";

/** A loop seen from something that it runs again and again. */
export interface Turns {
  readonly loop: Loop;
  /** It goes through what is written in the code (a literal, a constant, an enumeration): its turns do not grow with the data. */
  readonly isBounded: boolean;
}

/**
 * The `for` loops and comprehensions that run the range once in each turn, innermost first, within the function that holds it. Left out are
 * `while` loops, which ask until there is no more, and loops that are always left behind the range.
 */
export function turnsAround(file: PythonFile, range: Range): readonly Turns[] {
  const found: Turns[] = [];
  let inner = file.nodeAround(file.lines.offsetAt(range.start), file.lines.offsetAt(range.end));
  let isLeft = false;
  for (let node = inner.parent; node !== null && !isDefinition(node) && node.type !== "lambda"; node = node.parent) {
    isLeft ||= isLeaving(inner) || isFollowedByLeaving(inner);
    if (isLoop(node)) {
      const loop = file.loopOf(node);
      if (loop !== null && loop.kind !== "while" && !isLeft && isTurn(node, inner)) {
        found.push({ loop, isBounded: isBounded(iterableOf(node), file.text) });
      }
      isLeft = false;
    }
    inner = node;
  }
  return found;
}

/** Whether the loop's child runs in each turn: not what it iterates over, nor its `else`. */
function isTurn(loop: SyntaxNode, child: SyntaxNode): boolean {
  if (loop.type === "for_statement") return child.field === "body";
  const iterable = iterableOf(loop);
  return iterable === null || child !== iterable.parent;
}

const literals: ReadonlySet<string> = new Set(["list", "tuple", "set", "dictionary", "string"]);
const splats: ReadonlySet<string> = new Set(["list_splat", "dictionary_splat", "interpolation"]);
/** Functions with as many turns as their arguments have elements. */
const wrappers: ReadonlySet<string> = new Set([
  "enumerate",
  "reversed",
  "sorted",
  "list",
  "tuple",
  "set",
  "zip",
  "iter",
]);
/** `STATES`, `settings.LANGUAGES.items()`, `Status.choices`, `Status` */
const constant =
  /^(?:\w+\.)*(?:[A-Z][A-Z0-9_]+|[A-Z]\w*\.(?:choices|values|labels|names|__members__)|[A-Z]\w*)(?:\.(?:items|keys|values)\(\))?$/;

/** What a model declares: `self._meta.get_fields()`, `Order._meta.local_many_to_many`. */
const declared = /(?:^|\.)_meta\.\w+(?:\([^()]*\))?$/;

function isBounded(iterable: SyntaxNode | null, text: string): boolean {
  if (iterable === null) return false;
  const node = unparenthesized(iterable);
  const written = text.slice(node.start, node.end).replace(/\s/g, "");
  if (literals.has(node.type)) return !operands(node).some(({ type }) => splats.has(type));
  if (constant.test(written) || declared.test(written) || /^range\([\d_,-]+\)$/.test(written)) return true;
  if (node.type !== "call") return false;
  const [called, list] = operands(node);
  const name = called === undefined ? "" : text.slice(called.start, called.end);
  if (!wrappers.has(name) || list === undefined) return false;
  const args = operands(list).filter(({ type }) => type !== "keyword_argument");
  return args.length > 0 && args.some((arg) => isBounded(arg, text));
}
