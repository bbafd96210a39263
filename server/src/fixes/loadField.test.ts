import { describe, expect, it } from "vitest";
import { applyEdits } from "../text/edits.ts";
import { field, model } from "../trace/testing.ts";
import { alternativesFor, fixFor } from "./fixFor.ts";
import { type Code, type OpenRecording, Recording, relation } from "./testing.ts";

const column = (name: string) => field(name, { column: name });
const models = [
  model(
    "blog.Post",
    [
      field("id", { primaryKey: true, column: "id" }),
      ...["title", "summary", "body"].map(column),
      relation("author", "foreign_key", "blog.Author"),
    ],
    { file: "blog/models.py" },
  ),
  model("blog.Page", [field("id", { primaryKey: true, column: "id" }), column("title")]),
  model("blog.Author", [field("id", { primaryKey: true, column: "id" }), column("name"), column("bio")]),
];
const views = "blog/views.py";
const template = "templates/feed.xml";
const use: Code = [template, "{{ post.it }}"];

/** Five posts of the queryset that is made by the first call in `text`; each loads these columns. */
async function recorded(
  text: string,
  attributes: readonly string[] = ["summary"],
  sql?: string,
  more: (recording: Recording, built: Code) => void = () => {},
  files: Readonly<Record<string, string>> = {},
): Promise<OpenRecording> {
  const recording = new Recording(
    { [views]: text, [template]: "{{ post.it }}", "blog/tests.py": tests(attributes.length), ...files },
    models,
  );
  const made = /Post\.objects\s*\.\w+\([^()]*\)/.exec(text)?.[0] ?? "";
  const scope = recording.request("/feed/", "blog/tests.py::test_it", [["blog/tests.py", 'client.get("/feed/")']]);
  const on = scope.query({ model: "blog.Post", built: [views, made], stack: [use], rows: 5, ...(sql && { sql }) });
  for (const attribute of attributes) {
    const [name = "", path = ""] = attribute.split("__").toReversed();
    const owner = path === "" ? "blog.Post" : "blog.Author";
    const kind = "deferred_field";
    scope.load({ on, kind, attribute: `${owner}.${name}`, target: owner, path, at: use, count: 5, single: true });
  }
  more(recording, [views, made]);
  return recording.open();
}

const tests = (columns: number) => `def test_it():
    with assertNumQueries(${1 + 5 * columns}):
        client.get("/feed/")
`;

const lines = (...text: readonly string[]) => `posts = (\n${text.map((line) => `    ${line}\n`).join("")})\n`;

describe("a column that is left out", () => {
  it.each<[string, string, string, (readonly string[])?]>([
    ["is named in only()", 'a = Post.objects.only("title")\n', 'a = Post.objects.only("title", "summary")\n'],
    [
      "is named in lines as they are there",
      "a = Post.objects.all().only(\n    'title',  # the heading\n)\n",
      "a = Post.objects.all().only(\n    'title',  # the heading\n    'summary',\n)\n",
    ],
    [
      "is named behind a name for the others",
      "a = Post.objects.only(*COLUMNS)\n",
      'a = Post.objects.only(*COLUMNS, "summary")\n',
    ],
    [
      "is named as a relation",
      'a = Post.objects.only("title")[:5]\n',
      'a = Post.objects.only("title", "author")[:5]\n',
      ["author_id"],
    ],
    [
      "is named behind a relation",
      'a = Post.objects.select_related("author").only("title", "author__name")\n',
      'a = Post.objects.select_related("author").only("title", "author__name", "author__bio")\n',
      ["author__bio"],
    ],
    [
      "is named with another",
      'a = Post.objects.only("title").order_by("pk")\n',
      'a = Post.objects.only("title", "summary", "body").order_by("pk")\n',
      ["summary", "body"],
    ],
    [
      "is named in the only() that counts",
      'a = Post.objects.only("title").only("body")\n',
      'a = Post.objects.only("title").only("body", "summary")\n',
    ],
    ["is taken out of defer()", 'a = Post.objects.defer("summary", "body")\n', 'a = Post.objects.defer("body")\n'],
    [
      "is taken out by its column's name",
      'a = Post.objects.defer("body", "author_id")\n',
      'a = Post.objects.defer("body")\n',
      ["author_id"],
    ],
    [
      "is taken out of each defer()",
      'a = Post.objects.defer("summary").defer("body", "summary")\n',
      'a = Post.objects.defer("body")\n',
    ],
    [
      "is taken out of a defer() behind only()",
      'a = Post.objects.only("title", "summary").defer("summary")\n',
      'a = Post.objects.only("title", "summary")\n',
    ],
    [
      "takes defer() along, where that is its last",
      'a = Post.objects.filter(x=1).defer("summary")[:5]\n',
      "a = Post.objects.filter(x=1)[:5]\n",
    ],
    [
      "leaves a queryset where two calls go",
      'a = Post.objects.defer("summary").defer("summary")\n',
      "a = Post.objects.all()\n",
    ],
    ["leaves a queryset, not a manager", 'a = Post.objects.defer("summary")\n', "a = Post.objects.all()\n"],
    [
      "leaves a queryset to a method that managers may lack",
      'a = Post.objects.defer("summary").light()\n',
      "a = Post.objects.all().light()\n",
    ],
    [
      "leaves a manager to its own methods",
      'a = Post.objects.defer("summary").get_queryset()\n',
      "a = Post.objects.get_queryset()\n",
    ],
    [
      "takes the line along",
      lines("Post.objects.filter(x=1)", '.defer("summary")  # long', ".order_by('pk')"),
      lines("Post.objects.filter(x=1)", ".order_by('pk')"),
    ],
    [
      "is named where a variable leaves it out",
      'def f():\n    a = Post.objects.filter(x=1)\n    return a.only("title")\n',
      'def f():\n    a = Post.objects.filter(x=1)\n    return a.only("title", "summary")\n',
    ],
  ])("%s", async (_what, before, after, attributes) => {
    const open = await recorded(before, attributes);
    expect(open.fix()).toMatchObject({ ok: true, fix: { safety: "safe" } });
    expect(open.fixed(views)).toBe(after);
  });

  it("says what it does, and lowers the count that a test asserts", async () => {
    const titles = await Promise.all(
      ['only("title")', 'defer("summary", "body")', 'filter(x=1).defer("summary")'].map(async (calls) => {
        const result = (await recorded(`a = Post.objects.${calls}\n`)).fix();
        return result.ok ? result.fix.title : null;
      }),
    );
    expect(titles).toEqual([
      'Add "summary" to only() in blog/views.py',
      'Take "summary" out of defer() in blog/views.py',
      'Remove defer("summary") in blog/views.py',
    ]);
    expect((await recorded('a = Post.objects.only("title")\n')).fixed("blog/tests.py")).toContain(
      "assertNumQueries(1)",
    );
  });
});

describe("it is withheld", () => {
  it("where the queryset ends up in a union", async () => {
    const open = await recorded(
      'a = Post.objects.only("title").union(b)\n',
      undefined,
      "SELECT a FROM b UNION SELECT c FROM d",
    );
    expect(open.fixed(views)).toContain("withheld: The queryset ends up in a union");
  });

  it("where the same expression gives rows that have no such column", async () => {
    const open = await recorded('a = Post.objects.only("title")\n', undefined, undefined, (recording, built) => {
      recording.request("/pages/").query({ model: "blog.Page", built, stack: [use], rows: 5 });
    });
    expect(open.fixed(views)).toContain("which have no summary");
  });

  it("where a comment would go with it", async () => {
    const text = 'a = Post.objects.defer("body",  # long\n                       "summary")\n';
    expect((await recorded(text)).fixed(views)).toContain("withheld: A comment stands among");
  });
});

it("is an edit of its own beside one that cannot be made", async () => {
  const text = 'posts = Post.objects.only("title")\n';
  const open = await recorded(text, ["author_id"], undefined, (recording, built) => {
    const scope = recording.request("/authors/");
    const on = scope.query({ model: "blog.Post", built, stack: [use], rows: 5 });
    scope.load({ on, kind: "foreign_key", attribute: "blog.Post.author", target: "blog.Author", at: use, count: 5 });
  });
  const results = open.findings().map((finding) => [finding.rule, fixFor([finding], open).ok]);
  expect(results).toEqual(
    expect.arrayContaining([
      ["deferred-field", true],
      ["n-plus-one", false],
    ]),
  );
});

describe("a column that a method behind the expression leaves out", () => {
  const written = (body: string) => `class PostQuerySet(QuerySet):
    def light(self):
        return ${body}


class Post(Model):
    objects = PostQuerySet.as_manager()
`;

  async function behind(body: string, text = "a = Post.objects.light()\n"): Promise<readonly [string, string]> {
    const source = written(body);
    const open = await recorded(text, undefined, undefined, () => {}, { "blog/models.py": source });
    const fixes = open.findings().flatMap((finding) => alternativesFor(finding, open));
    return [
      fixes.map(({ title }) => title).join("; "),
      applyEdits(
        source,
        fixes.flatMap(({ edits }) => edits.filter(({ file }) => file === "blog/models.py")),
      ),
    ];
  }

  it.each([
    ["only()", 'self.only("title")', 'self.only("title", "summary")', 'Add "summary" to only()'],
    ["defer()", 'self.filter(x=1).defer("summary")', "self.filter(x=1)", 'Remove defer("summary")'],
    ["the queryset's own defer()", 'self.defer("summary")', "self.all()", 'Remove defer("summary")'],
  ])("can be loaded there, for all that call it: %s", async (_by, before, after, title) => {
    expect(await behind(before)).toEqual([
      `${title} in PostQuerySet.light() for all that call it: blog/views.py:1`,
      written(after),
    ]);
  });

  it("is no choice where the method leaves nothing out, or cannot be told", async () => {
    expect((await behind("self.filter(x=1)"))[0]).toBe("");
    expect((await behind("self.defer(*LONG)"))[0]).toBe("");
    expect((await behind('self.defer("summary") if x else self'))[0]).toBe("");
    expect((await behind('self.defer("summary")', "a = Post.objects.light().defer(*LONG)\n"))[0]).toBe("");
  });
});
