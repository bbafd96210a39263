import type { WrittenCall, WrittenChain, WrittenLink } from "./ports.ts";

/** `post.comments.filter(…)[:3]`, taken apart. */
export interface RelatedUse {
  /** The name before the related manager. */
  readonly row: string;
  /** The manager's and the querysets' methods, from left to right. */
  readonly calls: readonly WrittenCall[];
  /** What stands behind them: a slice, `["total"]`, `await`. */
  readonly rest: readonly WrittenLink[];
}

/** Null where the chain does not start with the related manager of a plain name. */
export function relatedUse(chain: WrittenChain, accessor: string): RelatedUse | null {
  const use = useOf(chain, accessor);
  return use === null || use.row === "self" || use.row === "cls" ? null : use;
}

/** The same where a method asks for what is related to its own object: `self.comments.count()`. */
export function ownUse(chain: WrittenChain, accessor: string): RelatedUse | null {
  const use = useOf(chain, accessor);
  return use?.row === "self" ? use : null;
}

function useOf({ root, rootCall, links, calls }: WrittenChain, accessor: string): RelatedUse | null {
  const [row = "", attribute] = root.split(".");
  const [manager, ...behind] = links;
  if (rootCall !== null || attribute !== accessor || !/^\w+$/.test(row)) return null;
  if (manager?.kind !== "attribute" || root.split(".").length !== 2) return null;
  const first = behind.findIndex(({ kind }) => kind !== "call");
  const many = first === -1 ? behind.length : first;
  return { row, calls: calls.slice(0, many), rest: behind.slice(many) };
}

/** Whether the use asks for all the related rows there are: no filter stands before the last method. */
export function isUnfiltered({ calls }: RelatedUse): boolean {
  return calls.slice(0, -1).every(({ name }) => name === "all");
}

/** `product_count`, `approved_comment_count` */
export function countName(accessor: string, calls: readonly WrittenCall[]): string {
  return `${qualifier(calls)}${singular(accessor)}_count`;
}

/** `has_products`, `has_approved_comments` */
export function existsName(accessor: string, calls: readonly WrittenCall[]): string {
  return `has_${qualifier(calls)}${plurals(accessor)}`;
}

/** `order_item_units` */
export function aggregateName(accessor: string, alias: string, calls: readonly WrittenCall[]): string {
  return `${qualifier(calls)}${singular(accessor)}_${alias.replace(/__+/g, "_")}`;
}

/** `approved_comments`, `ordered_tags` */
export function attributeName(accessor: string, calls: readonly WrittenCall[]): string {
  const filtered = qualifier(calls);
  const isOrdered = calls.some(({ name }) => name === "order_by");
  return `${filtered !== "" ? filtered : isOrdered ? "ordered_" : "selected_"}${plurals(accessor)}`;
}

/** What sets these rows apart, where the code says it in a word: `is_approved=True` is `approved_`, `status="paid"` is `paid_`. */
function qualifier(calls: readonly WrittenCall[]): string {
  const filters = calls.filter(({ name }) => name === "filter" || name === "exclude");
  if (filters.length === 0) return "";
  const [only] = filters;
  const [argument] = only?.arguments ?? [];
  if (filters.length > 1 || only?.name !== "filter" || only.arguments.length !== 1 || argument?.keyword == null)
    return "filtered_";
  const value = argument.text.slice(argument.text.indexOf("=") + 1).trim();
  if (value === "True") return `${argument.keyword.replace(/^(is|has)_/, "")}_`;
  const word = /^["']([a-z][a-z0-9_]*)["']$/.exec(value)?.[1];
  return word === undefined ? "filtered_" : `${word}_`;
}

function plurals(accessor: string): string {
  if (!accessor.endsWith("_set")) return accessor;
  const one = accessor.slice(0, -"_set".length);
  if (/(s|x|z|ch|sh)$/.test(one)) return `${one}es`;
  return /[^aeiou]y$/.test(one) ? `${one.slice(0, -1)}ies` : `${one}s`;
}

/** `comments` and `comment_set` are `comment`, `categories` is `category`. */
export function singular(accessor: string): string {
  const many = accessor.replace(/_set$/, "");
  if (many !== accessor) return many;
  if (/ies$/.test(many)) return many.replace(/ies$/, "y");
  if (/(ss|x|z|ch|sh)es$/.test(many)) return many.slice(0, -2);
  return /(ss|us|is)$/.test(many) ? many : many.replace(/s$/, "");
}
