import { describe, expect, it } from "vitest";
import type { LoadSpec } from "./testing.ts";
import { blogModels, type LoopSpec, recordedLoop, views } from "./testingBlog.ts";

const count: Partial<LoadSpec> = { api: "count" };
const head = "from blog.models import Post\n\n\n";

/** The view's file after the fix of all findings, with arguments on one line: how they are laid out is told in longCall.test.ts. */
async function fixed(text: string, spec: LoopSpec, ...more: readonly LoopSpec[]): Promise<string> {
  const changed = (await recordedLoop(text, spec, more)).fixed(views);
  return changed.replace(/(annotate|Exists)\(\n\s+/g, "$1(").replace(/\n\s+\)/g, ")");
}

const archive = (queryset: string, use: string, imports = head) =>
  `${imports}def archive(request):\n    return {p.title: ${use} for p in ${queryset}}\n`;
const django = "from django.db.models import Count\n\n";

describe("a count of related rows for each row", () => {
  it("is an annotation of the list, and read in the loop", async () => {
    const text = `from blog.models import Post


def archive(request):
    entries = []
    for post in Post.objects.all():
        entries.append((post, post.comments.count()))
    return entries
`;
    const open = await recordedLoop(text, { use: "post.comments.count()", load: count });
    const finding = open.finding();
    expect([finding.rule, finding.message]).toEqual([
      "aggregate-per-row",
      'Each of 6 posts counts its comments: 6 extra queries in GET /posts/. Count them with the list: annotate(comment_count=Count("comments")) in blog/views.py:6, and read comment_count.',
    ]);
    expect(open.fix()).toMatchObject({
      fix: {
        title: 'Add annotate(comment_count=Count("comments")) in blog/views.py and read it in blog/views.py:7',
        safety: "changes-behaviour",
      },
    });
    expect(open.fixed(views)).toBe(`from django.db.models import Count

from blog.models import Post


def archive(request):
    entries = []
    for post in Post.objects.all().annotate(comment_count=Count("comments")):
        entries.append((post, post.comment_count))
    return entries
`);
  });

  it.each<[string, string, string, string]>([
    // [queryset, use, queryset after, use after]
    [
      "Post.objects.all()",
      "p.comments.all().count()",
      'Post.objects.all().annotate(comment_count=Count("comments"))',
      "p.comment_count",
    ],
    [
      "Post.objects.filter(title='x')[:5]",
      "p.comments.count()",
      "Post.objects.filter(title='x').annotate(comment_count=Count('comments'))[:5]",
      "p.comment_count",
    ],
    [
      'list(Post.objects.all().select_related("topic"))',
      "p.comments.count() + 1",
      'list(Post.objects.all().select_related("topic").annotate(comment_count=Count("comments")))',
      "p.comment_count + 1",
    ],
  ])("in %s by %s", async (queryset, use, changed, read) => {
    const made = /Post\.objects\.\w+\([^()]*\)/.exec(queryset)?.[0] ?? "";
    const text = archive(queryset, use);
    const after = archive(changed, read, django + head);
    expect(await fixed(text, { queryset: made, use: use.replace(" + 1", ""), load: count })).toBe(after);
  });

  it("keeps the layout of a chain of several lines, with its comments", async () => {
    const text = `from django.db.models import (
    Prefetch,
    Q,
)

from .models import Post


def archive(request):
    posts = (
        Post.objects.filter(Q(title="a"))
        .select_related("topic")  # for the badge
        .order_by("title")
    )
    return [post.comments.count() for post in posts]
`;
    const open = await recordedLoop(text, {
      queryset: 'Post.objects.filter(Q(title="a"))',
      use: "post.comments.count()",
      load: count,
    });
    expect(open.fixed(views)).toBe(
      text
        .replace("    Prefetch,", "    Count,\n    Prefetch,")
        .replace('.order_by("title")', '.order_by("title")\n        .annotate(comment_count=Count("comments"))')
        .replace("post.comments.count()", "post.comment_count"),
    );
  });

  it.each([
    ["from django.db import models\n\n", "models.Count", ""],
    ["from django.db.models import Count as C\n\n", "C", ""],
    ["from django.db.models import Sum\n\n", "Count", "from django.db.models import Count, Sum\n\n"],
  ])("with what %j imports", async (imports, written, after) => {
    const text = archive("Post.objects.all()", "p.comments.count()", imports + head);
    expect(await fixed(text, { use: "p.comments.count()", load: count })).toBe(
      archive(
        `Post.objects.all().annotate(comment_count=${written}("comments"))`,
        "p.comment_count",
        (after || imports) + head,
      ),
    );
  });

  it("of a manager without a name of its own goes by the name that lookups take", async () => {
    const load = { ...count, attribute: "blog.Post.like_set", target: "blog.Like" };
    expect(await fixed(archive("Post.objects.all()", "p.like_set.count()"), { use: "p.like_set.count()", load })).toBe(
      archive('Post.objects.all().annotate(like_count=Count("like"))', "p.like_count", django + head),
    );
  });

  it("that is filtered has the filter within, where its names mean the same at the list", async () => {
    const use = "p.comments.filter(is_approved=True, author=request.user).count()";
    expect(await fixed(archive("Post.objects.all()", use), { use, load: count })).toBe(
      `from django.db.models import Count, Q

from blog.models import Post


def archive(request):
    return {p.title: p.filtered_comment_count for p in Post.objects.all().annotate(filtered_comment_count=Count(
            "comments",
            filter=Q(comments__is_approved=True, comments__author=request.user),))}
`,
    );
  });

  it("of two relations is distinct, as each join multiplies the other's rows", async () => {
    const text = archive("Post.objects.all()", "p.comments.count() + p.like_set.count()");
    const likes = { ...count, attribute: "blog.Post.like_set", target: "blog.Like" };
    const changed = await fixed(
      text,
      { use: "p.comments.count()", load: count },
      { use: "p.like_set.count()", load: likes },
    );
    expect(changed).toContain('comment_count=Count("comments", distinct=True)');
    expect(changed).toContain('like_count=Count("like", distinct=True)');
    expect(changed).toContain("{p.title: p.comment_count + p.like_count for");
  });

  it("in two places is one annotation", async () => {
    const text = `${head}def f():
    for p in Post.objects.all():
        print(p.comments.count())
        print(p.comments.all().count())
`;
    const changed = await fixed(
      text,
      { use: "p.comments.count()", load: count },
      { use: "p.comments.all().count()", load: count },
    );
    expect(changed.match(/annotate/g)).toHaveLength(1);
    expect(changed.match(/p\.comment_count/g)).toHaveLength(2);
  });

  it("is distinct where a join stands whose doubles the list leaves out", async () => {
    const sql =
      'SELECT DISTINCT "blog_post"."id" FROM "blog_post" INNER JOIN "blog_post_tags" ON ("blog_post"."id" = "blog_post_tags"."post_id")';
    expect(
      await fixed(archive("Post.objects.all()", "p.comments.count()"), { use: "p.comments.count()", load: count, sql }),
    ).toContain('Count("comments", distinct=True)');
  });

  it("stands beside joins that bring one row each", async () => {
    const sql =
      'SELECT "blog_post"."id" FROM "blog_post" LEFT OUTER JOIN "blog_topic" ON ("blog_post"."topic_id" = "blog_topic"."id")';
    expect(
      await fixed(archive("Post.objects.all()", "p.comments.count()"), { use: "p.comments.count()", load: count, sql }),
    ).toContain('Count("comments"))');
  });
});

describe("whether there are related rows", () => {
  const exists: Partial<LoadSpec> = { api: "exists" };

  it.each([
    ["p.comments.exists()", "has_comments", 'Comment.objects.filter(post=OuterRef("pk"))'],
    [
      "p.comments.filter(is_approved=True).exists()",
      "has_approved_comments",
      'Comment.objects.filter(post=OuterRef("pk"), is_approved=True)',
    ],
    [
      "p.comments.exclude(author=None).exists()",
      "has_filtered_comments",
      'Comment.objects.filter(post=OuterRef("pk")).exclude(author=None)',
    ],
  ])("%s is %s", async (use, name, query) => {
    const changed = await fixed(archive("Post.objects.all()", use), { use, load: exists });
    expect(changed).toBe(
      archive(
        `Post.objects.all().annotate(${name}=Exists(${query}))`,
        `p.${name}`,
        "from django.db.models import Exists, OuterRef\n\nfrom blog.models import Comment, Post\n\n\n",
      ),
    );
  });

  it("asks the default manager, whatever that leaves out", async () => {
    const models = blogModels.map((each) =>
      each.label === "blog.Comment" ? { ...each, defaultManager: "visible", defaultManagerFilters: true } : each,
    );
    const use = "p.comments.exists()";
    expect(await fixed(archive("Post.objects.all()", use), { use, load: exists, models })).toContain(
      'Exists(Comment.visible.filter(post=OuterRef("pk")))',
    );
  });
});

describe("a sum over related rows", () => {
  const likes: Partial<LoadSpec> = { api: "aggregate", attribute: "blog.Post.like_set", target: "blog.Like" };

  it.each([
    ['p.like_set.aggregate(total=Sum("weight"))["total"] or 0', "like_total", 'Sum("like__weight")', "or 0"],
    ['p.like_set.aggregate(Max("weight"))["weight__max"]', "like_weight_max", 'Max("like__weight")', ""],
    ['p.like_set.aggregate(n=models.Avg("weight", default=0))["n"]', "like_n", 'Avg("like__weight", default=0)', ""],
  ])("%s is %s", async (use, name, aggregate, behind) => {
    const imports = "from django.db import models\nfrom django.db.models import Max, Sum\n\n";
    const text = archive("Post.objects.all()", use, imports + head);
    const changed = await fixed(text, { use: use.slice(0, use.indexOf("[")), load: likes });
    expect(changed).toContain(`{p.title: p.${name} ${behind}`.trimEnd());
    expect(changed).toContain(`.annotate(${name}=${aggregate})`);
  });
});

it("is a plain prefetch where the rows themselves are loaded for the same list: on it, counting runs no query", async () => {
  const text = `${head}def f():
    for p in Post.objects.all():
        print(p.comments.count(), p.comments.all())
`;
  const open = await recordedLoop(text, { use: "p.comments.count()", load: count }, [
    { use: "p.comments.all()", load: { refined: false } },
  ]);
  expect(
    open
      .findings()
      .map(({ rule, remedy }) => [rule, remedy.kind])
      .sort(),
  ).toEqual([
    ["aggregate-per-row", "eager-load"],
    ["n-plus-one", "eager-load"],
  ]);
  expect(open.fixed(views)).toBe(text.replace("objects.all()", 'objects.all().prefetch_related("comments")'));
});

describe("what a method of the row's model counts of its own rows", () => {
  const asked = (use: string, api: string, more: readonly LoopSpec[] = []) => {
    const text = `${head}class Post:\n    def asked(self):\n        return ${use}\n\n\ndef page(request):\n    posts = Post.objects.all()\n`;
    return recordedLoop(text, { use, load: { api } }, more);
  };

  it.each([
    ["self.comments.count()", "count"],
    ["self.comments.all().exists()", "exists"],
  ])("%s is served by a plain prefetch: others call it too, and read no annotation", async (use, api) => {
    const open = await asked(use, api);
    expect(open.finding().message).toContain(
      `prefetch_related("comments") in ${views}:10; ${api}() then runs no query.`,
    );
    expect(open.fixed(views)).toContain('    posts = Post.objects.all().prefetch_related("comments")\n');
  });

  it.each([
    ["self.comments.filter(spam=False).count()", "count"],
    ["self.comments.all()[:3].count()", "count"],
    ['self.comments.aggregate(Max("pk"))', "aggregate"],
    ["self.author.comments.count()", "count"],
  ])("%s is not", async (use, api) => {
    expect((await asked(use, api)).fixed(views)).toMatch(/^withheld: /);
  });
});

describe("what a template asks each row of a loop", () => {
  const view = `from blog.models import Post


class PostList(ListView):
    queryset = Post.objects.all()
`;
  const page = `<ul>{% for post in posts %}
  <li>{{ post.comments.count }} comment{{ post.comments.count|pluralize }}</li>
  {% if post.comments.all.count > 3 %}lively{% endif %}
{% endfor %}</ul>{{ post.comments.count }}
`;
  const template = "templates/posts.html";

  async function shown(text: string, token: string, api = "count", views = 1) {
    const { Recording } = await import("./testing.ts");
    const recording = new Recording({ "blog/views.py": view, [template]: text }, blogModels);
    for (let index = 0; index < views; index++) {
      const scope = recording.request(`/posts/${index || ""}`);
      const on = scope.query({ model: "blog.Post", built: ["blog/views.py", "Post.objects.all()"], rows: 6 });
      const load = { kind: "reverse_foreign_key", attribute: "blog.Post.comments", target: "blog.Comment" } as const;
      scope.load({ on, ...load, at: [template, token], count: 6, refined: true, api });
    }
    return recording.open();
  }

  it("is read from the annotation, wherever the loop asks it", async () => {
    const open = await shown(page, "post.comments.count");
    expect(open.fixed("blog/views.py")).toContain('Post.objects.all().annotate(comment_count=Count("comments"))');
    expect(open.fixed(template)).toBe(`<ul>{% for post in posts %}
  <li>{{ post.comment_count }} comment{{ post.comment_count|pluralize }}</li>
  {% if post.comment_count > 3 %}lively{% endif %}
{% endfor %}</ul>{{ post.comments.count }}
`);
  });

  it("may be whether there are any", async () => {
    const text = "{% for post in posts %}{% if post.comments.exists %}!{% endif %}{% endfor %}";
    expect((await shown(text, "if post.comments.exists", "exists")).fixed(template)).toBe(
      "{% for post in posts %}{% if post.has_comments %}!{% endif %}{% endfor %}",
    );
  });

  it.each([
    ["{{ post.comments.count }}", 1, "not asked of the variable of a loop in the same template"],
    [page, 2, "is used by several views"],
  ])("stays in %j of %i views", async (text, views, reason) => {
    expect((await shown(text, "post.comments.count", "count", views)).fixed(template)).toContain(reason);
  });
});

describe("is withheld", () => {
  const text = archive("Post.objects.all()", "p.comments.count()");
  const withheld = async (changed: string, spec: Partial<LoopSpec>, reason: string) => {
    const result = await fixed(changed, { use: "p.comments.count()", load: count, ...spec });
    expect(result).toMatch(/^withheld: /);
    expect(result).toContain(reason);
  };
  const of = (queryset: string, use: string) => archive(queryset, use);

  it.each<[string, string, Partial<LoopSpec>, string]>([
    [
      "a property may be asked of any row",
      `${head}class Post:\n    def f(self):\n        return self.comments.filter(spam=False).count()\n    g = Post.objects.all()\n`,
      { use: "self.comments.filter(spam=False).count()" },
      "not asked of the variable of a loop",
    ],
    [
      "the rows are a parameter",
      `${head}def f(posts):\n    return [p.comments.count() for p in posts]\ng = Post.objects.all()\n`,
      {},
      "does not surely run over the queryset",
    ],
    [
      "the rows may be others",
      `${head}def f(a):\n    posts = Post.objects.all()\n    if a:\n        posts = a\n    return [p.comments.count() for p in posts]\n`,
      {},
      "does not surely run over",
    ],
    ["a field has the name", text, { models: withField("comment_count") }, "Post has a field comment_count already"],
    [
      "a property has the name",
      text,
      { files: { "blog/models.py": "class Post(Model):\n    @property\n    def comment_count(self): ...\n" } },
      "blog/models.py speaks of comment_count already",
    ],
    [
      "the queryset gives it already",
      of("Post.objects.annotate(comment_count=x)", "p.comments.count()"),
      { queryset: "Post.objects.annotate(comment_count=x)" },
      "gives its rows comment_count already",
    ],
    [
      "the list is filtered by these very rows, whose join the count would take",
      text,
      {
        sql: 'SELECT DISTINCT "blog_post"."id" FROM "blog_post" INNER JOIN "blog_comment" ON ("blog_post"."id" = "blog_comment"."post_id") WHERE "blog_comment"."is_approved"',
      },
      "joins these rows already",
    ],
    [
      "the same queryset is grouped in another way",
      `${head}def f():\n    posts = Post.objects.all()\n    a = posts.values_list("topic").annotate(n=Sum("size"))\n    return a, [p.comments.count() for p in posts]\n`,
      {},
      "posts.values_list() there would see the annotation",
    ],
    [
      "it goes into a union",
      `${head}def f(others):\n    posts = Post.objects.all()\n    return others.union(posts), [p.comments.count() for p in posts]\n`,
      {},
      "posts goes into union() too",
    ],
    ["the related model's manager filters", text, { models: filtering }, "default manager may leave rows out"],
    [
      "the filter depends on the row",
      of("Post.objects.all()", "p.comments.filter(author=p.author).count()"),
      { use: "p.comments.filter(author=p.author).count()" },
      "asks each p for something else",
    ],
    [
      "the filter depends on the loop",
      `${head}def f():\n    for p in Post.objects.all():\n        kind = g()\n        p.comments.filter(author=kind).count()\n`,
      { use: "p.comments.filter(author=kind).count()" },
      "depends on kind, which the loop changes",
    ],
    [
      "the filter asks anew",
      of("Post.objects.all()", "p.comments.filter(author=current()).count()"),
      { use: "p.comments.filter(author=current()).count()" },
      "asks current() anew for each row",
    ],
    [
      "the filter goes on to further rows",
      of("Post.objects.all()", "p.comments.filter(replies__id=1).count()"),
      { use: "p.comments.filter(replies__id=1).count()" },
      "goes on from replies__id to further rows",
    ],
    [
      "the filter is no lookup",
      of("Post.objects.all()", "p.comments.filter(Q(is_approved=True)).count()"),
      { use: "p.comments.filter(Q(is_approved=True)).count()" },
      "without a keyword",
    ],
    [
      "rows are left out by exclude()",
      of("Post.objects.all()", "p.comments.exclude(author=None).count()"),
      { use: "p.comments.exclude(author=None).count()" },
      "exclude() has no form within an aggregate",
    ],
    [
      "rows come several times by a join",
      text,
      {
        sql: 'SELECT "blog_post"."id" FROM "blog_post" INNER JOIN "blog_comment" ON ("blog_post"."id" = "blog_comment"."post_id")',
      },
      "brings the rows several times",
    ],
    [
      "others are counted already",
      text,
      {
        sql: 'SELECT "blog_post"."id", COUNT(T3."id") FROM "blog_post" LEFT OUTER JOIN "blog_like" T3 ON ("blog_post"."id" = T3."post_id") GROUP BY "blog_post"."id"',
      },
      "counts or adds up something else already",
    ],
    [
      "the rows are locked",
      of("Post.objects.select_for_update()", "p.comments.count()"),
      { queryset: "Post.objects.select_for_update()" },
      "takes no grouping",
    ],
    [
      "the rows are distinct on columns",
      of('Post.objects.distinct("title")', "p.comments.count()"),
      { queryset: 'Post.objects.distinct("title")' },
      "distinct() on certain columns",
    ],
    ["a union stands", of("Post.objects.all().union(x)", "p.comments.count()"), {}, "union"],
    ["the name Count is taken", `class Count: pass\n${text}`, {}, "Count means something else"],
    [
      "the models' module would import in a circle",
      `${head}class Posts:\n    def f(self):\n        return [p.comments.exists() for p in Post.objects.all()]\n`.replace(
        "blog.models import Post",
        "x import Post",
      ),
      {
        use: "p.comments.exists()",
        load: { api: "exists" },
        files: { "blog/models.py": "from .views import Posts\n" },
      },
      "imports blog/views.py, which cannot import it in turn",
    ],
    [
      "aggregate() asks for several values",
      of("Post.objects.all()", 'p.comments.aggregate(a=Max("id"), b=Min("id"))["a"]'),
      { use: 'p.comments.aggregate(a=Max("id"), b=Min("id"))', load: { api: "aggregate" } },
      "more than one value",
    ],
  ])("where %s", (_why, changed, spec, reason) => withheld(changed, spec, reason));
});

const filtering = blogModels.map((each) =>
  each.label === "blog.Comment" ? { ...each, defaultManagerFilters: true } : each,
);

function withField(name: string) {
  return blogModels.map((each) => {
    const [first] = each.fields;
    return each.label === "blog.Post" && first !== undefined
      ? { ...each, fields: [...each.fields, { ...first, name, attname: name, accessor: name, primaryKey: false }] }
      : each;
  });
}
