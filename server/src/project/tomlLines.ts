/**
 * The line (from 1) on which a key of a TOML table is set, for messages; null where it is written in a way that a line-wise look does not
 * see (inline tables, keys within multi-line strings).
 *
 * @param path the key's names from the root of the document
 */
export function lineOfKey(toml: string, path: readonly string[]): number | null {
  const wanted = JSON.stringify(path);
  let table: readonly string[] = [];
  for (const [index, line] of toml.split(/\r\n|\n|\r/).entries()) {
    const header = /^\s*\[\s*([^[\]]+?)\s*\]\s*(?:#.*)?$/.exec(line);
    const key = /^\s*((?:"[^"]*"|'[^']*'|[\w-]+)(?:\s*\.\s*(?:"[^"]*"|'[^']*'|[\w-]+))*)\s*=/.exec(line);
    if (header !== null) table = names(header[1] ?? "");
    const named = header !== null ? table : key !== null ? [...table, ...names(key[1] ?? "")] : null;
    // `a.b.c = 1` and `[a.b.c]` set `a.b` as well.
    if (named !== null && JSON.stringify(named.slice(0, path.length)) === wanted) return index + 1;
  }
  return null;
}

function names(dotted: string): readonly string[] {
  return [...dotted.matchAll(/"([^"]*)"|'([^']*)'|([\w-]+)/g)].map(
    ([, double, single, bare]) => double ?? single ?? bare ?? "",
  );
}
