/**
 * Run the suite in a real extension host: `node test/run.mjs`, after `node build.mjs --tests`.
 *
 * VSCODE_SERVER is code-server's folder lib/vscode, WORKSPACE the folder to open, PROFILE one for VS Code's own data,
 * with the user's settings in user/Machine/settings.json. The exit code tells.
 */

import { fileURLToPath } from "node:url";

import { SECONDS, browser, end, freePort, needed, start } from "./browser.mjs";

const EXTENSION = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");
/** How the lines of the suite begin; VS Code has much to say besides. */
const SUITE = "suite: ";

const profile = needed("PROFILE");
const port = await freePort();
const server = await start(
  `${needed("VSCODE_SERVER")}/out/server-main.js`,
  [
    "--host=127.0.0.1",
    `--port=${String(port)}`,
    "--without-connection-token",
    "--accept-server-license-terms",
    "--enable-smoke-test-driver",
    `--server-data-dir=${profile}/server`,
    `--user-data-dir=${profile}/user`,
    `--extensions-dir=${profile}/extensions`,
    "--telemetry-level=off",
    "--disable-workspace-trust",
  ],
  "Extension host agent listening",
);
const chrome = await browser();
try {
  const remote = `vscode-remote://127.0.0.1:${String(port)}${EXTENSION}`;
  const payload = [
    ["extensionDevelopmentPath", remote],
    ["extensionTestsPath", `${remote}/dist/test/index.js`],
  ];
  const page = await chrome.newPage({ viewport: { width: 1400, height: 900 } });
  await page.exposeFunction("codeAutomationLog", (_type, args) => {
    const line = args.map(String).join(" ");
    if (line.startsWith(SUITE)) {
      console.log(line.slice(SUITE.length));
    }
  });
  const exit = new Promise((resolve, reject) => {
    void page.exposeFunction("codeAutomationExit", resolve);
    setTimeout(() => reject(new Error("the suite did not end")), 220 * SECONDS).unref();
  });
  const query = new URLSearchParams({ folder: needed("WORKSPACE"), payload: JSON.stringify(payload) });
  await page.goto(`http://127.0.0.1:${String(port)}/?${query.toString()}`);
  process.exitCode = Number(await exit);
} finally {
  await chrome.close();
  await end(server);
}
