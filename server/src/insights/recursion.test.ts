import { describe, expect, it } from "vitest";
import { type OpenRecording, Recording, relation } from "../fixes/testing.ts";
import { field, model } from "../trace/testing.ts";

const path = "people/services.py";
const code = `def chiefs():
    for person in Person.objects.all():
        while person.mentor:
            person = person.mentor
        print(person.mentor.mentor)
`;
const models = [
  model("people.Person", [field("id", { primaryKey: true }), relation("mentor", "foreign_key", "people.Person")]),
];

/** Six people whose mentors are asked for, a level deeper at each place. */
async function recorded(places: readonly string[], columns = true): Promise<OpenRecording> {
  const recording = new Recording({ [path]: code }, models, columns);
  const scope = recording.request("/people/");
  let on = scope.query({ model: "people.Person", built: [path, "Person.objects.all()"], rows: 6 });
  for (const place of places) {
    on = scope.load({
      on,
      kind: "foreign_key",
      attribute: "people.Person.mentor",
      target: "people.Person",
      at: [path, place],
      count: 6,
    });
  }
  return recording.open();
}

describe("a place that goes from each row to the next", () => {
  it("is told once, with advice: how deep it goes is up to the rows", async () => {
    const open = await recorded(["while person.mentor", "while person.mentor", "while person.mentor"]);
    const finding = open.finding();
    expect(finding.message).toBe(
      "Each of 6 persons loads its mentor: 6 extra queries in GET /people/. It goes on from each to the next mentor, as deep as the data is, which no lookup says: load all rows of the tree at once and link them in Python, or ask with a recursive query.",
    );
    expect(open.fix()).toMatchObject({ ok: false });
  });

  it("is none where each level is asked for at its own place", async () => {
    const open = await recorded(["person.mentor.mentor", "print(person.mentor.mentor)"]);
    expect(open.fixed(path)).toContain('Person.objects.all().select_related("mentor__mentor")');
  });

  it("is none where a line may ask for two in a row", async () => {
    const open = await recorded(["print(person.mentor.mentor)", "print(person.mentor.mentor)"], false);
    expect(open.fixed(path)).toContain('select_related("mentor__mentor")');
  });

  it("is none for one level", async () => {
    expect((await recorded(["while person.mentor"])).fixed(path)).toContain('select_related("mentor")');
  });
});
