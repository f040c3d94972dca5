/**
 * StyLua over the Lua files named as arguments: `node stylua.cjs STYLUA STYLE [--write] FILE…`. STYLUA is the folder of
 * the package, which is the formatter as WebAssembly without a program; STYLE is a stylua.toml.
 */

const { readFileSync, writeFileSync } = require("node:fs");

const [stylua, style, ...rest] = process.argv.slice(2);
const library = require(stylua);
const named = {
  indent_type: library.IndentType,
  line_endings: library.LineEndings,
  quote_style: library.QuoteStyle,
};
const settings = [...readFileSync(style, "utf8").matchAll(/^(\w+) = "?(\w+)"?$/gm)];

const write = rest[0] === "--write";
for (const file of write ? rest.slice(1) : rest) {
  const config = library.Config.new(); // each run uses one up
  for (const [, name, value] of settings) {
    config[name] = named[name]?.[value] ?? Number(value);
  }
  const code = readFileSync(file, "utf8");
  const formatted = library.formatCode(code, config, undefined, library.OutputVerification.Full);
  if (formatted !== code && write) {
    writeFileSync(file, formatted);
  } else if (formatted !== code) {
    console.error(`${file} is not formatted`);
    process.exitCode = 1;
  }
}
