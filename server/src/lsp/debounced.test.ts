import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Debounced } from "./debounced.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function recorder(): { readonly done: string[]; readonly changes: Debounced<string> } {
  const done: string[] = [];
  return { done, changes: new Debounced<string>(300, (key) => done.push(key)) };
}

test("a stream of changes is shown at intervals, each key by itself", () => {
  const { done, changes } = recorder();
  for (let elapsed = 0; elapsed < 900; elapsed += 100) {
    changes.schedule("a");
    if (elapsed === 0) changes.schedule("b");
    vi.advanceTimersByTime(100);
  }
  expect(done).toEqual(["a", "b", "a", "a"]);
});

test("typing is waited for", () => {
  const { done, changes } = recorder();
  for (let elapsed = 0; elapsed < 900; elapsed += 100) {
    changes.postpone("a");
    vi.advanceTimersByTime(100);
  }
  expect(done).toEqual([]);
  vi.advanceTimersByTime(300);
  expect(done).toEqual(["a"]);
});

test("nothing is done after the end", () => {
  const { done, changes } = recorder();
  changes.schedule("a");
  changes.dispose();
  vi.advanceTimersByTime(1_000);
  expect(done).toEqual([]);
});
