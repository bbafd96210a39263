import {
  type DialectOptions,
  formatDialect,
  mariadb,
  mysql,
  plsql,
  postgresql,
  sqlite,
  sql as standard,
} from "sql-formatter";
import { packColumns } from "./packedColumns.ts";
import { oneLine, severalLines } from "./untrusted.ts";

/** Statements longer than this (characters) are shown as they are: formatting them would hold up the editor. */
const formatLimit = 8_000;
const shownLimit = 20_000;
/** The recorder cuts a parameter here (docs/segment-format.md). */
const parameterLimit = 200;

const dialects: Readonly<Record<string, DialectOptions>> = { sqlite, postgresql, mysql, mariadb, oracle: plsql };

/**
 * SQL to read, copy and run: laid out, with the sample's literals in place of the placeholders. Where they cannot be put in
 * (folded lists, cut literals), the placeholders stay and a comment names what is known of them.
 */
export function readableSql(sql: string, sample: readonly string[] | null, vendor: string): string {
  const filled = sample === null ? null : withLiterals(sql, sample);
  const text = layOut(filled ?? sql.replaceAll("%%", "%"), vendor);
  const shown = severalLines(text, shownLimit);
  if (filled !== null || sample === null || sample.length === 0) return shown;
  return `-- sample parameters: ${oneLine(sample.join(", "), 1_000)}\n${shown}`;
}

/** Null where literals and placeholders do not match one to one. */
function withLiterals(sql: string, sample: readonly string[]): string | null {
  if (sample.some(isCut)) return null;
  const pieces = unfolded(sql, sample.length).split("%s");
  if (pieces.length - 1 !== sample.length || pieces.some((piece) => piece.includes("…"))) return null;
  return pieces.map((piece, index) => piece.replaceAll("%%", "%") + (sample[index] ?? "")).join("");
}

/** One folded list takes all the parameters that the other placeholders leave over; with two it is not known which takes which. */
function unfolded(sql: string, parameters: number): string {
  const folds = sql.match(/\(%s, \u2026\)/g)?.length ?? 0;
  if (folds !== 1) return sql;
  const placeholders = sql.split("%s").length - 1;
  const inList = parameters - (placeholders - 1);
  return inList < 1 ? sql : sql.replace("(%s, …)", `(${Array(inList).fill("%s").join(", ")})`);
}

function isCut(literal: string): boolean {
  return literal.length >= parameterLimit || (literal.startsWith("'") && !literal.endsWith("'"));
}

/** The formatter's grammar does not know everything that a database takes: what it refuses is shown as it came. */
function layOut(sql: string, vendor: string): string {
  if (sql.length > formatLimit) return sql;
  try {
    const laidOut = formatDialect(sql, {
      dialect: dialects[vendor] ?? standard,
      keywordCase: "preserve",
      paramTypes: { custom: [{ regex: "%s" }] },
    });
    return packColumns(laidOut);
  } catch {
    return sql;
  }
}
