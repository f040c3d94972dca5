/** A browser and a VS Code server for the tests: both on loopback, both with folders of their own. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { chromium } from "playwright-core";

const QUIET = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--force-color-profile=srgb",
];

export const SECONDS = 1000;

/** Start Chromium, which the variable CHROMIUM names, else Debian's. */
export async function browser() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: QUIET });
}

/** A port that was free a moment ago. */
export async function freePort() {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/** Start a program of Node's; resolves when it says `ready`. Its words are ours. */
export async function start(script, args, ready) {
  const child = spawn(process.execPath, [script, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, EXTENSIONS_GALLERY: '{"serviceUrl":""}' },
  });
  await new Promise((resolve, reject) => {
    let said = "";
    child.stdout.on("data", (data) => {
      said += String(data);
      if (said.includes(ready)) {
        resolve();
      }
    });
    child.once("exit", (code) => reject(new Error(`the server ended with ${String(code)}: ${said}`)));
  });
  return child;
}

/** End a program that `start` started. */
export async function end(child) {
  if (child.exitCode === null) {
    child.kill();
    await once(child, "exit");
  }
}

/** The value of an environment variable that the test must set. */
export function needed(name) {
  const value = process.env[name];
  if (value === undefined) {
    throw new Error(`set ${name}`);
  }
  return value;
}
