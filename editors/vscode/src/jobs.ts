/**
 * The server's jobs under way, as its progress messages tell of them: shown in the status bar, and stopped there.
 * While the server starts, or where there is none, the bar says that.
 */

import * as vscode from "vscode";
import type {
  ProgressToken,
  WorkDoneProgressBegin,
  WorkDoneProgressEnd,
  WorkDoneProgressReport,
} from "vscode-languageclient/node";

type ServerState = "none" | "starting" | "running";

/** Milliseconds between two changes of the status bar, and how long a job's last words stay. */
const DRAWN_EVERY = 100;
const LAST_WORDS = 5000;

interface Job {
  title: string;
  message: string;
}

export class Jobs implements vscode.Disposable {
  private readonly running = new Map<ProgressToken, Job>();
  private readonly item = vscode.window.createStatusBarItem(
    "pygpt-lsp",
    vscode.StatusBarAlignment.Right,
    100,
  );
  private drawing: NodeJS.Timeout | undefined;
  private silence: NodeJS.Timeout | undefined;
  private lastWords = "";
  private server: ServerState = "none";

  constructor() {
    this.item.name = "PyGPT";
    this.draw();
    this.item.show();
  }

  dispose(): void {
    clearTimeout(this.drawing);
    clearTimeout(this.silence);
    this.item.dispose();
  }

  /** `$/progress` of one job. */
  progress(
    token: ProgressToken,
    value: WorkDoneProgressBegin | WorkDoneProgressReport | WorkDoneProgressEnd,
  ): void {
    if (value.kind === "begin") {
      this.running.set(token, { title: value.title, message: value.message ?? "" });
    } else if (value.kind === "report") {
      const job = this.running.get(token);
      if (job !== undefined) {
        job.message = value.message ?? job.message;
      }
    } else {
      this.running.delete(token);
      this.say(value.message ?? "");
    }
    this.drawSoon();
  }

  /** The server's state has changed; without a server there are no jobs. */
  serverIs(state: ServerState): void {
    this.server = state;
    if (state !== "running") {
      this.running.clear();
    }
    this.drawSoon();
  }

  /** The jobs that the user wants to stop: the only one, or those chosen of several. */
  async choose(): Promise<ProgressToken[]> {
    const jobs = [...this.running];
    if (jobs.length < 2) {
      return jobs.map(([token]) => token);
    }
    const items = jobs.map(([token, job]) => ({
      label: job.title,
      description: job.message,
      picked: true,
      token,
    }));
    const chosen = await vscode.window.showQuickPick(items, { title: "PyGPT: Stop", canPickMany: true });
    return (chosen ?? []).map((item) => item.token);
  }

  private say(message: string): void {
    this.lastWords = message;
    clearTimeout(this.silence);
    this.silence = setTimeout(() => {
      this.lastWords = "";
      this.drawSoon();
    }, LAST_WORDS);
  }

  /** Reports may come by the hundred; the bar is drawn ten times a second at most. */
  private drawSoon(): void {
    this.drawing ??= setTimeout(() => {
      this.drawing = undefined;
      this.draw();
    }, DRAWN_EVERY);
  }

  private draw(): void {
    const jobs = [...this.running.values()];
    const [job] = jobs;
    void vscode.commands.executeCommand("setContext", "pygpt-lsp.busy", job !== undefined);
    if (this.server !== "running") {
      const starting = this.server === "starting";
      this.item.text = starting ? "$(loading~spin) PyGPT" : "$(circle-slash) PyGPT";
      this.item.tooltip = starting
        ? "PyGPT: the server is starting"
        : "PyGPT: no server runs; click to start it";
      this.item.command = starting ? undefined : "pygpt-lsp.restart";
      return;
    }
    if (job === undefined) {
      this.item.text = this.lastWords === "" ? "$(comment) PyGPT" : `$(comment) ${plain(this.lastWords)}`;
      this.item.tooltip = "PyGPT: what it can do";
      this.item.command = "pygpt-lsp.menu";
      return;
    }
    const more = jobs.length > 1 ? ` (+${String(jobs.length - 1)})` : "";
    this.item.text = `$(loading~spin) ${plain([job.title, job.message].filter(Boolean).join(": "))}${more}`;
    this.item.tooltip = "PyGPT: click to stop";
    this.item.command = "pygpt-lsp.stop";
  }
}

/** Text that the status bar shows as it is: `$(name)` would be an icon. */
function plain(text: string): string {
  return text.replaceAll("$(", "$\u200b(");
}
