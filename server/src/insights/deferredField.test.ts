import { describe, expect, it } from "vitest";
import { type Code, type LoadSpec, type OpenRecording, type QuerySpec, Recording, relation } from "../fixes/testing.ts";
import { field, model } from "../trace/testing.ts";

const column = (name: string) => field(name, { column: name });
const models = [
  model(
    "blog.Post",
    [
      field("id", { primaryKey: true, column: "id" }),
      ...["title", "summary", "body"].map(column),
      relation("author", "foreign_key", "blog.Author"),
      relation("comments", "reverse_foreign_key", "blog.Comment", { column: null }),
    ],
    { table: "blog_post" },
  ),
  model("blog.Author", [field("id", { primaryKey: true, column: "id" }), column("name"), column("bio")]),
  model("blog.Comment", [field("id", { primaryKey: true, column: "id" }), column("body")]),
];
const views = "blog/views.py";
const template = "templates/feed.xml";
const use: Code = [template, "{{ post.it }}"];

interface Spec {
  readonly built?: string;
  readonly query?: Partial<QuerySpec>;
  readonly load?: Partial<LoadSpec>;
  readonly files?: Readonly<Record<string, string>>;
}

/** Five posts of one queryset, each of which loads its summary. */
async function recorded(
  text: string,
  { built = "Post.objects.all()", query = {}, load = {}, files = {} }: Spec = {},
  more: (recording: Recording) => void = () => {},
): Promise<OpenRecording> {
  const recording = new Recording({ [views]: text, [template]: "{{ post.it }}", ...files }, models);
  const scope = recording.request("/feed/");
  const on = scope.query({ model: "blog.Post", built: [views, built], stack: [use], rows: 5, ...query });
  scope.load({ on, ...deferred, count: 5, ...load });
  more(recording);
  return recording.open();
}

const deferred = {
  kind: "deferred_field",
  attribute: "blog.Post.summary",
  target: "blog.Post",
  at: use,
  single: true,
} as const;

const feed = (queryset: string) => `def feed(request):\n    return show(${queryset})\n`;

describe("a column that is loaded for every row", () => {
  it.each([
    ["only", 'Post.objects.only("title")', 'Let only() name it too: only(…, "summary") in blog/views.py:2.'],
    ["defer", 'Post.objects.defer("summary")', 'Take "summary" out of defer() in blog/views.py:2.'],
  ])("is told at its queryset: %s()", async (_by, queryset, remedy) => {
    const open = await recorded(feed(queryset), { built: queryset });
    const finding = open.finding();
    expect([finding.rule, finding.severity, finding.remedy.kind]).toEqual(["deferred-field", "warning", "load-field"]);
    expect(finding.message).toBe(
      `Each of 5 posts loads its summary, which the queryset left out: 5 extra queries in GET /feed/. ${remedy}`,
    );
    expect([finding.at.path, finding.queryset?.path]).toEqual([template, views]);
  });

  it("is a suspicion where one row was seen", async () => {
    const open = await recorded(feed('Post.objects.only("title")'), {
      built: 'Post.objects.only("title")',
      query: { rows: 1 },
      load: { count: 1 },
    });
    expect([open.finding().severity, open.finding().message]).toEqual([
      "hint",
      'Each post loads its summary, which the queryset left out, with a query of its own (seen with one post in GET /feed/): one more for every post. Let only() name it too: only(…, "summary") in blog/views.py:2.',
    ]);
  });

  it("is told of rows that were joined, and of a key", async () => {
    const built = 'Post.objects.select_related("author").only("title", "author__name")';
    const load = { attribute: "blog.Author.bio", target: "blog.Author", path: "author" };
    const joined = (await recorded(feed(built), { built, load })).finding();
    expect(joined.message).toBe(
      'Each of 5 authors loads its bio, which the queryset left out: 5 extra queries in GET /feed/. Let only() name it too: only(…, "author__bio") in blog/views.py:2.',
    );
    const key = (
      await recorded(feed('Post.objects.only("title")'), {
        built: 'Post.objects.only("title")',
        load: { attribute: "blog.Post.author_id" },
      })
    ).finding();
    expect(key.message).toContain('only(…, "author") in');
  });

  it.each<[string, string, string | undefined]>([
    [
      "a variable",
      "def feed(request):\n    posts = Post.objects.all()\n    posts = posts.only('title')\n    return show(posts)\n",
      undefined,
    ],
    [
      "a function that is called",
      "def all_posts():\n    return Post.objects.all()\n\n\ndef feed(request):\n    return show(all_posts().only('title'))\n",
      "all_posts()",
    ],
  ])("is told where %s goes on to leave it out", async (_what, text, caller) => {
    const callers: readonly Code[] = caller === undefined ? [] : [[views, caller, 2]];
    const open = await recorded(text, { query: { callers } });
    expect(open.finding().remedy).toMatchObject({ kind: "load-field", by: "only" });
  });

  it.each([
    ["a manager's method", "Post.objects.light()"],
    ["a name for the columns", "Post.objects.defer(*COLUMNS)"],
    ["only() behind defer()", 'Post.objects.defer("body").only("title", "body")'],
    ["only() that names it", 'Post.objects.only("title", "summary")'],
    ["defer() that takes all back", 'Post.objects.defer("summary").defer(None)'],
  ])("is told in words where it is left out by %s", async (_what, queryset) => {
    const { message, remedy } = (
      await recorded(feed(queryset), { built: /^Post\.objects\.\w+\([^)]*\)/.exec(queryset)?.[0] ?? "" })
    ).finding();
    expect(remedy.kind).toBe("advice");
    expect(message).toContain("let the queryset of the posts in blog/views.py:2 load it.");
  });

  it("is told in words where a variable may hold another queryset by then", async () => {
    const text = `def feed(request):
    rows = Post.objects.all()
    show(rows)
    rows = Comment.objects.all()
    return show(rows.only("body"))
`;
    expect((await recorded(text)).finding().remedy.kind).toBe("advice");
  });

  it("is told in words where one of two branches leaves it out", async () => {
    const text = `def feed(request):
    posts = Post.objects.all()
    if request.GET:
        posts = posts.only("title")
    else:
        posts = posts.only("body")
    return show(posts)
`;
    expect((await recorded(text)).finding().remedy.kind).toBe("advice");
  });
});

describe("there is no finding", () => {
  const queryset = 'Post.objects.only("title")';
  const silent = async (spec: Spec, more: (recording: Recording) => void = () => {}) =>
    expect((await recorded(feed(queryset), { built: queryset, ...spec }, more)).findings()).toEqual([]);

  it("of a single row", () => silent({ query: { single: true, api: "get", rows: 1 }, load: { count: 1 } }));
  it("of few of many rows", () => silent({ query: { rows: 50 }, load: { count: 1 } }));
  it("of one row that lost it again and again", () =>
    silent({ query: { rows: 50 }, load: { count: 9, instances: 1 } }));
  it("of raw SQL, which names its columns itself", () => silent({ query: { kind: "raw" } }));
  it("of what was loaded, and then thrown away", () =>
    silent({ query: { sql: 'SELECT "blog_post"."id", "blog_post"."summary" FROM "blog_post"' } }));
  it("of what FETCH_PEERS loads for all", () => silent({ load: { kind: "prefetch", prefetch: "summary", count: 1 } }));
  it("of what a test itself asks", async () => {
    const tests = "blog/tests.py";
    const text = "def test_it():\n    for post in Post.objects.only('title'):\n        post.summary\n";
    const recording = new Recording({ [tests]: text }, models);
    const scope = recording.test("blog/tests.py::test_it");
    const on = scope.query({ model: "blog.Post", built: [tests, "Post.objects.only('title')"], rows: 5 });
    scope.load({ on, ...deferred, at: [tests, "post.summary"], count: 5 });
    expect((await recording.open()).findings()).toEqual([]);
  });
  it("of one row, where elsewhere many rows did without", () =>
    silent({ query: { rows: 1 }, load: { count: 1 } }, (recording) => {
      recording.request("/titles/").query({ model: "blog.Post", built: [views, queryset], stack: [use], rows: 20 });
    }));
  it("of a column that is written in between", async () => {
    const recording = new Recording({ [views]: feed(queryset), [template]: "{{ post.it }}" }, models);
    const scope = recording.request("/feed/");
    const on = scope.query({ model: "blog.Post", built: [views, queryset], stack: [use], rows: 5 });
    scope.write("blog.Post", use, "summary");
    scope.load({ on, ...deferred, count: 5 });
    expect((await recording.open()).findings()).toEqual([]);
  });
});

it("is told of a column beside which others are written", async () => {
  const queryset = 'Post.objects.only("title")';
  const recording = new Recording({ [views]: feed(queryset), [template]: "{{ post.it }}" }, models);
  const scope = recording.request("/feed/");
  const on = scope.query({ model: "blog.Post", built: [views, queryset], stack: [use], rows: 5 });
  scope.write("blog.Post", use, "views");
  scope.load({ on, ...deferred, count: 5 });
  expect((await recording.open()).finding().rule).toBe("deferred-field");
});

it("is stale once its queryset is edited", async () => {
  const queryset = 'Post.objects.only("title")';
  const recording = new Recording({ [views]: feed(queryset), [template]: "{{ post.it }}" }, models);
  const scope = recording.request("/feed/");
  const on = scope.query({ model: "blog.Post", built: [views, queryset], stack: [use], rows: 5 });
  scope.load({ on, ...deferred, count: 5 });
  const open = await recording.open({ [views]: feed('Post.objects.only("title", "summary")') });
  expect([open.finding().stale, open.fix().ok]).toEqual([true, false]);
});
