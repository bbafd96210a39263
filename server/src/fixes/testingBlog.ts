import type { Model } from "../trace/model.ts";
import { field, model } from "../trace/testing.ts";
import { type Code, type LoadSpec, type OpenRecording, Recording, relation } from "./testing.ts";

/** Posts with comments by authors, tags, and a topic; the models of tests about related rows that are asked for one by one. */
export const blogModels: readonly Model[] = [
  model("blog.Post", [
    field("id", { primaryKey: true, column: "id" }),
    field("title"),
    relation("topic", "foreign_key", "blog.Topic"),
    relation("comments", "reverse_foreign_key", "blog.Comment", { name: "comments", remote: "post", column: null }),
    relation("like_set", "reverse_foreign_key", "blog.Like", { name: "like", remote: "post", column: null }),
    relation("tags", "many_to_many", "blog.Tag", { remote: "posts", column: "tags" }),
  ]),
  model("blog.Comment", [
    field("id", { primaryKey: true }),
    field("body"),
    field("is_approved", { type: "BooleanField" }),
    field("written_at", { type: "DateTimeField" }),
    relation("post", "foreign_key", "blog.Post", { remote: "comments", toField: "id" }),
    relation("author", "foreign_key", "auth.User", { toField: "id" }),
    relation("replies", "reverse_foreign_key", "blog.Reply", { column: null }),
  ]),
  model("blog.Like", [
    field("id", { primaryKey: true }),
    field("weight"),
    relation("post", "foreign_key", "blog.Post", { remote: "like", toField: "id" }),
  ]),
  model("blog.Tag", [
    field("id", { primaryKey: true }),
    field("name"),
    relation("posts", "reverse_many_to_many", "blog.Post", { remote: "tags", column: null }),
  ]),
  model("blog.Topic", [field("id", { primaryKey: true })]),
  model("auth.User", [field("id", { primaryKey: true }), field("name")], {
    module: "django.contrib.auth.models",
    file: null,
  }),
  model("blog.Reply"),
];

export const views = "blog/views.py";

/** What of one loop a test says. */
export interface LoopSpec {
  /** Where posts are loaded; the whole text must hold it once. */
  readonly queryset?: string;
  /** Its SQL, where that matters. */
  readonly sql?: string;
  /** What is asked of each post, as it is written. */
  readonly use: string;
  readonly load?: Partial<LoadSpec>;
  readonly files?: Readonly<Record<string, string>>;
  readonly models?: readonly Model[];
  /** User frames further out when the queryset was made, outermost first. */
  readonly callers?: readonly Code[];
}

/** Six posts that are each asked for related rows, in one request. */
export async function recordedLoop(
  text: string,
  spec: LoopSpec,
  more: readonly Omit<LoopSpec, "files">[] = [],
): Promise<OpenRecording> {
  const { queryset = "Post.objects.all()", sql, files = {}, models = blogModels, callers = [] } = spec;
  const recording = new Recording({ [views]: text, ...files }, models);
  const scope = recording.request("/posts/");
  const on = scope.query({
    model: "blog.Post",
    built: querysetCode(queryset, files),
    callers,
    rows: 6,
    sql: sql ?? 'SELECT "blog_post"."id", "blog_post"."title" FROM "blog_post"',
  });
  for (const { use, load = {} } of [spec, ...more]) {
    const at: Code = [views, use];
    scope.load({
      on,
      kind: "reverse_foreign_key",
      attribute: "blog.Post.comments",
      target: "blog.Comment",
      at,
      built: at,
      count: 6,
      refined: true,
      ...load,
    });
  }
  return recording.open();
}

function querysetCode(queryset: string, files: Readonly<Record<string, string>>): Code {
  const other = Object.entries(files).find(([, text]) => text.includes(queryset));
  return [other?.[0] ?? views, queryset];
}
