import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { locateWasm } from "./parser.ts";
import { TreeSitter } from "./treeSitter.ts";

const bytes = (wasm: string | Uint8Array) => (typeof wasm === "string" ? readFileSync(wasm) : wasm);

// Where this fails, web-tree-sitter or the grammar is another than the one that treeMemory.ts knows: everything works on, at a third of the speed.
it("reads trees from the memory of the versions that are pinned, however many are loaded", async () => {
  const { core, python } = locateWasm();
  for (let count = 0; count < 2; count += 1) {
    const loaded = await TreeSitter.load(bytes(core), bytes(python));
    expect(loaded.isDirect).toBe(true);
    expect(loaded.parse("x = [y for y in z]\n").tree.size).toBe(14);
    expect(loaded.parse("x = [").hasErrors).toBe(true);
  }
});
