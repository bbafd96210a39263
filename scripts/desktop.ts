/** `npm run test:desktop`: see test/extension/desktop.ts. */
await import("../test/extension/desktop.ts");

export {};
