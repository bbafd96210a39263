import type { Place } from "../correlate/correlation.ts";
import { loadsAmong } from "../insights/evidence.ts";
import { placeKey } from "../insights/identity.ts";
import { placeWords } from "../insights/message.ts";
import type { RelatedRows } from "../insights/relatedRows.ts";
import type { Schema } from "../insights/schema.ts";
import type { PythonFile } from "../python/pythonFile.ts";
import type { TemplateFile, TemplateLoop, TemplateNode } from "../templates/djangoTemplate.ts";
import { containsRange, type TextEdit } from "../text/range.ts";
import type { QueryRow } from "../trace/model.ts";
import { type Annotation, plainAnnotation } from "./annotation.ts";
import type { FixContext, Refusal } from "./change.ts";

/**
 * What a template asks each row of one of its loops: `{{ post.comments.count }}`, and all the same in that loop. A template says nothing where
 * an attribute is missing, so the rows must have come from the one queryset in every recording, and from one view.
 *
 * @param file the queryset's
 */
export function templateUse(
  use: Place,
  related: RelatedRows,
  file: PythonFile,
  roots: readonly QueryRow[],
  schema: Schema,
  context: FixContext,
): { readonly annotation: Annotation; readonly uses: readonly TextEdit[] } | Refusal {
  const { correlator } = context;
  const template = correlator.templateFile(use.path);
  if (use.placement.state === "gone" || template === null) {
    return { reason: `${placeWords(use)} was edited after the recording: record the tests again.` };
  }
  const { range } = use.placement;
  // Of Jinja the line is known: it may hold several.
  const nodes = template.tags.filter((each) => containsRange(each.range, range) || containsRange(range, each.range));
  const asked = nodes.flatMap(({ text }) => new RegExp(question(related.accessor)).exec(text) ?? []);
  const [, row = "", api] = asked;
  const loop = template.loopsAround(range).find(({ variables }) => variables.includes(row));
  if (loop === undefined || (api !== "count" && api !== "exists")) {
    return {
      reason: `${placeWords(use)} is not asked of the variable of a loop in the same template: others may show other rows there.`,
    };
  }
  const others = otherRows(use, related, roots, context);
  if (others !== null) return { reason: others };
  const annotation = plainAnnotation(api, related, schema, file);
  if ("reason" in annotation) return annotation;
  const edits = template.tags
    .filter((each) => isIn(each, loop, row, template))
    .flatMap((each) => replaced(each, row, api, annotation, related, template));
  return { annotation, uses: edits.map((edit) => ({ file: use.path, ...edit })) };
}

function question(accessor: string): string {
  return `\\b(\\w+)\\.${accessor}\\.(?:all(?:\\(\\))?\\.)?(count|exists)\\b(?![.\\w])`;
}

/** Why rows of other querysets would be shown there, too; null where none were. */
function otherRows(
  use: Place,
  { accessor }: RelatedRows,
  roots: readonly QueryRow[],
  { reader, correlator }: FixContext,
): string | null {
  const sites = correlator.sitesNow(use.path);
  const key = placeKey(use);
  const here = sites.filter((place) => placeKey(place) === key).map(({ site }) => site.id);
  const own = new Set(roots.map(({ id }) => id));
  const loads = loadsAmong(reader, correlator, reader.rowsThrough(here));
  if (loads.some(({ root, row }) => row.cause.field === accessor && !own.has(root.id))) {
    return `${placeWords(use)} shows rows of other querysets, too, which would miss the new attribute.`;
  }
  const through = reader.rowsThrough(sites.map(({ site }) => site.id));
  const views = new Set(
    through.map(({ scopeId }) => reader.scope(scopeId)).map(({ view, route, label }) => view ?? route ?? label),
  );
  return views.size > 1 ? `${use.path} is used by several views, whose rows would miss the new attribute.` : null;
}

function isIn({ range }: TemplateNode, loop: TemplateLoop, row: string, template: TemplateFile): boolean {
  const innermost = template.loopsAround(range).find(({ variables }) => variables.includes(row));
  return innermost === loop && containsRange(loop.body, range);
}

function replaced(
  { range }: TemplateNode,
  row: string,
  api: string,
  { name }: Annotation,
  { accessor }: RelatedRows,
  { text, lines }: TemplateFile,
): readonly Omit<TextEdit, "file">[] {
  const start = lines.offsetAt(range.start);
  const written = text.slice(start, lines.offsetAt(range.end));
  const pattern = new RegExp(
    `(?<![\\w.])${row}\\.${accessor}\\.(?:all(?:\\(\\))?\\.)?${api}\\b(?:\\(\\))?(?![.\\w])`,
    "g",
  );
  return [...written.matchAll(pattern)].map(({ index, 0: found }) => ({
    range: lines.rangeAt(start + index, start + index + found.length),
    newText: `${row}.${name}`,
  }));
}
