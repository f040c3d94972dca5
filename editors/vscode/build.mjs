/** Bundle the extension into dist/: one file with all that it needs but VS Code itself, and their licenses. */

import { readFileSync, readdirSync, writeFileSync } from "node:fs";

import { build } from "esbuild";

const common = {
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  external: ["vscode"],
  logLevel: "warning",
};

const { metafile } = await build({
  ...common,
  entryPoints: ["src/extension.ts"],
  outfile: "dist/extension.js",
  minify: true,
  metafile: true,
});
writeFileSync("dist/LICENSES.txt", licenses(Object.keys(metafile.inputs)));
if (process.argv.includes("--tests")) {
  await build({
    ...common,
    entryPoints: ["test/index.ts"],
    outfile: "dist/test/index.js",
    sourcemap: "inline",
  });
}

/** The licenses of the packages that these files come from. */
function licenses(files) {
  const packages = files.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? []);
  return [...new Set(packages)]
    .sort()
    .map((folder) => {
      const name = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
      if (name === undefined) {
        throw new Error(`${folder} has no license file`);
      }
      return `${folder.replace(/^.*node_modules\//, "")}\n\n${readFileSync(`${folder}/${name}`, "utf8")}`;
    })
    .join("\n\n");
}
