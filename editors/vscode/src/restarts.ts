/** How often a server that ends by itself is started again. */

const RESTARTS = 4;
const WITHIN = 3 * 60 * 1000;

/** Counts the ends of one server. */
export class Restarts {
  private ends: number[] = [];

  /** Whether a server that ended at `now`, in milliseconds, is to be started again: four times in three minutes. */
  allowed(now: number): boolean {
    this.ends = [...this.ends.filter((time) => now - time < WITHIN), now];
    return this.ends.length <= RESTARTS;
  }
}
