import type { ArgumentFacts } from "./moduleFacts.ts";

/** What a queryset loads along with its rows. */
export interface Loaded {
  /** Lookup paths from the rows' model. */
  readonly paths: readonly string[];
  /** Those of `Prefetch` objects, whose own querysets may load more. */
  readonly opaque: readonly string[];
  /** `select_related()` without a name. */
  readonly joinsAll: boolean;
}

export const nothingLoaded: Loaded = { paths: [], opaque: [], joinsAll: false };

export function together(a: Loaded, b: Loaded): Loaded {
  return {
    paths: [...a.paths, ...b.paths],
    opaque: [...a.opaque, ...b.opaque],
    joinsAll: a.joinsAll || b.joinsAll,
  };
}

/** Whether rows surely or possibly come with what the path leads to. */
export function mayLoad({ paths, opaque, joinsAll }: Loaded, path: string, toMany: boolean): boolean {
  if (joinsAll && !toMany) return true;
  return (
    paths.some((each) => each === path || each.startsWith(`${path}__`)) ||
    opaque.some((each) => each === path || each.startsWith(`${path}__`) || path.startsWith(`${each}__`))
  );
}

/** What of it hangs on a relation of the rows. */
export function behind({ paths, opaque, joinsAll }: Loaded, lookup: string): Loaded {
  const below = (all: readonly string[]) =>
    all.flatMap((path) => (path.startsWith(`${lookup}__`) ? [path.slice(lookup.length + 2)] : []));
  return { paths: below(paths), opaque: below(opaque), joinsAll };
}

/** Methods of Django's querysets that bring the same kind of rows with the same things along. */
const neutral: ReadonlySet<string> = new Set(
  "all filter exclude order_by annotate alias distinct using reverse select_for_update complex_filter extra iterator aiterator get_queryset".split(
    " ",
  ),
);

/** What a queryset loads along behind a method of Django's own; null where that cannot be told, or its rows are no plain instances any more. */
export function loadedBehind(
  loaded: Loaded,
  { name, arguments: args }: { readonly name: string; readonly arguments: readonly ArgumentFacts[] },
): Loaded | null {
  if (neutral.has(name)) return loaded;
  if (name === "select_related") {
    if (args.length === 0) return { ...loaded, joinsAll: true };
    // What `None` takes back is not worth following.
    const names = args.map(({ stringValue }) => stringValue);
    return names.includes(null)
      ? null
      : { ...loaded, paths: [...loaded.paths, ...names.filter((each) => each !== null)] };
  }
  if (name !== "prefetch_related") return null;
  const paths: string[] = [];
  const opaque: string[] = [];
  for (const { text, stringValue } of args) {
    const path = stringValue ?? /^(?:\w+\.)*Prefetch\(\s*(?:lookup\s*=\s*)?["'](\w+)["']/.exec(text)?.[1];
    if (path === undefined) return null;
    (stringValue === null ? opaque : paths).push(path);
  }
  return { ...loaded, paths: [...loaded.paths, ...paths], opaque: [...loaded.opaque, ...opaque] };
}
