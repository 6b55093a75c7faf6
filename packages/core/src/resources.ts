/** One mebibyte in bytes: the `MB` of job files and flavors. */
export const MEBIBYTE = 1024 * 1024;

/**
 * Amounts that are asked of a node. CPU may be asked for in three ways, and they add up: a share in
 * MHz (job files), thousandths of a core (a flavor's vcpus × 1000), and whole cores for itself.
 */
export interface Resources {
  readonly cpuMhz: number;
  readonly cpuMillis: number;
  /** Cores that nothing else may run on. */
  readonly cores: number;
  readonly memoryBytes: number;
  /** A limit above `memoryBytes`, never a reservation: it plays no part in whether something fits. */
  readonly memoryMaxBytes?: number;
  readonly diskBytes: number;
}

export const noResources: Resources = { cpuMhz: 0, cpuMillis: 0, cores: 0, memoryBytes: 0, diskBytes: 0 };

/** What both need when they run at the same time. */
export function sumOf(a: Resources, b: Resources): Resources {
  return combine(a, b, (x, y) => x + y);
}

/** What is enough for either when they run one after the other. */
export function largerOf(a: Resources, b: Resources): Resources {
  return combine(a, b, Math.max);
}

function combine(a: Resources, b: Resources, join: (x: number, y: number) => number): Resources {
  const limit = a.memoryMaxBytes ?? b.memoryMaxBytes;
  return {
    cpuMhz: join(a.cpuMhz, b.cpuMhz),
    cpuMillis: join(a.cpuMillis, b.cpuMillis),
    cores: join(a.cores, b.cores),
    memoryBytes: join(a.memoryBytes, b.memoryBytes),
    diskBytes: join(a.diskBytes, b.diskBytes),
    ...(limit !== undefined && {
      memoryMaxBytes: join(a.memoryMaxBytes ?? a.memoryBytes, b.memoryMaxBytes ?? b.memoryBytes),
    }),
  };
}
