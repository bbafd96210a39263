import fc from "fast-check";

/**
 * Random cases are the same in every run, so that a change fails by its own fault; `QUERYSIGHT_SEED=random` (or a number) looks for others,
 * and fast-check prints the seed of what it finds.
 */
const wanted = process.env["QUERYSIGHT_SEED"] ?? "20261126";

if (wanted !== "random") fc.configureGlobal({ seed: Number(wanted) });
