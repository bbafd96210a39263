import type { Endpoint, EndpointCause } from "../../../server/src/protocol.ts";

/** `101 queries, N+1` behind an endpoint's name. */
export function endpointDescription(endpoint: Endpoint): string {
  const parts = [`${endpoint.queries.toLocaleString("en")} ${endpoint.queries === 1 ? "query" : "queries"}`];
  if (endpoint.nPlusOne > 0) parts.push(endpoint.nPlusOne === 1 ? "N+1" : `${endpoint.nPlusOne} N+1`);
  return parts.join(" · ");
}

/** Plain text, because names from a recording are never rendered. Time is said to be the test data's. */
export function endpointTooltip(endpoint: Endpoint): string {
  const milliseconds = (endpoint.sqlNs / 1e6).toFixed(1);
  return [endpoint.label, endpoint.detail, `${endpointDescription(endpoint)} · ${milliseconds} ms SQL on test data`]
    .filter(Boolean)
    .join("\n");
}

/** Where a cause stands, and how often it ran where its label does not say so. */
export function causeDescription(cause: EndpointCause): string {
  return [cause.location?.label, cause.queries > 1 && !cause.rule ? `${cause.queries} queries` : ""]
    .filter(Boolean)
    .join(" · ");
}
