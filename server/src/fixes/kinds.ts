import type { Curable } from "../insights/finding.ts";
import { annotate } from "./annotate.ts";
import type { FixKind } from "./change.ts";
import { dropLookup } from "./dropLookup.ts";
import { eagerLoad } from "./eagerLoad.ts";
import { fetchPeers } from "./fetchPeers.ts";
import { inBulk } from "./inBulk.ts";
import { listSelectRelated } from "./listSelectRelated.ts";
import { loadField } from "./loadField.ts";
import { methodEagerLoad } from "./methodEagerLoad.ts";
import { methodLoadField } from "./methodLoadField.ts";
import { prefetchObject } from "./prefetchObject.ts";
import { querysetMethod } from "./querysetMethod.ts";
import { viewAnnotation } from "./viewAnnotation.ts";
import { viewQueryset } from "./viewQueryset.ts";

/** All kinds of edits, by the remedy that they carry out. */
const kinds: { readonly [Kind in Curable["kind"]]: FixKind<Extract<Curable, { readonly kind: Kind }>> } = {
  "eager-load": eagerLoad,
  "in-bulk": inBulk,
  "method-eager-load": methodEagerLoad,
  "view-queryset": viewQueryset,
  "list-select-related": listSelectRelated,
  "queryset-method": querysetMethod,
  "prefetch-object": prefetchObject,
  annotate,
  "view-annotation": viewAnnotation,
  "load-field": loadField,
  "method-load-field": methodLoadField,
  "drop-lookup": dropLookup,
  "fetch-peers": fetchPeers,
};

export function kindOf<Remedy extends Curable>({ kind }: Remedy): FixKind<Remedy> {
  // The table holds for each kind what takes remedies of that kind; TypeScript cannot follow a lookup by a type parameter.
  return kinds[kind] as unknown as FixKind<Remedy>;
}
