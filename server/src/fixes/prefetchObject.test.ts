import { describe, expect, it } from "vitest";
import { type LoadSpec, Recording } from "./testing.ts";
import { blogModels, type LoopSpec, recordedLoop, views } from "./testingBlog.ts";

const head = "from blog.models import Post\n\n\n";
const imports = "from django.db.models import Prefetch\n\nfrom blog.models import Comment, Post\n\n\n";

async function fixed(text: string, spec: LoopSpec): Promise<string> {
  return (await recordedLoop(text, spec)).fixed(views);
}

/** The calls of a prefetch on one line. */
function flat(text: string): string {
  return text
    .replace(/\(\n\s+/g, "(")
    .replace(/,?\n\s+\)/g, ")")
    .replace(/,\n\s+/g, ", ");
}

const loop = (queryset: string, body: string, before = head) => `${before}def digest(since):
    for post in ${queryset}:
        ${body}
`;
const prefetch = (queryset: string, name: string) =>
  `Post.objects.all().prefetch_related(Prefetch("comments", queryset=Comment.objects${queryset}, to_attr="${name}"))`;

describe("two in one file", () => {
  it("are one edit that imports once what both use", async () => {
    const text = `from django.db.models import F

from blog.models import Comment, Post


def approved():
    return [list(p.comments.filter(is_approved=True)) for p in Post.objects.all()]


def newest():
    return [list(p.comments.order_by("-written_at")) for p in Post.objects.order_by(F("title"))]
`;
    const recording = new Recording({ [views]: text }, blogModels);
    const scope = recording.request("/posts/");
    const asked = (queryset: string, use: string): void => {
      const on = scope.query({ model: "blog.Post", built: [views, queryset], rows: 6 });
      const load = { kind: "reverse_foreign_key", attribute: "blog.Post.comments", target: "blog.Comment" } as const;
      scope.load({ on, ...load, at: [views, use], built: [views, use], count: 6, refined: true });
    };
    asked("Post.objects.all()", "p.comments.filter(is_approved=True)");
    asked('Post.objects.order_by(F("title"))', 'p.comments.order_by("-written_at")');
    const changed = (await recording.open()).fixed(views);
    expect(changed).toMatch(/^from django\.db\.models import F, Prefetch\n\nfrom blog\.models import Comment, Post\n/);
    expect(changed).toContain("list(p.approved_comments)");
    expect(changed).toContain("list(p.ordered_comments)");
  });
});

describe("a loop within the loop", () => {
  it("is not given what the list in its place does not have", async () => {
    const text = `from blog.models import Comment, Post


def digest():
    for p in Post.objects.all():
        for c in p.comments.order_by("-written_at"):
            print(c.author.name)
`;
    const use = 'p.comments.order_by("-written_at")';
    const recording = new Recording({ [views]: text }, blogModels);
    const scope = recording.request("/posts/");
    const on = scope.query({ model: "blog.Post", built: [views, "Post.objects.all()"], rows: 6 });
    const comments = { kind: "reverse_foreign_key", attribute: "blog.Post.comments", target: "blog.Comment" } as const;
    const asked = scope.load({
      on,
      ...comments,
      at: [views, use],
      built: [views, use],
      count: 6,
      rows: 18,
      refined: true,
    });
    const author = { kind: "foreign_key", attribute: "blog.Comment.author", target: "auth.User" } as const;
    scope.load({ on: asked, ...author, at: [views, "c.author"], count: 18 });
    const open = await recording.open();
    const findings = open.findings();
    expect(findings.map(({ rule }) => rule).sort()).toEqual(["filtered-prefetch", "n-plus-one"]);
    for (const finding of findings) expect(open.fix([finding]).ok).toBe(true);
    expect(open.fixed(views)).toMatch(/^withheld: One of them changes what another takes away/);
  });
});

describe("related rows that are refined for each row", () => {
  it("are prefetched as they are wanted, into a list that the loop reads", async () => {
    const text = loop(
      "Post.objects.all()",
      'latest = post.comments.filter(is_approved=True).order_by("-written_at")[:3]\n        print(post, [c.body for c in latest])',
    );
    const use = 'post.comments.filter(is_approved=True).order_by("-written_at")';
    const open = await recordedLoop(text, { use, load: { at: [views, "[c.body for c in latest]"] } });
    const finding = open.finding();
    expect([finding.rule, finding.message]).toEqual([
      "filtered-prefetch",
      'Each of 6 posts queries its comments: 6 extra queries in GET /posts/. A plain prefetch would not serve this, as the rows are filtered, ordered or cut for each: use prefetch_related(Prefetch("comments", queryset=…, to_attr=…)) in blog/views.py:5 and read that attribute.',
    ]);
    expect(open.fix()).toMatchObject({ fix: { safety: "changes-behaviour" } });
    expect(open.fixed(views)).toBe(`${imports}def digest(since):
    for post in Post.objects.all().prefetch_related(
        Prefetch(
            "comments",
            queryset=Comment.objects.filter(is_approved=True).order_by("-written_at"),
            to_attr="approved_comments",
        )
    ):
        latest = post.approved_comments[:3]
        print(post, [c.body for c in latest])
`);
  });

  it.each<[string, string, string, string]>([
    // [use, in the loop, the prefetch's queryset, in the loop afterwards]
    [
      "post.comments.filter(is_approved=True)",
      "for c in post.comments.filter(is_approved=True): print(c)",
      ".filter(is_approved=True)|approved_comments",
      "for c in post.approved_comments: print(c)",
    ],
    [
      "post.comments.exclude(author=None)",
      "show(len(post.comments.exclude(author=None)))",
      ".exclude(author=None)|filtered_comments",
      "show(len(post.filtered_comments))",
    ],
    [
      'post.comments.order_by("body")',
      'print(*[c for c in post.comments.order_by("body").iterator()])',
      '.order_by("body")|ordered_comments',
      "print(*[c for c in post.ordered_comments])",
    ],
    [
      'post.comments.filter(body="x")',
      'x = list(post.comments.filter(body="x"))',
      '.filter(body="x")|x_comments',
      "x = list(post.x_comments)",
    ],
    [
      'post.comments.select_related("author").all()',
      'x = [c.author for c in post.comments.select_related("author").all()]',
      '.select_related("author")|selected_comments',
      "x = [c.author for c in post.selected_comments]",
    ],
    [
      'post.comments.order_by("-id")',
      'print(post.comments.order_by("-id")[0].body)',
      '.order_by("-id")|ordered_comments',
      "print(post.ordered_comments[0].body)",
    ],
    [
      'post.comments.order_by("-id").first()',
      'x = post.comments.order_by("-id").first()',
      '.order_by("-id")|ordered_comments',
      "x = next(iter(post.ordered_comments), None)",
    ],
    [
      "post.comments.filter(is_approved=True).first()",
      "x = post.comments.filter(is_approved=True).first()",
      '.filter(is_approved=True).order_by("pk")|approved_comments',
      "x = next(iter(post.approved_comments), None)",
    ],
    [
      'post.comments.order_by("id").values_list("body", flat=True)',
      'x = ", ".join(post.comments.order_by("id").values_list("body", flat=True))',
      '.order_by("id")|ordered_comments',
      'x = ", ".join([comment.body for comment in post.ordered_comments])',
    ],
    [
      'post.comments.order_by("id").values_list("id", "body")',
      'x = dict(list(post.comments.order_by("id").values_list("id", "body")))',
      '.order_by("id")|ordered_comments',
      "x = dict(list([(comment.id, comment.body) for comment in post.ordered_comments]))",
    ],
    [
      "post.comments.filter(written_at__gte=since)",
      "if post.comments.filter(written_at__gte=since): print(1)",
      ".filter(written_at__gte=since)|filtered_comments",
      "if post.filtered_comments: print(1)",
    ],
    [
      "post.comments.visible()",
      "for c in post.comments.visible(): print(c)",
      ".visible()|selected_comments",
      "for c in post.selected_comments: print(c)",
    ],
  ])("%s", async (use, body, prefetched, after) => {
    const [queryset = "", name = ""] = prefetched.split("|");
    const changed = await fixed(loop("Post.objects.all()", body), { use });
    expect(flat(changed)).toBe(loop(prefetch(queryset, name), after, imports));
  });

  it("go into the prefetch_related that is there, in its layout, beside its comments", async () => {
    const text = `from django.db.models import (
    Prefetch,
)

from blog.models import Comment, Post


def digest():
    posts = (
        Post.objects.all()
        .prefetch_related(
            "tags",  # for the badges
            Prefetch("like_set", queryset=x),
        )
        .order_by("title")
    )
    return [post.comments.filter(is_approved=True)[0] for post in posts]
`;
    const after = text
      .replace(
        "queryset=x),\n",
        `queryset=x),
            Prefetch(
                "comments",
                queryset=Comment.objects.filter(is_approved=True),
                to_attr="approved_comments",
            ),
`,
      )
      .replace("post.comments.filter(is_approved=True)", "post.approved_comments");
    expect(await fixed(text, { use: "post.comments.filter(is_approved=True)" })).toBe(after);
  });

  it("go on a line of their own in a chain of several lines", async () => {
    const text = `${head}def digest():
    return {
        post.pk: list(post.comments.filter(is_approved=True))
        for post in Post.objects.all()
        .order_by("title")  # as in the list
    }
`;
    const changed = await fixed(text, { use: "post.comments.filter(is_approved=True)" });
    expect(changed).toContain(`        .order_by("title")  # as in the list
        .prefetch_related(
            Prefetch(
                "comments",
                queryset=Comment.objects.filter(is_approved=True),
                to_attr="approved_comments",
            )
        )
`);
    expect(changed).toContain("post.pk: list(post.approved_comments)");
  });

  it.each([
    ["from django.db import models\nfrom blog import models as m\n\n", "models.Prefetch", "m.Comment"],
    ["from django.db.models import Prefetch as P\nfrom blog.models import Comment as C, Post\n\n", "P", "C"],
  ])("with what %j imports", async (before, written, model) => {
    const body = "print([c for c in post.comments.filter(is_approved=True)])";
    const changed = flat(
      await fixed(loop("Post.objects.all()", body, before), { use: "post.comments.filter(is_approved=True)" }),
    );
    expect(changed).toContain(
      `prefetch_related(${written}("comments", queryset=${model}.objects.filter(is_approved=True)`,
    );
    expect(changed.startsWith(before)).toBe(true);
  });

  const tags: Partial<LoadSpec> = { kind: "many_to_many", attribute: "blog.Post.tags", target: "blog.Tag" };
  const sortedTags = 'post.tags.order_by("name")';

  it("take the place of a plain prefetch that the refinement defeats, where nothing else can read it", async () => {
    const text = loop(
      'Post.objects.all().prefetch_related("tags")',
      `print(post.title, [t.name for t in ${sortedTags}])`,
    );
    expect(flat(await fixed(text, { use: sortedTags, load: tags }))).toContain(
      'Post.objects.all().prefetch_related(Prefetch("tags", queryset=Tag.objects.order_by("name"), to_attr="ordered_tags"))',
    );
  });

  it.each([
    `print(post.tags.all(), [t.name for t in ${sortedTags}])`,
    `show(post, [t.name for t in ${sortedTags}])`,
    `print(post.badge, [t.name for t in ${sortedTags}])`,
  ])("stay beside a plain prefetch that others may read: %s", async (body) => {
    const text = loop('Post.objects.all().prefetch_related("tags")', body);
    expect(flat(await fixed(text, { use: sortedTags, load: tags }))).toContain(
      'prefetch_related("tags", Prefetch("tags", queryset=',
    );
  });

  it("lower an asserted count by the loop's queries, and raise it by the prefetch", async () => {
    const tests =
      "class T(TestCase):\n    def test_posts(self):\n        with self.assertNumQueries(7):\n            digest()\n";
    const { Recording } = await import("./testing.ts");
    const text = loop("Post.objects.all()", "print([c for c in post.comments.filter(is_approved=True)])");
    const recording = new Recording({ [views]: text, "blog/tests.py": tests }, blogModels);
    const scope = recording.request("/", "blog/tests.py::T::test_posts", [["blog/tests.py", "digest()"]]);
    const on = scope.query({
      model: "blog.Post",
      built: [views, "Post.objects.all()"],
      rows: 6,
      sql: 'SELECT "blog_post"."id" FROM "blog_post"',
    });
    const at = [views, "post.comments.filter(is_approved=True)"] as const;
    scope.load({
      on,
      kind: "reverse_foreign_key",
      attribute: "blog.Post.comments",
      target: "blog.Comment",
      at,
      built: at,
      count: 6,
      refined: true,
    });
    expect((await recording.open()).fixed("blog/tests.py")).toContain("assertNumQueries(2)");
  });
});

describe("a queryset that a function hands to the loop", () => {
  const use = "post.comments.filter(is_approved=True)";
  const selectors = "from blog.models import Post\n\n\ndef published():\n    return Post.objects.all()\n";
  const text = `from blog.selectors import published


def digest():
    for post in published():
        print([c for c in post.comments.filter(is_approved=True)])
`;
  const files = { "blog/selectors.py": selectors };

  it("is changed in the function, and read in the loop", async () => {
    const open = await recordedLoop(text, { use, files, callers: [[views, "published()"]] });
    expect(flat(open.fixed("blog/selectors.py"))).toContain(prefetch(".filter(is_approved=True)", "approved_comments"));
    expect(open.fixed(views)).toBe(text.replace(use, "post.approved_comments"));
  });

  it.each<[string, string, Partial<LoopSpec>, string]>([
    [
      "the function may return others",
      text,
      { files: { "blog/selectors.py": `${selectors}    return cache.get("posts")\n` } },
      "does not surely run over",
    ],
    ["it was not the loop that called it", text, { callers: [] }, "does not surely run over"],
    [
      "the filter uses a name that the function does not know",
      text.replace("digest()", "digest(user)").replace("is_approved=True", "author=user"),
      { use: "post.comments.filter(author=user)" },
      "filter() uses user, which is not known where the queryset is written",
    ],
  ])("is left where %s", async (_why, changed, spec, reason) => {
    expect(await fixed(changed, { use, files, callers: [[views, "published()"]], ...spec })).toContain(reason);
  });
});

describe("is withheld", () => {
  const use = "post.comments.filter(is_approved=True)";
  const named = (name: string) =>
    blogModels.map((each) => (each.label === "blog.Comment" ? { ...each, ...JSON.parse(name) } : each));

  it.each<[string, string, Partial<LoopSpec>, string]>([
    ["it is handed on as a queryset", `show(${use})`, {}, "handed on as a queryset"],
    ["it is returned", `return ${use}`, {}, "handed on as a queryset"],
    ["it is put into a context", `rows.append({"comments": ${use}})`, {}, "handed on as a queryset"],
    ["its variable goes on as a queryset", `c = ${use}\n        c.update(body="")`, {}, "handed on as a queryset"],
    [
      "its variable is something else, too",
      `c = ${use}\n        c = c or x\n        print(len(c))`,
      {},
      "handed on as a queryset",
    ],
    [
      "values() are read",
      'x = list(post.comments.values("body"))',
      { use: 'post.comments.values("body")' },
      "What values() does",
    ],
    [
      "the last is asked for",
      'x = post.comments.order_by("id").last()',
      { use: 'post.comments.order_by("id").last()' },
      "What last() does",
    ],
    [
      "columns are left out",
      'x = list(post.comments.only("body"))',
      {
        use: 'post.comments.only("body")',
        load: { api: "iterate", at: ["blog/models.py", "def f"], built: [views, 'post.comments.only("body")'] },
        files: { "blog/models.py": "def f(): pass\n" },
      },
      "What only() does",
    ],
    [
      "related columns are read",
      'x = list(post.comments.order_by("id").values_list("author__name", flat=True))',
      { use: 'post.comments.order_by("id").values_list("author__name", flat=True)' },
      "more than the related rows' own columns",
    ],
    [
      "the manager's own order is not known",
      `x = ${use}.first()`,
      { use: `${use}.first()`, models: named('{"defaultManagerFilters":true}') },
      "Which row comes first is up to the manager's own order",
    ],
    [
      "the filter depends on the row",
      "x = list(post.comments.filter(author=post.author))",
      { use: "post.comments.filter(author=post.author)" },
      "asks each post for something else",
    ],
    [
      "the filter depends on what the loop collects",
      "x = list(post.comments.filter(pk__in=since))\n        since.append(1)",
      { use: "post.comments.filter(pk__in=since)" },
      "depends on since, which the loop changes",
    ],
    [
      "the filter gets its value behind the queryset",
      "x = list(post.comments.filter(author=me))\n        me = 1",
      { use: "post.comments.filter(author=me)" },
      "depends on me",
    ],
    [
      "the filter is computed anew",
      "x = list(post.comments.filter(author=me()))",
      { use: "post.comments.filter(author=me())" },
      "asks me() anew",
    ],
    [
      "a comment stands in it",
      "x = list(post.comments.filter(\n            is_approved=[1,  # yes\n            2]))",
      { use: "post.comments.filter(\n            is_approved=[1,  # yes\n            2])" },
      "A comment or a text of several lines",
    ],
    [
      "nothing is refined but a slice",
      "x = list(post.comments.all()[:3])",
      { use: "post.comments.all()" },
      'prefetch_related("comments") would serve this',
    ],
    [
      "the attribute's name is taken",
      `print([c for c in ${use}])`,
      { files: { "blog/models.py": "approved_comments = property(f)\n" } },
      "speaks of approved_comments already",
    ],
  ])("where %s", async (_why, body, spec, reason) => {
    const result = await fixed(loop("Post.objects.all()", body), { use, ...spec });
    expect(result).toMatch(/^withheld: /);
    expect(result).toContain(reason);
  });

  it.each<[string, string, string]>([
    ["union()", "Post.objects.all().union(x)", "union"],
    ["values()", 'Post.objects.all().values("id")', "values() gives no model instances"],
    [
      "iterator() without a chunk_size",
      "Post.objects.all().iterator()",
      "iterator() takes a prefetch only with a chunk_size",
    ],
    [
      "a Prefetch of the same rows",
      'Post.objects.all().prefetch_related(Prefetch("comments", queryset=x))',
      "A Prefetch object loads comments already",
    ],
  ])("behind %s", async (_what, queryset, reason) => {
    expect(await fixed(loop(queryset, `print([c for c in ${use}])`), { use })).toContain(reason);
  });

  it("where the rows of a many-to-many manager are filtered over its own join", async () => {
    const asked = "post.tags.filter(posts__title=since)";
    const load: Partial<LoadSpec> = { kind: "many_to_many", attribute: "blog.Post.tags", target: "blog.Tag" };
    const text = loop("Post.objects.all()", `print([t for t in ${asked}])`);
    expect(await fixed(text, { use: asked, load })).toContain("may look at the joins of tags themselves");
  });

  it("where the rows are asked for in a property", async () => {
    const text = `${head}x = Post.objects.all()\n\n\nclass Mixin:\n    @property\n    def latest(self):\n        return list(self.comments.filter(is_approved=True))\n`;
    expect(await fixed(text, { use: "self.comments.filter(is_approved=True)" })).toContain(
      "not asked of the variable of a loop there: other rows may pass through Mixin.latest",
    );
  });
});
