import { type CancellationToken, LSPErrorCodes, ResponseError } from "vscode-languageserver";

export interface Log {
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/**
 * Runs a handler so that a bug in it costs one answer, not the session: the failure is logged under `what` and the fallback answered.
 * A cancelled request is answered as cancelled, before and after the work.
 */
export async function runSafe<T>(
  fn: () => T | Promise<T>,
  fallback: T,
  what: string,
  token: CancellationToken,
  log: Log,
): Promise<T | ResponseError<void>> {
  if (token.isCancellationRequested) return cancelled();
  try {
    const result = await fn();
    return token.isCancellationRequested ? cancelled() : result;
  } catch (error) {
    log.error(`${what} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    return fallback;
  }
}

function cancelled(): ResponseError<void> {
  return new ResponseError(LSPErrorCodes.RequestCancelled, "Cancelled.");
}
