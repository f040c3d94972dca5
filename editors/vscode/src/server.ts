/**
 * The language server's process and the client that talks to it: one of each at most.
 *
 * Starts and stops are done one after the other, whoever asks for them and however often. A server that ends by
 * itself is started again, until it does so too often; then the user is asked. That is done here and not by the
 * client library, whose own new start nobody could wait for: a second server would be started beside it.
 */

import { homedir } from "node:os";
import * as vscode from "vscode";
import {
  CloseAction,
  type CloseHandlerResult,
  ErrorAction,
  type ErrorHandler,
  type ErrorHandlerResult,
  LanguageClient,
  type LanguageClientOptions,
  type ProgressToken,
  type ShowDocumentResult,
  State,
  WorkDoneProgressCancelNotification,
} from "vscode-languageclient/node";

import { type ApiKey, KEY_VARIABLE } from "./apiKey";
import { showDocument } from "./chats";
import { SCHEMES } from "./documents";
import { explainInstallation, findServer } from "./installation";
import type { Jobs } from "./jobs";
import { Restarts } from "./restarts";
import { SECTION, settingsFor } from "./settings";

const STOPS_WITHIN = 5000;

/** The user is told of nothing here: `hasEnded` sees to a server that has ended. */
const ERROR_HANDLER: ErrorHandler = {
  error: (): ErrorHandlerResult => ({ action: ErrorAction.Continue, handled: true }),
  closed: (): CloseHandlerResult => ({ action: CloseAction.DoNotRestart, handled: true }),
};

export class Server implements vscode.Disposable {
  private client: LanguageClient | undefined;
  private queue: Promise<void> = Promise.resolve();
  private restarts = new Restarts();
  private readonly log = vscode.window.createOutputChannel("PyGPT", { log: true });

  constructor(
    private readonly extension: vscode.Extension<unknown>,
    private readonly key: ApiKey,
    private readonly jobs: Jobs,
  ) {}

  dispose(): void {
    this.log.dispose();
  }

  showLog(): void {
    this.log.show();
  }

  /** Start it unless it runs; true where it runs then. */
  async start(): Promise<boolean> {
    await this.next(async () => {
      if (this.client?.state !== State.Running) {
        await this.end();
        await this.begin();
      }
    });
    return this.client?.state === State.Running;
  }

  async restart(): Promise<void> {
    this.restarts = new Restarts();
    this.giveUpStarting();
    await this.next(async () => {
      await this.end();
      await this.begin();
    });
  }

  async stop(): Promise<void> {
    this.giveUpStarting();
    await this.next(async () => {
      await this.end();
    });
  }

  /** `workspace/executeCommand`; the server answers at once and shows what comes of it by itself. */
  async execute(command: string, argument: object = {}): Promise<void> {
    if (await this.start()) {
      await this.client?.sendRequest("workspace/executeCommand", { command, arguments: [argument] });
    }
  }

  async cancel(token: ProgressToken): Promise<void> {
    await this.client?.sendNotification(WorkDoneProgressCancelNotification.type, { token });
  }

  private async next(step: () => Promise<void>): Promise<void> {
    const done = this.queue.then(step);
    this.queue = done.catch(() => undefined);
    await done;
  }

  /** A program that is no server, or hangs, would be waited for for ever. */
  private giveUpStarting(): void {
    if (this.client?.state === State.Starting) {
      this.client.serverProcess?.kill();
    }
  }

  private async begin(): Promise<void> {
    const [command, ...args] = findServer() ?? [];
    if (command === undefined) {
      void explainInstallation();
      return;
    }
    const key = await this.key.read();
    const env = key === undefined ? { ...process.env } : { ...process.env, [KEY_VARIABLE]: key };
    // The home and not the folder that is open: nothing that lies there may be found by its name.
    const options = { cwd: homedir(), env };
    const client = new LanguageClient("pygpt", "PyGPT", { command, args, options }, this.clientOptions());
    this.client = client;
    client.onDidChangeState(({ oldState, newState }) => {
      const running = newState === State.Running;
      this.jobs.serverIs(running ? "running" : newState === State.Starting ? "starting" : "none");
      if (oldState === State.Running && this.client === client) {
        void this.hasEnded();
      }
    });
    try {
      await client.start();
    } catch {
      // The client has said so, with a button for the log.
      this.client = undefined;
    }
  }

  private async hasEnded(): Promise<void> {
    if (this.restarts.allowed(Date.now())) {
      await this.start();
    } else {
      await this.offerRestart();
    }
  }

  private async end(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    await client?.dispose(STOPS_WITHIN).catch(() => undefined);
    this.jobs.serverIs("none");
  }

  private clientOptions(): LanguageClientOptions {
    return {
      documentSelector: SCHEMES.map((scheme) => ({ scheme })),
      outputChannel: this.log,
      errorHandler: ERROR_HANDLER,
      initializationFailedHandler: () => false, // the failed start is told of once
      middleware: {
        handleWorkDoneProgress: (token, value, next): void => {
          this.jobs.progress(token, value);
          if (value.kind === "end") {
            next(token, value); // lets the client forget the token; the beginning was never shown by it
          }
        },
        window: {
          showDocument: async (params): Promise<ShowDocumentResult> =>
            showDocument(params, this.asUri(params.uri)),
        },
        workspace: {
          // Without a section the client says only that something has changed, and the server asks. With one it
          // would send the defaults of the manifest along, as if the user had set them.
          didChangeConfiguration: async (_sections, next): Promise<void> => next(undefined),
          configuration: (params): unknown[] =>
            params.items.map((item) => (item.section === SECTION ? settingsFor(this.extension) : null)),
        },
      },
    };
  }

  private asUri(uri: string): vscode.Uri {
    return this.client?.protocol2CodeConverter.asUri(uri) ?? vscode.Uri.parse(uri);
  }

  private async offerRestart(): Promise<void> {
    const again = "Start Again";
    const log = "Show Log";
    const sentence = "PyGPT: The server has ended again and again, and was not started anew.";
    const chosen = await vscode.window.showErrorMessage(sentence, again, log);
    if (chosen === again) {
      await this.restart();
    } else if (chosen === log) {
      this.showLog();
    }
  }
}
