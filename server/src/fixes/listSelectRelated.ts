import type { ListSelectRelated } from "../insights/finding.ts";
import { addElements, quoted } from "../python/chainEdits.ts";
import { type ClassBody, type Member, memberNamed } from "../python/classBody.ts";
import { addAttribute } from "../python/classEdits.ts";
import type { PythonFile } from "../python/pythonFile.ts";
import { stringValue } from "../python/strings.ts";
import { operands } from "../python/syntax.ts";
import type { Edit } from "../text/edits.ts";
import type { FixKind } from "./change.ts";
import { joinedColumns } from "./changeList.ts";
import { classChange, classTarget } from "./classTarget.ts";
import { covers } from "./eagerLoading.ts";
import { pathsOf } from "./lookupWords.ts";

/** `list_select_related` of an admin class: into the list or tuple that is there, else a line of its own. */
export const listSelectRelated: FixKind<ListSelectRelated> = {
  isSafe: true,

  change(remedies, context) {
    const [{ chain: place, model }] = remedies;
    const target = classTarget(
      place,
      remedies.flatMap((remedy) => remedy.lookups),
      context,
    );
    if ("reason" in target) return target;
    const { file, body, lookups, roots } = target;
    const where = `${body.name} in ${place.path}`;
    if (memberNamed(body, "get_list_select_related") !== null)
      return { reason: `get_list_select_related() decides what ${where} joins: add ${pathsOf(lookups)} there.` };
    const own = memberNamed(body, "list_select_related");
    const wanted = lookups.map(({ path }) => path);
    const title = `Add ${wanted.map((path) => `"${path}"`).join(", ")} to list_select_related of ${where}`;
    if (own !== null && isListed(own)) {
      const written = operands(own.value).flatMap((item) => stringValue(item, file.text) ?? []);
      const missing = wanted.filter((path) => !written.some((other) => covers(other, path)));
      if (missing.length === 0)
        return { reason: `list_select_related of ${where} names it already: record the tests again.` };
      const edits = addElements(
        file,
        own.value,
        missing.map((path) => quoted(file, path)),
      );
      if (edits !== null) return classChange(place, target, title, edits, context);
    }
    if (own !== null && !isFalse(file, own))
      return {
        reason: `list_select_related of ${where} is no list of names: see that it follows ${pathsOf(lookups)}.`,
      };
    const columns = joinedColumns(file, body, model, roots, context);
    if (columns === null)
      return {
        reason: `The change list of ${where} joins relations by itself, which list_select_related would take the place of: name all that are used.`,
      };
    const names = [
      ...new Set([...columns.filter((column) => !wanted.some((path) => covers(path, column))), ...wanted]),
    ];
    const text = `list_select_related = ${sequence(file, body, names)}`;
    const edits = own === null ? added(file, body, text) : [{ range: own.range, newText: text }];
    return classChange(place, target, title, edits, context);
  },

  wish: (remedies) => `Load ${pathsOf(remedies.flatMap(({ lookups }) => lookups))} eagerly`,
};

function isListed(member: Member): member is Member & { readonly value: NonNullable<Member["value"]> } {
  return member.value?.type === "list" || member.value?.type === "tuple";
}

function isFalse(file: PythonFile, { value }: Member): boolean {
  return value !== null && file.text.slice(value.start, value.end) === "False";
}

/** Beside the class's other lists of the change list, which stand together by convention. */
function added(file: PythonFile, body: ClassBody, text: string): readonly Edit[] | null {
  const lists = body.members.filter(({ kind, name }) => kind === "attribute" && name.startsWith("list_"));
  return addAttribute(file, body, text, lists.at(-1) ?? null);
}

/** A list, or a tuple where the class's `list_display` is one. */
function sequence(file: PythonFile, body: ClassBody, names: readonly string[]): string {
  const items = names.map((name) => quoted(file, name)).join(", ");
  const isTuple = body.members.some(({ name, value }) => name.startsWith("list_") && value?.type === "tuple");
  return isTuple ? `(${items}${names.length === 1 ? "," : ""})` : `[${items}]`;
}
