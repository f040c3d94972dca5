/**
 * What a user does in VS Code, in the real one. The server is the real one too; the API is scripted: it answers by
 * what is asked. The project is `greet.py`, in a repository whose own settings name another host and program.
 */

import * as assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import * as vscode from "vscode";

import { isCachedChat } from "../src/documents";
import { firstProgram } from "../src/installation";
import { Restarts } from "../src/restarts";
import { say } from "./say";

const GREET = new vscode.Range(3, 0, 6, 0);

export const TESTS: Record<string, () => Promise<void>> = {
  "a server is looked for on PATH, and never in an open folder or beside one": async () => {
    const [folder] = vscode.workspace.workspaceFolders ?? [];
    assert.ok(folder);
    const own = mkdtempSync(join(tmpdir(), "path-"));
    const theirs = join(folder.uri.fsPath, "bin");
    mkdirSync(theirs);
    for (const place of [own, theirs]) {
      writeFileSync(join(place, "pygpt-lsp"), "", { mode: 0o700 });
    }
    assert.equal(firstProgram(`${theirs}:bin:.:${own}`, [folder.uri.fsPath]), join(own, "pygpt-lsp"));
    const link = join(own, "link");
    symlinkSync(theirs, link);
    for (const path of [theirs, link]) {
      assert.notEqual(firstProgram(path, [folder.uri.fsPath]), join(path, "pygpt-lsp"));
    }
    rmSync(own, { recursive: true });
    rmSync(theirs, { recursive: true });
    return Promise.resolve();
  },

  "a server that keeps ending is not started for ever": async () => {
    const restarts = new Restarts();
    const allowed = [0, 1, 2, 3, 4].map((second) => restarts.allowed(second * 1000));
    assert.deepEqual(allowed, [true, true, true, true, false]);
    assert.ok(restarts.allowed(10 * 60 * 1000));
    return Promise.resolve();
  },

  "the lightbulb offers what can be done": async () => {
    await openCode();
    const titles = await eventually(async () => {
      const found = await codeActions(await code(), GREET);
      return found.some((title) => title.startsWith("PyGPT:")) ? found : undefined;
    });
    for (const title of ["PyGPT: Ask", "PyGPT: Explain", "PyGPT: Document"]) {
      assert.ok(
        titles.some((offered) => offered.startsWith(title)),
        `${title} among ${titles.join(", ")}`,
      );
    }
  },

  "an edit is made, and undone with one undo": async () => {
    const editor = await openCode();
    const before = editor.document.getText();
    editor.selection = new vscode.Selection(GREET.start, GREET.end);
    await run("pygpt-lsp.document");
    await eventually(() => editor.document.getText().includes('"""Greet `name` with an ö and a 😀."""'));
    await vscode.window.showTextDocument(editor.document, vscode.ViewColumn.One);
    await run("undo");
    assert.equal(editor.document.getText(), before);
  },

  "an explanation streams into a chat beside the code, while one types in both": async () => {
    const editor = await openCode();
    editor.selection = new vscode.Selection(GREET.start, GREET.end);
    await run("pygpt-lsp.explain");
    const chat = await chatWith("so far 😀");
    assert.ok(
      vscode.window.visibleTextEditors.some((shown) => shown.document === editor.document),
      "the code is still to be seen",
    );
    assert.notEqual(chat.viewColumn, vscode.ViewColumn.One);
    const last = chat.document.lineCount - 1;
    assert.ok(await typed(chat, new vscode.Position(last, 0), "Next question, ö 😀?"));
    assert.ok(await typed(editor, new vscode.Position(0, 0), "# ö 😀\n"));
    await eventually(() => chat.document.getText().includes("the end."));
    const text = chat.document.getText();
    assert.ok(text.includes("Next question, ö 😀?"), text);
    assert.ok(text.indexOf("the end.") < text.indexOf("Next question"), text);
    assert.ok(editor.document.getText().startsWith("# ö 😀\n"));
    await eventually(() => readFileSync(chat.document.uri.fsPath, "utf8") === chat.document.getText());
    await vscode.window.showTextDocument(editor.document, vscode.ViewColumn.One);
    await run("workbench.action.files.revert");
  },

  "a chat has lenses, hover, completion, symbols and folds": async () => {
    const chat = await openChat();
    const uri = chat.document.uri;
    assert.ok(await typed(chat, chat.document.lineAt(chat.document.lineCount - 1).range.end, "\nWhy the ö?"));
    const lenses = await eventually(async () => {
      const found = await vscode.commands.executeCommand<vscode.CodeLens[]>(
        "vscode.executeCodeLensProvider",
        uri,
        100,
      );
      const titles = found.map((lens) => lens.command?.title ?? "");
      return titles.some((title) => title.includes("Send")) ? titles : undefined;
    });
    assert.ok(lenses.includes("Fork here"), lenses.join(", "));
    const line = chat.document
      .getText()
      .split("\n")
      .findIndex((text) => text.startsWith("> #file:"));
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
      "vscode.executeHoverProvider",
      uri,
      new vscode.Position(line, 4),
    );
    const shown = hovers
      .flatMap((hover) => hover.contents)
      .map((part) => (part as vscode.MarkdownString).value);
    assert.ok(shown.join("\n").includes("Hallöchen 😀"), `the lines that go along, in ${shown.join("\n")}`);
    const symbols = await vscode.commands.executeCommand<unknown[]>(
      "vscode.executeDocumentSymbolProvider",
      uri,
    );
    const folds = await vscode.commands.executeCommand<unknown[]>("vscode.executeFoldingRangeProvider", uri);
    assert.ok(symbols.length > 0 && folds.length > 0);
    const last = chat.document.lineCount - 1;
    const before = chat.document.lineAt(last).text.length;
    assert.ok(await typed(chat, new vscode.Position(last, before), "\n#gre"));
    const end = new vscode.Position(last + 1, 4);
    const offered = await eventually(async () => {
      const list = await vscode.commands.executeCommand<vscode.CompletionList>(
        "vscode.executeCompletionItemProvider",
        uri,
        end,
        "#",
      );
      const labels = list.items.map((item) =>
        typeof item.label === "string" ? item.label : item.label.label,
      );
      return labels.some((label) => label.includes("greet.py")) ? labels : undefined;
    });
    assert.ok(offered.length > 0);
  },

  "a chat is saved wherever its cache lies, and one that was moved out is the user's": async () => {
    const saved = [
      "/work/.pygpt/cache/chats/ö 😀.chat.md",
      "/home/ö/.cache/pygpt-lsp/workspaces/no-workspace/chats/a.chat.md",
      "/c:/Users/ö/AppData/Local/pygpt-lsp/Cache/workspaces/0a1b2c/chats/a.chat.md",
    ];
    const left = ["/work/notes/a.chat.md", "/work/.pygpt/cache/chats/notes.md"];
    assert.deepEqual(
      [...saved, ...left].filter((path) => isCachedChat(vscode.Uri.file(path))),
      saved,
    );
    return Promise.resolve();
  },

  "a chat is not saved where its file was deleted, and where saving would rewrite it": async () => {
    const chats = [await openChat(), await openChat(), await openChat()].map((chat) => chat.document);
    const [gone, left, kept] = chats;
    assert.ok(gone && left && kept);
    const type = async (chat: vscode.TextDocument): Promise<void> => {
      const edit = new vscode.WorkspaceEdit();
      edit.insert(chat.uri, new vscode.Position(chat.lineCount - 1, 0), "ö 😀 ");
      assert.ok(await vscode.workspace.applyEdit(edit));
    };
    rmSync(gone.uri.fsPath);
    await type(gone);
    const files = vscode.workspace.getConfiguration("files");
    await files.update("trimTrailingWhitespace", true, vscode.ConfigurationTarget.Global);
    await type(left);
    await files.update("trimTrailingWhitespace", undefined, vscode.ConfigurationTarget.Global);
    await type(kept);
    await eventually(() => readFileSync(kept.uri.fsPath, "utf8").includes("ö 😀 "));
    assert.ok(!existsSync(gone.uri.fsPath));
    assert.ok(left.isDirty);
    writeFileSync(gone.uri.fsPath, ""); // or the next chat would have its name, which VS Code still knows
  },

  "a question in another program's view is not about the file beside it": async () => {
    await openCode();
    const view = vscode.workspace.registerTextDocumentContentProvider("view", {
      provideTextDocumentContent: () => "ö 😀",
    });
    await vscode.window.showTextDocument(vscode.Uri.parse("view:ö"), { viewColumn: vscode.ViewColumn.Three });
    await run("pygpt-lsp.ask"); // comes back, since it lets nobody type
    await run("workbench.action.closeActiveEditor");
    view.dispose();
  },

  "what is typed in a chat is sent, and what stands in it": async () => {
    const chat = await openChat();
    const last = chat.document.lineCount - 1;
    assert.ok(await typed(chat, chat.document.lineAt(last).range.end, "\nWhy the ö?"));
    await vscode.window.showTextDocument(chat.document, {
      viewColumn: chat.viewColumn ?? vscode.ViewColumn.Two,
    });
    await run("pygpt-lsp.send");
    await chatWith("Because of the ö 😀.");
  },

  "a question of a program's is asked at once": async () => {
    const editor = await openCode();
    await run("pygpt.ask", { question: "Are you there?", uri: editor.document.uri.toString() });
    await chatWith("Here I am 😀.");
  },

  "an answer is stopped in its middle": async () => {
    const editor = await openCode();
    await run("pygpt.ask", { question: "Count for long.", uri: editor.document.uri.toString() });
    const chat = await chatWith("counting 5 ");
    await run("pygpt-lsp.stop");
    await eventually(() => chat.document.getText().includes("<!-- pygpt: stopped -->"));
    assert.ok(!chat.document.getText().includes("counting 1000"));
  },

  "a fast stream blocks nothing": async () => {
    const editor = await openCode();
    const idle = await delays(async () => {
      await Promise.all([
        codeActions(editor.document, GREET),
        new Promise((resolve) => setTimeout(resolve, 1000)),
      ]);
    });
    await run("pygpt.ask", { question: "Count fast.", uri: editor.document.uri.toString() });
    const chat = await chatWith("fast 50 ");
    const streaming = await delays(async () => {
      await eventually(() => chat.document.getText().includes("fast 1000"));
    });
    say(
      `      delays of 99 in 100 turns: ${streaming.toFixed(1)} ms, without a stream ${idle.toFixed(1)} ms`,
    );
    assert.ok(streaming < idle + 50, "99 of 100 turns of the extension host are no more than 50 ms late");
  },

  "a chat that was closed unsaved comes back from the history": async () => {
    const editor = await openCode();
    await run("pygpt.ask", { question: "Remember the ö 😀.", uri: editor.document.uri.toString() });
    const chat = await chatWith("Remembered: ö 😀.");
    await vscode.window.showTextDocument(chat.document, {
      viewColumn: chat.viewColumn ?? vscode.ViewColumn.Two,
    });
    await run("workbench.action.revertAndCloseActiveEditor");
    await vscode.workspace.fs.delete(chat.document.uri);
    await run("pygpt.history.search", { query: "Remembered" });
    const page = await visible((document) => document.uri.path.endsWith("/history.chat.md"));
    const line = page.document
      .getText()
      .split("\n")
      .findIndex((text) => text.startsWith("## "));
    const actions = await eventually(async () => {
      const found = await vscode.commands.executeCommand<vscode.CodeAction[]>(
        "vscode.executeCodeActionProvider",
        page.document.uri,
        new vscode.Range(line, 0, line, 0),
      );
      return found.find((action) => action.title.includes("Open"));
    });
    assert.ok(actions.command);
    await run(actions.command.command, ...((actions.command.arguments ?? []) as unknown[]));
    await chatWith("Remembered: ö 😀.");
  },

  "a setting counts at once, and defaults hide no file of the user's": async () => {
    const editor = await openCode();
    const settings = vscode.workspace.getConfiguration("pygpt");
    // The server is told by a message of its own, so the first question may still be asked as before.
    const askedUntil = async (model: string): Promise<void> => {
      await eventually(async () => {
        await run("pygpt.ask", { question: "Which model?", uri: editor.document.uri.toString() });
        const chat = await visible((document) => /The model is \S+\.$/m.test(document.getText()));
        const found = chat.document.getText().includes(`The model is ${model}.`);
        await vscode.window.showTextDocument(chat.document, {
          viewColumn: chat.viewColumn ?? vscode.ViewColumn.Two,
        });
        await run("workbench.action.revertAndCloseActiveEditor");
        return found;
      });
    };
    await settings.update("model", "gpt-set-here", vscode.ConfigurationTarget.Global);
    await askedUntil("gpt-set-here");
    await settings.update("model", undefined, vscode.ConfigurationTarget.Global);
    await askedUntil("gpt-of-my-file");
  },

  "a program that is no server holds up none that is named after it": async () => {
    const command = serverCommand();
    await setServerCommand(["sleep", "600"]);
    await eventually(() => processes("sleep 600").length === 1 && processes("pygpt-lsp").length === 0);
    await setServerCommand(command);
    await eventually(async () => isOffered());
    assert.equal(processes("sleep 600").length, 0);
  },

  "a server that ends while it starts is started again by the next command, and once": async () => {
    const command = serverCommand();
    const folder = mkdtempSync(join(tmpdir(), "ends-"));
    const once = `mkdir ${folder}/first && exit 1; exec ${command.join(" ")}`;
    await setServerCommand(["sh", "-c", once]);
    await eventually(() => existsSync(join(folder, "first")) && processes("pygpt-lsp").length === 0);
    await run("pygpt-lsp.status");
    await eventually(async () => isOffered());
    const [started, ...more] = processes("pygpt-lsp");
    assert.equal(more.length, 0);
    await setServerCommand(command);
    await eventually(() => processes("pygpt-lsp").length === 1 && processes("pygpt-lsp")[0] !== started);
    await eventually(async () => isOffered());
    rmSync(folder, { recursive: true });
  },

  "a server that was killed is there again": async () => {
    const editor = await openCode();
    const before = await eventually(() => processes("pygpt-lsp")[0]);
    process.kill(before, "SIGKILL");
    await eventually(() => {
      const [now] = processes("pygpt-lsp");
      return now !== undefined && now !== before;
    });
    await eventually(async () => isOffered());
    await run("pygpt.ask", { question: "Are you back, ö 😀?", uri: editor.document.uri.toString() });
    await chatWith("I am back 😀.");
  },
};

async function run(command: string, ...args: unknown[]): Promise<void> {
  await vscode.commands.executeCommand(command, ...args);
}

async function code(): Promise<vscode.TextDocument> {
  const [file] = await vscode.workspace.findFiles("greet.py");
  assert.ok(file);
  return vscode.workspace.openTextDocument(file);
}

async function openCode(): Promise<vscode.TextEditor> {
  return vscode.window.showTextDocument(await code(), { viewColumn: vscode.ViewColumn.One, preview: false });
}

/** A chat about the code, made with the palette's command. */
async function openChat(): Promise<vscode.TextEditor> {
  const editor = await openCode();
  editor.selection = new vscode.Selection(GREET.start, GREET.end);
  const known = new Set(vscode.workspace.textDocuments.map((document) => document.uri.toString()));
  await run("pygpt-lsp.chat");
  return visible((document) => document.uri.path.endsWith(".chat.md") && !known.has(document.uri.toString()));
}

/** The visible chat that holds this text. */
async function chatWith(text: string): Promise<vscode.TextEditor> {
  return visible((document) => document.uri.path.endsWith(".chat.md") && document.getText().includes(text));
}

async function visible(wanted: (document: vscode.TextDocument) => boolean): Promise<vscode.TextEditor> {
  return eventually(() => vscode.window.visibleTextEditors.find((editor) => wanted(editor.document)));
}

async function codeActions(document: vscode.TextDocument, range: vscode.Range): Promise<string[]> {
  const found = await vscode.commands.executeCommand<vscode.CodeAction[]>(
    "vscode.executeCodeActionProvider",
    document.uri,
    range,
  );
  return found.map((action) => action.title);
}

/** What a user's typing does; again where another edit came between. */
async function typed(editor: vscode.TextEditor, at: vscode.Position, text: string): Promise<boolean> {
  return eventually(async () =>
    editor.edit((edit) => {
      edit.insert(at, text);
    }),
  );
}

/** How late 99 of 100 turns of the extension host's event loop come meanwhile, in milliseconds. */
async function delays(meanwhile: () => Promise<void>): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  await meanwhile();
  delay.disable();
  return delay.percentile(99) / 1e6;
}

/** Whether a server that has started offers its actions for the code. */
async function isOffered(): Promise<boolean> {
  return (await codeActions(await code(), GREET)).some((title) => title.startsWith("PyGPT:"));
}

function serverCommand(): string[] {
  const set = vscode.workspace.getConfiguration("pygpt").inspect<string[]>("server.command")?.globalValue;
  assert.ok(set);
  return set;
}

async function setServerCommand(command: string[]): Promise<void> {
  const settings = vscode.workspace.getConfiguration("pygpt");
  await settings.update("server.command", command, vscode.ConfigurationTarget.Global);
}

/** The ids of this process's children with these words in their command. */
function processes(words: string): number[] {
  try {
    const found = execFileSync("pgrep", ["-P", String(process.pid), "-f", words], { encoding: "utf8" });
    return found.trim().split("\n").map(Number);
  } catch {
    return [];
  }
}

/** The first value that is neither false nor undefined, looked for whenever something may have changed. */
async function eventually<T>(look: () => T | Promise<T>): Promise<Exclude<T, false | undefined>> {
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) {
      return found as Exclude<T, false | undefined>;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
