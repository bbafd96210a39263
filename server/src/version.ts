import manifest from "../../package.json" with { type: "json" };

/** Of the package: extension, server and terminal command are one. */
export const version: string = manifest.version;
