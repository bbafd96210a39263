/** One way of writing a queryset whose rows then load a relation one by one. */
export interface Shape {
  /** Its module in the package `shapes`, and its route. */
  readonly name: string;
  /** The module, below the imports that all share. `«…»` stands around the place that the finding must name. */
  readonly code: string;
  /** What the fix must replace in the module, and by what; in its stead some words of the reason why there is none. */
  readonly edit: readonly (readonly [from: string, to: string])[] | string;
  /** Queries of the costliest request, as recorded before and after. */
  readonly queries: readonly [before: number, after: number];
  /** Paths below the route that are asked for; the route itself unless told. */
  readonly paths?: readonly string[];
}
