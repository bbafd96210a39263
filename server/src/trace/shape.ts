/** Small exact checks for parsed JSON. A checked object is used as it is: members that no check names are simply never read. */

export type Json = { readonly [member: string]: unknown };
export type Check<T> = (value: unknown) => value is T;
export type Checked<C> = C extends Check<infer T> ? T : never;
export type Shape = { readonly [member: string]: Check<unknown> };
export type Shaped<S extends Shape> = { readonly [M in keyof S]: Checked<S[M]> };

export const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const text: Check<string> = (value): value is string => typeof value === "string";
export const flag: Check<boolean> = (value): value is boolean => typeof value === "boolean";

/** A count, time or size: a whole number from 0 that JavaScript holds exactly. */
export const natural: Check<number> = (value): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
export const positive: Check<number> = (value): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 1;

export function oneOf<const T extends string>(...words: readonly T[]): Check<T> {
  const known: ReadonlySet<unknown> = new Set(words);
  return (value): value is T => known.has(value);
}

/** Null, or absent, or what `check` accepts. */
export function maybe<T>(check: Check<T>): Check<T | null | undefined> {
  return (value): value is T | null | undefined => value === null || value === undefined || check(value);
}

export function listOf<T>(check: Check<T>): Check<readonly T[]> {
  return (value): value is readonly T[] => Array.isArray(value) && value.every(check);
}

export function objectOf<S extends Shape>(shape: S): Check<Shaped<S>> {
  const members = Object.entries(shape);
  return (value): value is Shaped<S> => isObject(value) && members.every(([member, check]) => check(value[member]));
}

/** The first member of `value` that does not fit, for a message; null where all fit. */
export function misfit(shape: Shape, value: Json): string | null {
  for (const member in shape) {
    if (shape[member]?.(value[member]) === false) return member;
  }
  return null;
}
