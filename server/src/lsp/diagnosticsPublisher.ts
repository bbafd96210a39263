import type { Connection } from "vscode-languageserver";
import { diagnostics } from "../features/diagnostics.ts";
import type { Session } from "../session/session.ts";
import type { ClientAbilities } from "./clientAbilities.ts";
import { type Addresses, toDiagnostic } from "./convert.ts";

/** Keeps the client's list of problems equal to the projects' findings, files that are not open included. */
export class DiagnosticsPublisher {
  readonly #connection: Connection;
  readonly #published = new Map<Session, ReadonlySet<string>>();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  publish(session: Session, abilities: ClientAbilities, addresses: Addresses): void {
    const found = diagnostics(session.project);
    const now = new Set<string>();
    for (const [path, list] of found) {
      const uri = addresses.uriOf(path);
      now.add(uri);
      this.#send(
        uri,
        addresses.versionOf(path),
        list.map((diagnostic) => toDiagnostic(diagnostic, abilities, addresses)),
      );
    }
    this.#clear(session, now);
    this.#published.set(session, now);
  }

  /** For the off switch. */
  withdraw(session: Session): void {
    this.#clear(session, new Set());
    this.#published.delete(session);
  }

  #clear(session: Session, kept: ReadonlySet<string>): void {
    for (const uri of this.#published.get(session) ?? []) {
      if (!kept.has(uri)) this.#send(uri, null, []);
    }
  }

  #send(uri: string, version: number | null, list: ReturnType<typeof toDiagnostic>[]): void {
    void this.#connection.sendDiagnostics({ uri, diagnostics: list, ...(version === null ? {} : { version }) });
  }
}
