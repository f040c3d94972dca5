/**
 * Chats beside the code, and saved by themselves.
 *
 * A chat's buffer changes by the second while an answer arrives; it is saved when it has come to rest. Where
 * something would rewrite the file on save, it is left to the user: what is typed and what is sent would change.
 */

import * as vscode from "vscode";
import type { ShowDocumentParams, ShowDocumentResult } from "vscode-languageclient/node";

import { isCachedChat, isChat } from "./documents";

/** Milliseconds without a change after which a chat is saved. */
const AT_REST = 1000;

/** `window/showDocument`: a chat opens beside the code, unless it is visible; anything else as VS Code would. */
export async function showDocument(params: ShowDocumentParams, uri: vscode.Uri): Promise<ShowDocumentResult> {
  if (params.external === true) {
    return { success: await vscode.env.openExternal(uri) };
  }
  const { selection } = params;
  try {
    await vscode.window.showTextDocument(uri, {
      viewColumn: columnFor(uri),
      preserveFocus: params.takeFocus !== true,
      preview: false,
      ...(selection && {
        selection: new vscode.Range(
          selection.start.line,
          selection.start.character,
          selection.end.line,
          selection.end.character,
        ),
      }),
    });
    return { success: true };
  } catch {
    return { success: false };
  }
}

function columnFor(uri: vscode.Uri): vscode.ViewColumn {
  const editors = vscode.window.visibleTextEditors;
  const shown = editors.find((editor) => editor.document.uri.toString() === uri.toString());
  const active = vscode.window.activeTextEditor;
  if (shown?.viewColumn !== undefined) {
    return shown.viewColumn;
  }
  if (isChat(uri)) {
    const otherChat = editors.find((editor) => isChat(editor.document.uri));
    return (
      otherChat?.viewColumn ?? (active === undefined ? vscode.ViewColumn.Active : vscode.ViewColumn.Beside)
    );
  }
  // From a chat to code: to where code is, so that both stay in sight.
  const code = editors.find((editor) => !isChat(editor.document.uri) && editor.viewColumn !== undefined);
  return active !== undefined && isChat(active.document.uri)
    ? (code?.viewColumn ?? vscode.ViewColumn.Beside)
    : vscode.ViewColumn.Active;
}

/** Saves chats that have changed, once they are at rest. */
export class ChatSaver implements vscode.Disposable {
  private readonly waiting = new Map<vscode.TextDocument, NodeJS.Timeout>();
  private readonly listeners = [
    vscode.workspace.onDidChangeTextDocument(({ document }) => {
      this.changed(document);
    }),
    vscode.workspace.onDidCloseTextDocument((document) => {
      this.forget(document);
    }),
  ];

  dispose(): void {
    vscode.Disposable.from(...this.listeners).dispose();
    for (const document of [...this.waiting.keys()]) {
      this.forget(document);
    }
  }

  private changed(document: vscode.TextDocument): void {
    if (!isCachedChat(document.uri) || !document.isDirty || isRewrittenOnSave(document)) {
      return;
    }
    this.forget(document);
    const timer = setTimeout(() => {
      this.forget(document);
      void save(document);
    }, AT_REST);
    this.waiting.set(document, timer);
  }

  private forget(document: vscode.TextDocument): void {
    clearTimeout(this.waiting.get(document));
    this.waiting.delete(document);
  }
}

/** A chat that was deleted with its conversation must not come back. */
async function save(document: vscode.TextDocument): Promise<void> {
  try {
    await vscode.workspace.fs.stat(document.uri);
  } catch {
    return;
  }
  await document.save();
}

/** Whether a formatter, a code action or a trimming rule would change the document as it is saved. */
function isRewrittenOnSave(document: vscode.TextDocument): boolean {
  const editor = vscode.workspace.getConfiguration("editor", document);
  const files = vscode.workspace.getConfiguration("files", document);
  const actions = editor.get<Record<string, unknown>>("codeActionsOnSave", {});
  return (
    editor.get<boolean>("formatOnSave", false) ||
    Object.values(actions).some((when) => when !== false && when !== "never") ||
    files.get<boolean>("trimTrailingWhitespace", false) ||
    files.get<boolean>("trimFinalNewlines", false)
  );
}
