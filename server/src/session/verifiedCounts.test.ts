import { expect, test } from "vitest";
import { VerifiedCounts } from "./verifiedCounts.ts";

test("tells what was measured while the file reads as it did, and adds up fixes", () => {
  let text: string | null = "for order in orders: ...\n";
  const counts = new VerifiedCounts({ read: () => text });
  counts.remember("a.py", new Map([["0:0", { before: 101, after: 1 }]]));
  expect(counts.of("a.py").get("0:0")).toEqual({ before: 101, after: 1 });
  counts.remember("a.py", new Map([["3:0", { before: 5, after: 2 }]]));
  expect([...counts.of("a.py").keys()]).toEqual(["0:0", "3:0"]);

  text = "for order in all_orders: ...\n";
  expect(counts.of("a.py").size).toBe(0);
  text = null;
  expect(counts.of("a.py").size).toBe(0);
  counts.remember("b.py", new Map([["0:0", { before: 2, after: 1 }]]));
  expect(counts.of("b.py").size).toBe(0);
});
