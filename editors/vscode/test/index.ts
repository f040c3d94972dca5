/** The entry point that VS Code's extension host calls: runs the suite, and fails where a test does. */

import { say } from "./say";
import { TESTS } from "./suite";

const SECONDS = 1000;

export async function run(): Promise<void> {
  const failed: string[] = [];
  for (const [name, test] of Object.entries(TESTS)) {
    const started = Date.now();
    try {
      await withDeadline(test(), 30 * SECONDS);
      say(`ok    ${name} (${String(Date.now() - started)} ms)`);
    } catch (error) {
      failed.push(name);
      say(`FAIL  ${name}\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    }
  }
  if (failed.length > 0) {
    throw new Error(`failed: ${failed.join(", ")}`);
  }
}

async function withDeadline(test: Promise<void>, milliseconds: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`not done after ${String(milliseconds)} ms`));
    }, milliseconds);
  });
  await Promise.race([test, late]).finally(() => {
    clearTimeout(timer);
  });
}
