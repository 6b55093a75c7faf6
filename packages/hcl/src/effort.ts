/** What ends an evaluation that would go on for too long; its message is a whole sentence. */
export class ExhaustionFault extends Error {}

/** As many steps as the expressions of one file may take together: a few tenths of a second. */
export const effortLimit = 500_000;

/**
 * The work that the expressions of one file may cause, whatever they are. A step is the value of one
 * part of an expression; the values that functions work on count by their size. A file of a few
 * lines can ask for more than a machine ever computes, and one of many lines a little too often.
 */
export class Effort {
  /** Whether somebody has been told already that there is none left. */
  isReported = false;
  #left = effortLimit;

  /** Takes steps off what is left, or throws an `ExhaustionFault`. */
  spend(steps: number): void {
    if (!this.affords(steps))
      throw new ExhaustionFault(`More than ${effortLimit} steps would be needed for the file.`);
  }

  /** Takes steps off what is left, and says whether there were as many. */
  affords(steps: number): boolean {
    this.#left -= steps;
    return this.#left >= 0;
  }
}
