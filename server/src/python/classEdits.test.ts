import { beforeAll, describe, expect, it } from "vitest";
import { applyEdits } from "../text/edits.ts";
import { type ClassBody, classAt, memberNamed } from "./classBody.ts";
import { addAttribute, addMethod } from "./classEdits.ts";
import { createPythonParser, type PythonParser } from "./parser.ts";
import type { PythonFile } from "./pythonFile.ts";

let parser: PythonParser;
beforeAll(async () => {
  parser = await createPythonParser();
});

function classIn(text: string, marker = "class "): { readonly file: PythonFile; readonly body: ClassBody } {
  const file = parser.parse(text);
  const start = file.lines.positionAt(text.indexOf(marker));
  const body = classAt(file, { start, end: start });
  if (body === null) throw new Error("There is no class.");
  return { file, body };
}

const method = ["def get_queryset(self):", "return super().get_queryset()"] as const;

function withMethod(text: string): string | null {
  const { file, body } = classIn(text);
  const edits = addMethod(file, body, method);
  return edits === null ? null : applyEdits(text, edits);
}

function withAttribute(text: string, behind?: string): string | null {
  const { file, body } = classIn(text);
  const edits = addAttribute(file, body, "queryset = None", behind === undefined ? null : memberNamed(body, behind));
  return edits === null ? null : applyEdits(text, edits);
}

describe("a class's body", () => {
  it("names what its statements bind", () => {
    const { body } = classIn(
      [
        "@register(Order)",
        "class OrderAdmin(Mixin, admin.ModelAdmin, metaclass=Meta):",
        '    """Orders."""',
        "    model: type = Order",
        "    note: str",
        "    first = second = None",
        "    a, b = 1, 2",
        "    if DEBUG:",
        "        extra = 0",
        "    class Media:",
        "        js = ()",
        "    # a comment",
        "    @display(description='x')",
        "    def email(self, order):",
        "        return order.email",
        "    ...",
        "",
      ].join("\n"),
    );
    expect(body.name).toBe("OrderAdmin");
    expect(body.bases).toEqual(["Mixin", "admin.ModelAdmin"]);
    expect(body.members.map(({ kind, name }) => `${kind} ${name}`.trim())).toEqual([
      "text",
      "attribute model",
      "attribute note",
      "attribute first",
      "other",
      "other",
      "class Media",
      "method email",
      "nothing",
    ]);
    expect(memberNamed(body, "email")?.range.start.line).toBe(12);
    expect(memberNamed(body, "extra")).toBeNull();
  });

  it("is none where the code is a function's, or a module's", () => {
    const file = parser.parse("class A:\n    def f(self):\n        x = 1\ny = 2\n");
    const at = (text: string) => {
      const start = file.lines.positionAt(file.text.indexOf(text));
      return classAt(file, { start, end: start });
    };
    expect(at("x = 1")).toBeNull();
    expect(at("y = 2")).toBeNull();
  });

  it("is the inner one of two", () => {
    expect(classIn("class A:\n    class B(C):\n        x = 1\n", "x = 1").body.bases).toEqual(["C"]);
  });
});

describe("a method that is added", () => {
  it.each<[string, string, string]>([
    [
      "stands behind the attributes, above the first method",
      "class A(B):\n    x = 1\n    y = 2\n\n    def f(self):\n        pass\n",
      "class A(B):\n    x = 1\n    y = 2\n\n    def get_queryset(self):\n        return super().get_queryset()\n\n    def f(self):\n        pass\n",
    ],
    [
      "stands above the method's decorators and comments",
      "class A(B):\n    x = 1\n\n    # what f does\n    @cached\n    def f(self):\n        pass\n",
      "class A(B):\n    x = 1\n\n    def get_queryset(self):\n        return super().get_queryset()\n\n    # what f does\n    @cached\n    def f(self):\n        pass\n",
    ],
    [
      "ends a class without methods",
      "class A(B):\n    x = 1  # one\n\n\nclass C:\n    pass\n",
      "class A(B):\n    x = 1  # one\n\n    def get_queryset(self):\n        return super().get_queryset()\n\n\nclass C:\n    pass\n",
    ],
    [
      "takes the place of pass",
      "class A(B):\n    pass\n",
      "class A(B):\n    def get_queryset(self):\n        return super().get_queryset()\n",
    ],
    [
      "takes the place of an ellipsis below a docstring",
      'class A(B):\n    """One."""\n    ...\n',
      'class A(B):\n    """One."""\n\n    def get_queryset(self):\n        return super().get_queryset()\n',
    ],
    [
      "stands below a docstring",
      'class A(B):\n    """One."""\n',
      'class A(B):\n    """One."""\n\n    def get_queryset(self):\n        return super().get_queryset()\n',
    ],
    [
      "ends a file that ends without a line end",
      "class A(B):\n    x = 1",
      "class A(B):\n    x = 1\n\n    def get_queryset(self):\n        return super().get_queryset()",
    ],
    [
      "is indented as the class is, with its line ends",
      "if x:\r\n\tclass A(B):\r\n\t\tx = 1\r\n",
      "if x:\r\n\tclass A(B):\r\n\t\tx = 1\r\n\r\n\t\tdef get_queryset(self):\r\n\t\t\treturn super().get_queryset()\r\n",
    ],
  ])("%s", (_name, before, after) => {
    expect(withMethod(before)).toBe(after);
    expect(parser.parse(after).hasErrors).toBe(false);
  });

  it("is none in a body that stands in the class's own line", () => {
    expect(withMethod("class A(B): pass\n")).toBeNull();
  });
});

describe("an attribute that is added", () => {
  it.each<[string, string, string, string?]>([
    [
      "ends the attributes before the methods",
      "class A(B):\n    x = 1  # one\n\n    def f(self):\n        pass\n\n    z = f\n",
      "class A(B):\n    x = 1  # one\n    queryset = None\n\n    def f(self):\n        pass\n\n    z = f\n",
    ],
    [
      "stands behind the one that is named, of several lines too",
      "class A(B):\n    x = [\n        1,\n    ]\n    y = 2\n",
      "class A(B):\n    x = [\n        1,\n    ]\n    queryset = None\n    y = 2\n",
      "x",
    ],
    [
      "stands below a docstring",
      'class A(B):\n    """One."""\n\n    def f(self):\n        pass\n',
      'class A(B):\n    """One."""\n\n    queryset = None\n\n    def f(self):\n        pass\n',
    ],
    ["takes the place of pass", "class A(B):\n    pass\n", "class A(B):\n    queryset = None\n"],
    [
      "stands above the methods of a class that has nothing else",
      "class A(B):\n    def f(self):\n        pass\n",
      "class A(B):\n    queryset = None\n\n    def f(self):\n        pass\n",
    ],
  ])("%s", (_name, before, after, behind) => {
    expect(withAttribute(before, behind)).toBe(after);
    expect(parser.parse(after).hasErrors).toBe(false);
  });

  it("is none in a body that stands in the class's own line", () => {
    expect(withAttribute("class A(B): x = 1\n")).toBeNull();
  });
});
