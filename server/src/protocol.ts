/**
 * What client and server say to each other beyond the Language Server Protocol. Types and names only: the client imports nothing else
 * of the server. Lines and characters are LSP's (from 0, UTF-16); times are ns unless named `…Ms` or `…At`.
 */
import type { Range } from "./text/range.ts";

/** In `initializationOptions`. A client that leaves them out gets lenses and hovers without commands. */
export interface ClientOptions {
  /** The client registered the commands below. */
  readonly commands?: boolean;
}

/** Commands that the client registers; their only argument is given beside each. */
export const commandNames = {
  /** `ShowArgument` */
  show: "querysight.show",
  /** `FindingsArgument` */
  applyAndVerify: "querysight.applyAndVerify",
  /** `FindingsArgument` */
  rerunTests: "querysight.rerunTests",
} as const;

/** Findings of one project. */
export interface FindingsArgument {
  /** Of the project's folder. */
  readonly project: string;
  readonly findingIds: readonly string[];
  /** Of several fixes the one with this title; left out: the best. */
  readonly title?: string;
}

/** What a lens opens: the finding or the scopes behind it, as places to go to. */
export interface ShowArgument {
  readonly title: string;
  readonly places: readonly Location[];
  /** What speaks of these queries; null where nothing does. */
  readonly findings: FindingsArgument | null;
}

export interface Location {
  readonly uri: string;
  readonly range: Range;
  readonly label: string;
  readonly description?: string;
}

/** Request `querysight/endpoints`: no parameters. */
export const endpointsRequest = "querysight/endpoints";

export interface EndpointsResult {
  readonly projects: readonly ProjectEndpoints[];
}

export interface ProjectEndpoints {
  readonly name: string;
  readonly uri: string;
  readonly endpoints: readonly Endpoint[];
  readonly tests: readonly Endpoint[];
}

/** One endpoint (method and route), command or test, by its costliest scope. */
export interface Endpoint {
  /** `GET /orders/` */
  readonly label: string;
  readonly queries: number;
  readonly sqlNs: number;
  /** Findings of the N+1 family that this endpoint runs into. */
  readonly nPlusOne: number;
  /** The view's or the test's name, for the tooltip. */
  readonly detail: string;
  readonly location: Location | null;
  readonly causes: readonly EndpointCause[];
}

export interface EndpointCause {
  /** `100x order.customer` or the queryset's own text. */
  readonly label: string;
  readonly queries: number;
  readonly rule: string | null;
  readonly location: Location | null;
}

/** Request `querysight/status`: no parameters. Also sent as notification `querysight/changed` after each change of a trace. */
export const statusRequest = "querysight/status";
export const changedNotification = "querysight/changed";

export interface StatusResult {
  readonly projects: readonly ProjectStatus[];
}

export interface ProjectStatus {
  readonly name: string;
  readonly uri: string;
  readonly state: "empty" | "recording" | "ready" | "unavailable";
  /** Why, where the state is `unavailable`; else "". */
  readonly message: string;
  readonly testsRecorded: number;
  readonly testsCollected: number;
  readonly findings: number;
  /** When the newest run ended or began, ms since the epoch; null without one. */
  readonly recordedAt: number | null;
  readonly problems: readonly string[];
}

/**
 * Request `querysight/verificationPlan`: what is changed and which tests then tell whether it is right. The server keeps what they executed
 * before, until `querysight/verificationResult` has compared it with what they execute afterwards. The client does what lies between: it makes the edit,
 * saves, and runs the tests under the recorder.
 */
export const verificationPlanRequest = "querysight/verificationPlan";

export interface VerificationParams {
  /** Of the project's folder, or of any file in it. */
  readonly uri: string;
  readonly target:
    | { readonly kind: "fix"; readonly findingIds: readonly string[]; readonly title: string | null }
    /** The first fix that is offered there. */
    | { readonly kind: "fix-at"; readonly range: Range }
    /** No edit: the tests are run as the code stands. */
    | { readonly kind: "findings"; readonly findingIds: readonly string[] }
    | { readonly kind: "place"; readonly range: Range };
}

export type VerificationPlan =
  | { readonly kind: "refused"; readonly message: string }
  | {
      readonly kind: "planned";
      readonly id: number;
      /** The fix's; "" where only tests are run. */
      readonly title: string;
      readonly files: readonly FileEdit[];
      /** Test ids. */
      readonly tests: readonly string[];
      /** The project's folder. */
      readonly root: string;
      /** How tests were run before. */
      readonly runs: readonly RecordedCommand[];
    };

export interface FileEdit {
  readonly uri: string;
  /** Of the buffer that the edits are of; null where the file is not open. */
  readonly version: number | null;
  readonly edits: readonly { readonly range: Range; readonly newText: string }[];
  /** What takes them back, once they are made. */
  readonly undo: readonly { readonly range: Range; readonly newText: string }[];
}

export interface RecordedCommand {
  readonly id: string;
  readonly state: "running" | "complete" | "partial" | "interrupted";
  readonly command: readonly string[];
  readonly root: string | null;
}

export const verificationResultRequest = "querysight/verificationResult";

export interface VerificationResultParams {
  readonly id: number;
  /** The words that were recorded, by which the run is known. */
  readonly command: readonly string[];
  readonly output: string;
}

export interface VerificationResult {
  readonly verdict: "broken" | "fell" | "rose" | "same" | "held" | "incomparable" | "not-run" | "unknown";
  /** `GET /orders/: 101 -> 1 query, 4 tests passed.` */
  readonly headline: string;
  readonly details: readonly string[];
  /** The last lines that the tests printed, where something went wrong. */
  readonly output: readonly string[];
  /** The run that was made; null where none was. */
  readonly run: string | null;
}

/**
 * What the client starts the server with, beside its own environment. By itself glibc keeps a heap for each thread, and never gives back what a thread
 * that has ended leaves in it (https://man7.org/linux/man-pages/man3/mallopt.3.html, `M_ARENA_MAX`): one for all takes 10 MB less. Other systems do not look at it.
 */
export const serverEnvironment: Readonly<Record<string, string>> = { MALLOC_ARENA_MAX: "1" };
