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
} as const;

/** What a lens opens: the finding or the scopes behind it, as places to go to. */
export interface ShowArgument {
  readonly title: string;
  readonly places: readonly Location[];
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
