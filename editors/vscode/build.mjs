/** Bundle the extension into dist/: one file, with all that it needs but VS Code itself. */

import { build } from "esbuild";

const common = {
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  external: ["vscode"],
  legalComments: "linked",
  logLevel: "warning",
};

await build({ ...common, entryPoints: ["src/extension.ts"], outfile: "dist/extension.js", minify: true });
if (process.argv.includes("--tests")) {
  await build({
    ...common,
    entryPoints: ["test/index.ts"],
    outfile: "dist/test/index.js",
    sourcemap: "inline",
  });
}
