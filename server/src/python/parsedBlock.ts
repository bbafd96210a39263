import { LineIndex } from "../text/columns.ts";
import { type CountAssertion, readCountAssertion } from "./countAssertions.ts";
import { type Definition, isDefinition, readDefinition } from "./definitions.ts";
import { isLoop, isReadWhole, type Loop, readLoop } from "./loops.ts";
import { Scopes } from "./scopes.ts";
import { isStatement, type Statement, StatementReader } from "./statements.ts";
import { preorder, type SyntaxNode } from "./syntax.ts";

/** What stands in a part of a text (see blocks.ts): all positions, offsets and ordinals count from the part's own beginning. */
export class ParsedBlock {
  readonly text: string;
  readonly root: SyntaxNode;
  readonly hasErrors: boolean;
  readonly statements: readonly Statement[];
  readonly definitions: readonly Definition[];
  readonly loops: readonly Loop[];
  readonly withs: readonly CountAssertion[];
  /** How many lines end in it. */
  readonly lineEnds: number;

  constructor(text: string, root: SyntaxNode, hasErrors: boolean) {
    const lines = new LineIndex(text);
    const scopes = new Scopes(text);
    const reader = new StatementReader(lines, scopes);
    const statements: Statement[] = [];
    const definitions: Definition[] = [];
    const loops: Loop[] = [];
    const withs: CountAssertion[] = [];
    for (const node of preorder(root)) {
      if (node.missing) continue;
      if (isStatement(node)) statements.push(reader.read(node));
      const statement = statements.at(-1);
      if (statement === undefined) continue;
      if (isDefinition(node)) definitions.push(readDefinition(statement, scopes, lines));
      if (isLoop(node) && isReadWhole(node)) loops.push(readLoop(node, statement, lines));
      const assertion = readCountAssertion(node, statement, lines);
      if (assertion !== null) withs.push(assertion);
    }
    this.text = text;
    this.root = root;
    this.hasErrors = hasErrors;
    this.statements = statements;
    this.definitions = definitions;
    this.loops = loops;
    this.withs = withs;
    this.lineEnds = lines.lineCount - 1;
  }
}
