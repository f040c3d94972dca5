/**
 * What the server is told of the settings: what the user set, and nothing else.
 *
 * VS Code answers with a default for every key of the manifest. Passed on, those would win over the user's own
 * `config.toml`. A key of machine scope is taken from the user's settings alone, whatever else VS Code may
 * have read; all others as VS Code resolves them, which in a folder that is not trusted leaves out the folder's.
 */

import * as vscode from "vscode";

export const SECTION = "pygpt";

/** Settings of the extension itself, which the server has no use for. */
const OWN = ["server.command"];

interface Property {
  scope: string;
}

/** The manifest's settings; their names without the section. */
export function settingsFor(extension: vscode.Extension<unknown>): Record<string, unknown> {
  const manifest = extension.packageJSON as {
    contributes: { configuration: { properties: Record<string, Property> }[] };
  };
  const configuration = vscode.workspace.getConfiguration(SECTION);
  const found: Record<string, unknown> = {};
  for (const [name, property] of manifest.contributes.configuration.flatMap((part) =>
    Object.entries(part.properties),
  )) {
    const key = name.slice(SECTION.length + 1);
    const value = OWN.includes(key) ? undefined : valueOf(configuration, key, property.scope === "machine");
    if (value !== undefined) {
      found[key] = value;
    }
  }
  return found;
}

function valueOf(configuration: vscode.WorkspaceConfiguration, key: string, machine: boolean): unknown {
  const places = configuration.inspect<unknown>(key);
  if (machine) {
    return places?.globalValue;
  }
  const set = [places?.globalValue, places?.workspaceValue, places?.workspaceFolderValue];
  return set.some((value) => value !== undefined) ? configuration.get<unknown>(key) : undefined;
}
