/**
 * PyGPT in VS Code: starts `pygpt-lsp` with the first document, and gives its commands boxes to type in.
 *
 * All that PyGPT does is done by the server. This extension makes no connection of its own, collects nothing and
 * runs no program but the server.
 */

import * as vscode from "vscode";

import { ApiKey } from "./apiKey";
import { ChatSaver } from "./chats";
import { commands } from "./commands";
import { SCHEMES } from "./documents";
import { Jobs } from "./jobs";
import { Server } from "./server";
import { SECTION } from "./settings";

let server: Server | undefined;

export function activate(context: vscode.ExtensionContext): void {
  const key = new ApiKey(context.secrets);
  const jobs = new Jobs();
  const running = new Server(context.extension, key, jobs);
  server = running;
  context.subscriptions.push(
    jobs,
    running,
    new ChatSaver(),
    ...Object.entries(commands(running, key, jobs)).map(([name, run]) =>
      vscode.commands.registerCommand(name, run),
    ),
    key.onDidChange(() => void running.restart()),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration(`${SECTION}.server.command`)) {
        void running.restart();
      }
    }),
    startWithFirstDocument(running),
  );
}

export async function deactivate(): Promise<void> {
  await server?.stop();
}

/** A window in which nothing is edited needs no server. */
function startWithFirstDocument(running: Server): vscode.Disposable {
  const isOurs = (document: vscode.TextDocument): boolean => SCHEMES.includes(document.uri.scheme);
  if (vscode.workspace.textDocuments.some(isOurs)) {
    void running.start();
    return new vscode.Disposable(() => undefined);
  }
  const opened = vscode.workspace.onDidOpenTextDocument((document) => {
    if (isOurs(document)) {
      opened.dispose();
      void running.start();
    }
  });
  return opened;
}
