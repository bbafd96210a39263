import type { Place } from "../correlate/correlation.ts";
import type { EagerLookup } from "../insights/finding.ts";
import { placeWords } from "../insights/message.ts";
import { attributeWords, modelWords, plural } from "../insights/words.ts";
import type { ModelRef } from "./models.ts";

/** What tells such a finding from one that a test showed. */
const byReading = "(from reading the code; no recorded test runs this loop)";

/** `Each order of this loop would load its customer: one query for each row (from reading …). Load them with the list: …` */
export function rowMessage(model: ModelRef, verb: string, isConditional: boolean, remedy: string): string {
  const which = isConditional ? "of this loop that comes here" : "of this loop";
  return `Each ${oneOf(model)} ${which} would ${verb}: one query for each row ${byReading}. ${remedy}`;
}

export function turnMessage(verb: string, remedy: string): string {
  return `Each turn of this loop would ${verb} ${byReading}. ${remedy}`;
}

/** `order item` */
export function oneOf({ name }: ModelRef): string {
  return modelWords(name);
}

export function manyOf(model: ModelRef): string {
  return plural(oneOf(model));
}

/** `an order item` */
export function anyOf(model: ModelRef): string {
  const words = oneOf(model);
  return `${/^[aeiou]/.test(words) ? "an" : "a"} ${words}`;
}

/** `customer's address` */
export function pathWords(names: readonly string[]): string {
  return names.map(attributeWords).join("'s ");
}

export function eagerWords({ how, path }: EagerLookup, chain: Place): string {
  return `Load them with the list: ${how}("${path}") in ${placeWords(chain)}.`;
}
