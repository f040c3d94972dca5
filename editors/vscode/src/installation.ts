/**
 * Where the program `pygpt-lsp` is.
 *
 * Nothing is downloaded and nothing that lies in a workspace is run: neither a relative entry of PATH nor one
 * inside an open folder is looked at, and the setting that names the program has machine scope.
 */

import { accessSync, constants, realpathSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, isAbsolute, join, relative, sep } from "node:path";
import * as vscode from "vscode";

import { SECTION } from "./settings";

const PROGRAM = "pygpt-lsp";

/** Programs started from a desktop often lack what the shell adds to PATH. */
function usualFolders(): string[] {
  return process.platform === "win32"
    ? [join(homedir(), ".local", "bin")]
    : [join(homedir(), ".local", "bin"), "/opt/homebrew/bin", "/usr/local/bin"];
}

/** The program and its arguments; undefined where there is none. */
export function findServer(): string[] | undefined {
  const set = vscode.workspace.getConfiguration(SECTION).inspect("server.command")?.globalValue;
  if (isCommand(set)) {
    return set;
  }
  const found = firstProgram(process.env["PATH"] ?? "", openFolders());
  return found === undefined ? undefined : [found];
}

/** A program and its arguments; VS Code hands on whatever the user wrote. */
function isCommand(set: unknown): set is string[] {
  return Array.isArray(set) && set.length > 0 && set.every((part) => typeof part === "string");
}

/** The first file of that name that can be run, in absolute folders outside of `workspaces`. */
export function firstProgram(path: string, workspaces: readonly string[]): string | undefined {
  const name = process.platform === "win32" ? `${PROGRAM}.exe` : PROGRAM; // Node runs no .cmd by itself
  const inside = workspaces.map(real);
  return [...path.split(delimiter), ...usualFolders()]
    .filter((folder) => isAbsolute(folder) && !inside.some((workspace) => isInside(real(folder), workspace)))
    .map((folder) => join(folder, name))
    .find(canRun);
}

function openFolders(): string[] {
  return (vscode.workspace.workspaceFolders ?? []).map((folder) => folder.uri.fsPath);
}

/** A folder without the links that lead to it; one that is not there stays as it is. */
function real(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}

function isInside(folder: string, workspace: string): boolean {
  const way = relative(workspace, folder);
  return way === "" || (way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

function canRun(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** Say that there is no server, and how to get one. */
export async function explainInstallation(): Promise<void> {
  const how = "How to Install";
  const choose = "Choose the Program…";
  const chosen = await vscode.window.showWarningMessage(
    "PyGPT: The program pygpt-lsp was not found. Install it, or choose where it is.",
    how,
    choose,
  );
  if (chosen === how) {
    await vscode.commands.executeCommand("workbench.action.openWalkthrough", "pygpt.pygpt-lsp#start", false);
  } else if (chosen === choose) {
    await chooseServer();
  }
}

async function chooseServer(): Promise<void> {
  const [file] =
    (await vscode.window.showOpenDialog({ title: "The program pygpt-lsp", canSelectMany: false })) ?? [];
  if (file !== undefined) {
    await vscode.workspace
      .getConfiguration(SECTION)
      .update("server.command", [file.fsPath], vscode.ConfigurationTarget.Global);
  }
}
