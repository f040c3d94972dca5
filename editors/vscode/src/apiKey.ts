/**
 * The API key, in VS Code's secret storage, and nowhere else.
 *
 * It reaches the server in the environment variable of its process. It is never a setting, an argument or a line
 * of a log. Without a stored key the server looks for one itself: environment, command, keyring.
 */

import * as vscode from "vscode";

const NAME = "pygpt-lsp.apiKey";
export const KEY_VARIABLE = "OPENAI_API_KEY";

export class ApiKey {
  constructor(private readonly secrets: vscode.SecretStorage) {}

  /** Called when the key was set or taken away, in this window or another. */
  onDidChange(changed: () => void): vscode.Disposable {
    return this.secrets.onDidChange((event) => {
      if (event.key === NAME) {
        changed();
      }
    });
  }

  async read(): Promise<string | undefined> {
    return this.secrets.get(NAME);
  }

  /** Let the user type or paste a key. */
  async ask(): Promise<void> {
    const typed = await vscode.window.showInputBox({
      title: "PyGPT: API Key",
      prompt: "It is kept in the system's secret storage and given to the server alone.",
      password: true,
      ignoreFocusOut: true,
      validateInput: (value) => (/\s/.test(value.trim()) ? "A key holds no spaces." : undefined),
    });
    const key = typed?.trim();
    if (key !== undefined && key !== "") {
      await this.secrets.store(NAME, key);
    }
  }

  async forget(): Promise<void> {
    await this.secrets.delete(NAME);
    void vscode.window.showInformationMessage("PyGPT: The API key was removed from the secret storage.");
  }
}
