import { describe, expect, it } from "vitest";
import { field, model } from "../trace/testing.ts";
import { type Code, type OpenRecording, Recording } from "./testing.ts";
import { blogModels, views } from "./testingBlog.ts";

const imports = "from django.views.generic import ListView\n\nfrom blog.models import Post\n\n\n";
const page = "{% for post in posts %}<li>{{ post.comments.count }}</li>{% endfor %}";
const html = "templates/posts.html";

interface Shown {
  /** The class's lines. */
  readonly code?: string;
  readonly text?: string;
  readonly asked?: string;
  readonly api?: string;
  readonly views?: readonly string[];
  readonly sql?: string;
  readonly commentsFilter?: boolean;
  /** More fields of a post. */
  readonly fields?: readonly string[];
}

/** Six posts of the queryset that Django makes for a view, each asked for its comments in a template. */
async function shown(spec: Shown = {}): Promise<OpenRecording> {
  const { code = "class Posts(ListView):\n    model = Post\n", text = page, asked = "post.comments.count" } = spec;
  const { api = "count", views: shownBy = ["blog.views.Posts"], sql, commentsFilter = false, fields = [] } = spec;
  const models = blogModels.map((each) => {
    if (each.label === "blog.Post")
      return model("blog.Post", [...each.fields, ...fields.map((name) => field(name))], { defaultManager: "objects" });
    const filters = each.label === "blog.Comment" && commentsFilter;
    return filters ? { ...each, defaultManagerFilters: true } : each;
  });
  const recording = new Recording({ [views]: imports + code, [html]: text }, models);
  for (const view of shownBy) {
    const scope = recording.request(`/${view}/`, null, [], view);
    const site = { kind: "view", qualname: "Posts", token: "blog.Post" } as const;
    const built: Code = [views, "model = Post", 1, site];
    const on = scope.query({
      model: "blog.Post",
      built,
      stack: [[html, asked]],
      rows: 6,
      tables: ["blog_post"],
      ...(sql === undefined ? {} : { sql }),
    });
    const load = { kind: "reverse_foreign_key", attribute: "blog.Post.comments", target: "blog.Comment" } as const;
    scope.load({ on, ...load, at: [html, asked], count: 6, refined: true, api });
  }
  return recording.open();
}

async function view(spec: Shown): Promise<string> {
  return (await shown(spec)).fixed(views);
}

describe("related rows that a template counts for each row of a view that names its model", () => {
  it("are counted in a queryset that takes the model's place", async () => {
    const open = await shown();
    expect(open.finding()).toMatchObject({
      rule: "aggregate-per-row",
      message:
        'Each of 6 posts counts its comments: 6 extra queries in GET /blog.views.Posts/. Count them with the list: give Posts a queryset with annotate(comment_count=Count("comments")) (blog/views.py:7), and read comment_count.',
    });
    expect(open.fix()).toMatchObject({
      fix: {
        title:
          'Add annotate(comment_count=Count("comments")) to Posts in blog/views.py and read it in templates/posts.html:1',
        safety: "changes-behaviour",
      },
    });
    expect(open.fixed(views)).toBe(
      `from django.db.models import Count\n${imports}class Posts(ListView):\n    queryset = Post.objects.annotate(comment_count=Count("comments"))\n`,
    );
    expect(open.fixed(html)).toBe("{% for post in posts %}<li>{{ post.comment_count }}</li>{% endfor %}");
  });

  it("go beside the model, where something else reads it", async () => {
    const code =
      "class Posts(ListView):\n    model = Post\n\n    def name(self):\n        return self.model.__name__\n";
    expect(await view({ code })).toContain(
      '    model = Post\n    queryset = Post.objects.annotate(comment_count=Count("comments"))\n\n    def name',
    );
  });

  it("may be whether there are any", async () => {
    const open = await shown({
      text: "{% for post in posts %}{% if post.comments.exists %}!{% endif %}{% endfor %}",
      asked: "if post.comments.exists",
      api: "exists",
    });
    expect(open.fixed(views)).toMatch(/queryset = Post\.objects\.annotate\(\s*has_comments=Exists\(/);
    expect(open.fixed(html)).toBe("{% for post in posts %}{% if post.has_comments %}!{% endif %}{% endfor %}");
  });
});

describe("it is left to the reader", () => {
  it.each<[string, Shown, string]>([
    ["of a template that two views show", { views: ["blog.views.Posts", "blog.views.Other"] }, "used by several views"],
    ["where the manager leaves rows out", { commentsFilter: true }, "default manager may leave rows out"],
    [
      "where the list is grouped already",
      { sql: 'SELECT COUNT("blog_like"."id") FROM "blog_post" LEFT JOIN "blog_like" GROUP BY "blog_post"."id"' },
      "counts or adds up something else already",
    ],
    [
      "where the view has a queryset by now",
      { code: "class Posts(ListView):\n    model = Post\n    queryset = None\n" },
      "has its queryset by now",
    ],
    ["where the rows have such a field", { fields: ["comment_count"] }, "has a field comment_count already"],
    ["outside a loop of the template", { text: "{{ post.comments.count }}" }, "not asked of the variable of a loop"],
    ["in a class of one line", { code: "class Posts(Listed): model = Post\n" }, "stands in one line"],
  ])("%s", async (_, spec, reason) => {
    const text = await view(spec);
    expect(text).toMatch(/^withheld: /);
    expect(text).toContain(reason);
  });
});
