/**
 * The commands of the palette and the menus. Each is a command of the server with what VS Code knows filled in;
 * what happens then is the server's matter, the same as in every editor.
 */

import * as vscode from "vscode";

import type { ApiKey } from "./apiKey";
import { chatHere, isElsewhere, selectionHere } from "./documents";
import type { Jobs } from "./jobs";
import type { Server } from "./server";

/** The built-in actions that are commands of their own; each is `pygpt-lsp.<id>`. */
export const ACTIONS = ["explain", "review", "tests", "document", "simplify", "optimize", "implement"];

type Run = () => Promise<unknown>;

/** All commands by name. */
export function commands(server: Server, key: ApiKey, jobs: Jobs): Record<string, Run> {
  const found: Record<string, Run> = {
    ask: async () => ask(server),
    edit: async () => edit(server),
    chat: async () => server.execute("pygpt.chat.new", selectionHere()),
    send: async () => inChat(server, "pygpt.chat.send"),
    regenerate: async () => inChat(server, "pygpt.chat.regenerate"),
    apply: async () => inChat(server, "pygpt.applyLast"),
    preview: async () => preview(server),
    stop: async () => stop(server, jobs),
    history: async () => history(server),
    model: async () => server.execute("pygpt.model.select"),
    lastRequest: async () => server.execute("pygpt.showLastRequest"),
    privacy: async () => server.execute("pygpt.privacy.show"),
    status: async () => server.execute("pygpt.showStatus"),
    menu: async () => menu(),
    setKey: async () => key.ask(),
    forgetKey: async () => key.forget(),
    restart: async () => server.restart(),
    log: async (): Promise<void> => {
      server.showLog();
      return Promise.resolve();
    },
  };
  for (const id of ACTIONS) {
    found[id] = async (): Promise<void> => action(server, id);
  }
  return Object.fromEntries(Object.entries(found).map(([name, run]) => [`pygpt-lsp.${name}`, run]));
}

async function stop(server: Server, jobs: Jobs): Promise<void> {
  for (const token of await jobs.choose()) {
    await server.cancel(token);
  }
}

async function ask(server: Server): Promise<void> {
  // Without an editor the server would take the last selection it has seen, which nobody means from elsewhere.
  if (isElsewhere()) {
    noEditor();
    return;
  }
  const here = selectionHere();
  const question = await typed("PyGPT: Ask", "Your question; leave it empty to write it in the chat.");
  if (question !== undefined) {
    await server.execute("pygpt.ask", { ...here, ...(question !== "" && { question }) });
  }
}

async function edit(server: Server): Promise<void> {
  const here = selectionHere();
  if (here === undefined) {
    noEditor();
    return;
  }
  const instruction = await typed(
    "PyGPT: Change",
    "What to do with the selection, or what is at the cursor.",
  );
  if (instruction !== undefined && instruction !== "") {
    await server.execute("pygpt.action", { id: "rewrite", instruction, ...here });
  }
}

async function action(server: Server, id: string): Promise<void> {
  const here = selectionHere();
  if (here === undefined) {
    noEditor();
    return;
  }
  await server.execute("pygpt.action", { id, ...here });
}

async function inChat(server: Server, command: string): Promise<void> {
  const chat = chatHere();
  if (chat === undefined) {
    void vscode.window.showInformationMessage("PyGPT: Go to a chat first.");
    return;
  }
  await server.execute(command, { uri: chat.toString() });
}

async function preview(server: Server): Promise<void> {
  const chat = chatHere();
  if (chat === undefined && isElsewhere()) {
    noEditor();
    return;
  }
  await server.execute(
    "pygpt.previewRequest",
    chat === undefined ? selectionHere() : { uri: chat.toString() },
  );
}

async function history(server: Server): Promise<void> {
  const query = await typed(
    "PyGPT: History",
    "Words to look for; leave it empty for the newest conversations.",
  );
  if (query !== undefined) {
    await server.execute("pygpt.history.search", { ...(query !== "" && { query }) });
  }
}

async function menu(): Promise<void> {
  const offered = {
    ask: "Ask…",
    edit: "Change…",
    chat: "New Chat",
    history: "History…",
    model: "Choose Model",
    preview: "Preview Request",
    privacy: "What Was Sent",
    status: "Status",
  };
  const items = Object.entries(offered).map(([name, label]) => ({ label, name }));
  const chosen = await vscode.window.showQuickPick(items, { title: "PyGPT" });
  if (chosen !== undefined) {
    await vscode.commands.executeCommand(`pygpt-lsp.${chosen.name}`);
  }
}

/** What the user typed, without the space around it; undefined where the box was closed. */
async function typed(title: string, prompt: string): Promise<string | undefined> {
  return (await vscode.window.showInputBox({ title, prompt, ignoreFocusOut: true }))?.trim();
}

function noEditor(): void {
  void vscode.window.showInformationMessage("PyGPT: Open a file and select what this is about.");
}
