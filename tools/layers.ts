/**
 * The direction of the code. A package may import from rows above its own, never from its own row
 * or from below. `tools/tidy.test.ts` checks every import of every source file against it.
 * Fractals stands alone: it is a customer of the cloud and imports nothing from it.
 */
export const fractus: readonly (readonly string[])[] = [
  ["@fractus/core", "@fractus/hcl"],
  ["@fractus/scheduler", "@fractus/drivers", "@fractus/store", "@fractus/client", "@fractus/ingress"],
  ["@fractus/messaging", "@fractus/agent", "@fractus/cli", "@fractus/dashboard"],
  ["@fractus/control"],
  ["@fractus/nomad", "@fractus/sim"],
  ["@fractus/fractus"],
];

export const fractals: readonly (readonly string[])[] = [
  ["@fractals/kernel", "@fractals/program"],
  ["@fractals/client"],
  ["@fractals/store", "@fractals/queue"],
  ["@fractals/images"],
  ["@fractals/api", "@fractals/worker", "@fractals/cli", "@fractals/gallery"],
];
