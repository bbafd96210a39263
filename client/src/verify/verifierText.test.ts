import { expect, test } from "vitest";
import type { VerificationResult } from "../../../server/src/protocol.ts";
import { isGood, messageOf } from "./verifierText.ts";

const result: VerificationResult = {
  verdict: "fell",
  headline: "GET /orders/: 101 -> 1 query, 4 tests passed.",
  details: [],
  output: [],
  run: "1",
};

test("the notification says the headline, and one thing more", () => {
  expect(messageOf(result)).toBe(result.headline);
  expect(messageOf({ ...result, details: ["GET /: 3 -> 2 queries"] })).toBe(`${result.headline} GET /: 3 -> 2 queries`);
  expect(messageOf({ ...result, details: ["a: 3 -> 2 queries", "b", "c"] })).toBe(
    `${result.headline} a: 3 -> 2 queries, and 2 more in the output.`,
  );
  const broken = {
    ...result,
    verdict: "broken",
    headline: "1 test broke: a.py::test_a.",
    output: ["E", "1 failed"],
  } as const;
  expect(messageOf(broken)).toBe("1 test broke: a.py::test_a. 1 failed");
});

test("only fewer queries with no test broken is good", () => {
  expect(isGood(result)).toBe(true);
  expect(isGood({ ...result, verdict: "held" })).toBe(true);
  for (const verdict of ["broken", "rose", "same", "incomparable", "not-run", "unknown"] as const) {
    expect(isGood({ ...result, verdict })).toBe(false);
  }
});
