/** Which documents are chats, and where the user is in one. */

import * as vscode from "vscode";

/** How the names of chats and of the server's pages end. */
export const CHAT_SUFFIX = ".chat.md";

/** What the server is told of; other schemes are other programs' views of documents. */
export const SCHEMES = ["file", "untitled"];

export function isChat(uri: vscode.Uri): boolean {
  return uri.path.endsWith(CHAT_SUFFIX);
}

/** A workspace's cache: in the workspace, or where there is none or it cannot be written, in the user's own. */
const CACHE = /\/(\.pygpt\/cache|pygpt-lsp(\/Cache)?\/workspaces\/[^/]+)\//;

/** A chat's own file, in a cache: it is saved by us. A chat that was moved out is the user's. */
export function isCachedChat(uri: vscode.Uri): boolean {
  return uri.scheme === "file" && isChat(uri) && CACHE.test(uri.path);
}

/** The open chat that a command without an argument means: the active one, else the only visible one. */
export function chatHere(): vscode.Uri | undefined {
  const active = vscode.window.activeTextEditor?.document.uri;
  if (active !== undefined && isChat(active)) {
    return active;
  }
  const visible = vscode.window.visibleTextEditors.map((editor) => editor.document.uri).filter(isChat);
  return visible.length === 1 ? visible[0] : undefined;
}

/** Whether the user is in what the server is not told of: a notebook's cell, the output, another program's view. */
export function isElsewhere(): boolean {
  const scheme = vscode.window.activeTextEditor?.document.uri.scheme;
  return scheme !== undefined && !SCHEMES.includes(scheme);
}

/** The `uri` and `range` of a server command: the active editor's selection, or its cursor's line. */
export function selectionHere(): { uri: string; range: Range } | undefined {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined || !SCHEMES.includes(editor.document.uri.scheme)) {
    return undefined;
  }
  const { start, end } = editor.selection;
  return {
    uri: editor.document.uri.toString(),
    range: {
      start: { line: start.line, character: start.character },
      end: { line: end.line, character: end.character },
    },
  };
}

/** A range as LSP has it, in UTF-16 units, which are VS Code's too. */
interface Range {
  start: { line: number; character: number };
  end: { line: number; character: number };
}
