import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { expect, it } from "vitest";
import { parseTemplate } from "../templates/djangoTemplate.ts";
import type { TemplateLanguage } from "../templates/lexer.ts";
import type { Site } from "../trace/model.ts";
import { alignTags, placeMovedTag } from "./templatePlacement.ts";

const runs = Number(process.env["QUERYSIGHT_EDITS"] ?? 0) || 400;
const root = fileURLToPath(new URL("../../../", import.meta.url));

/** The demo's templates and those that the recorder is tested with; what Django's tags look like to Jinja is as good a text as any. */
const texts = [join(root, "demo"), join(root, "recorder/tests/project")].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(html|jinja|txt)$/.test(name) && !name.includes(".venv"))
    .sort()
    .map((name) => readFileSync(join(folder, name), "utf8"))
    .filter((text) => text.split("{").length > 4),
);

/** A tag, variable or comment; or what stands between two, of which `tag` is null. */
interface Piece {
  readonly text: string;
  readonly tag: number | null;
}

const edit = fc.record({
  kind: fc.constantFrom("insert", "delete", "wrap", "lines", "spaces", "change", "copy", "type"),
  pick: fc.nat(999),
  other: fc.nat(999),
});

const scenario = fc.record({
  file: fc.nat(999),
  language: fc.constantFrom<TemplateLanguage>("django-template", "jinja"),
  edits: fc.array(edit, { minLength: 1, maxLength: 6 }),
});

/** Pieces that go along with every edit: what knows where each tag is without looking for it. */
function piecesOf(text: string): Piece[] {
  let tags = 0;
  return text
    .split(/(\{%[^\n]*?%\}|\{\{[^\n]*?\}\}|\{#[^\n]*?#\})/)
    .map((piece, index) => ({ text: piece, tag: index % 2 === 1 ? tags++ : null }));
}

const fresh = [
  "{{ fresh }}",
  "{% fresh_tag %}",
  "\n<p>\n",
  "{# {{ fresh }} #}",
  "{% if fresh %}{{ other }}{% endif %}",
];
const halfTyped = ["{{ ", "{% if ", "%}", "{% for a in", "{#", "{% endfresh %}", "{%"];

function change(
  pieces: Piece[],
  number: number,
  { kind, pick, other }: { kind: string; pick: number; other: number },
): void {
  const places = pieces.flatMap(({ tag }, index) => (tag === null ? [] : [index]));
  const at = places[pick % Math.max(1, places.length)];
  const piece = at === undefined ? undefined : pieces[at];
  if (at === undefined || piece === undefined) return;
  const plain = { text: piece.text.slice(2, -2).trim(), isVariable: piece.text.startsWith("{{") };
  const inserted = (text: string) => ({ text, tag: null });
  const count = pieces.filter(({ text }) => said(text) === said(piece.text)).length;
  switch (kind) {
    case "insert":
      pieces.splice(at, 0, inserted((fresh[other % fresh.length] ?? "").replaceAll("fresh", `fresh_${number}`)));
      break;
    case "delete":
      // One of several equals that is taken out, with another put in elsewhere, is one that moved.
      if (plain.isVariable && !pieces.some(({ tag, text }) => tag === null && text.includes(plain.text)))
        pieces.splice(at, 1);
      break;
    case "wrap":
      if (plain.isVariable) {
        pieces.splice(at, 1, inserted(`{% if fresh_${number} %}`), piece, inserted("{% endif %}"));
      }
      break;
    case "lines":
      pieces.splice(at, 0, inserted("\r\n".repeat(1 + (other % 3))));
      break;
    case "spaces":
      pieces[at] = { ...piece, text: piece.text.replace(/^(\{[{%]) */, "$1   ").replace(/ *([%}]\})$/, "  $1") };
      break;
    case "change":
      if (plain.isVariable && count === 1) pieces[at] = inserted(`{{ fresh_${number} }}`);
      break;
    case "copy":
      if (plain.isVariable && !deleted.has(said(piece.text))) pieces.splice(at + 1, 0, inserted(`\n${piece.text}`));
      break;
    default:
      pieces.splice(at, 0, inserted(halfTyped[other % halfTyped.length] ?? ""));
  }
  if (kind === "delete" || kind === "change") deleted.add(said(piece.text));
}

const deleted = new Set<string>();

function said(text: string): string {
  return text.replace(/[\s\-+]+/g, "");
}

it("places a recorded tag at itself or nowhere, whatever was done to the template", () => {
  let [found, standing] = [0, 0];
  fc.assert(
    fc.property(scenario, ({ file, language, edits }) => {
      const text = texts[file % texts.length] ?? "";
      const pieces = piecesOf(text);
      deleted.clear();
      for (const [number, each] of edits.entries()) change(pieces, number, each);
      const before = piecesOf(text);
      const recorded = parseTemplate(text, language);
      const today = parseTemplate(pieces.map((piece) => piece.text).join(""), language);
      const alignment = alignTags(recorded, today);
      let offset = 0;
      for (const piece of before) {
        const start = recorded.lines.positionAt(offset);
        offset += piece.text.length;
        const token = /^\{[{%]/.test(piece.text)
          ? piece.text
              .slice(2, -2)
              .replace(/^[-+]|[-+]$/g, "")
              .trim()
          : null;
        // Two that say the same in one line are recorded alike.
        const alike = recorded.tags.filter((node) => node.line === start.line && node.text === token);
        // Nothing runs at a tag that only ends something.
        if (piece.tag === null || token === null || alike.length !== 1 || /^(end|el|empty)/.test(token)) continue;
        const placement = placeMovedTag(siteAt(start.line + 1, token), recorded, today, alignment);
        const now = pieces.findIndex(({ tag }) => tag === piece.tag);
        if (now >= 0) standing += 1;
        if (placement.state === "gone") continue;
        const expected = pieces.slice(0, now).reduce((length, { text: each }) => length + each.length, 0);
        expect([token, today.lines.offsetAt(placement.range.start)]).toEqual([token, now < 0 ? -1 : expected]);
        found += 1;
      }
    }),
    { numRuns: runs, ...(runs === 400 ? { seed: 20_260_102 } : {}) },
  );
  expect(found / standing).toBeGreaterThan(0.7);
});

function siteAt(line: number, token: string): Site {
  const more = { id: 1, fileId: 1, path: "a.html", kind: "template", qualname: "", functionLine: 0 } as const;
  return { ...more, line, column: null, endLine: null, endColumn: null, token };
}

it("takes as long for thousands of tags that never end as for as many that do", () => {
  const text = `${"{{ a\n{% b\n".repeat(5_000)}{% for x in y %}{{ x.z }}{% endfor %}`;
  const [recorded, today] = [parseTemplate(text), parseTemplate(`${text} `)];
  expect(alignTags(recorded, today)).toHaveLength(recorded.tags.length);
});
