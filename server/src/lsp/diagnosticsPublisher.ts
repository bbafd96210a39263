import type { Connection, Diagnostic } from "vscode-languageserver";
import { diagnostics, type Diagnostic as FeatureDiagnostic, type Severities } from "../features/diagnostics.ts";
import { staticDiagnostics } from "../features/staticDiagnostics.ts";
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

  async publish(
    session: Session,
    severities: Severities,
    abilities: ClientAbilities,
    addresses: Addresses,
  ): Promise<void> {
    const lists = [
      ...together(diagnostics(session.project, severities), staticDiagnostics(session.project, severities)),
    ].map(([path, found]) => ({
      uri: addresses.uriOf(path),
      version: addresses.versionOf(path),
      list: found.map((diagnostic) => toDiagnostic(diagnostic, abilities, addresses)),
    }));
    const gone = this.#goneFrom(session, new Set(lists.map(({ uri }) => uri)));
    await Promise.all([...lists, ...gone].map((published) => this.#send(published)));
  }

  /** For the off switch, and for a session that ends. */
  async withdraw(session: Session): Promise<void> {
    const gone = this.#goneFrom(session, new Set());
    this.#published.delete(session);
    await Promise.all(gone.map((published) => this.#send(published)));
  }

  /** Empty lists for the files that had some before. */
  #goneFrom(session: Session, now: ReadonlySet<string>): readonly Published[] {
    const before = this.#published.get(session) ?? new Set();
    this.#published.set(session, now);
    return [...before].filter((uri) => !now.has(uri)).map((uri) => ({ uri, version: null, list: [] }));
  }

  #send({ uri, version, list }: Published): Promise<void> {
    return this.#connection.sendDiagnostics({ uri, diagnostics: [...list], ...(version === null ? {} : { version }) });
  }
}

function together(
  ...maps: readonly ReadonlyMap<string, readonly FeatureDiagnostic[]>[]
): ReadonlyMap<string, readonly FeatureDiagnostic[]> {
  const all = new Map<string, readonly FeatureDiagnostic[]>();
  for (const map of maps) for (const [path, found] of map) all.set(path, [...(all.get(path) ?? []), ...found]);
  return all;
}

interface Published {
  readonly uri: string;
  readonly version: number | null;
  readonly list: readonly Diagnostic[];
}
