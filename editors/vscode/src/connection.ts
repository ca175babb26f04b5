// The server's life: found, started, watched, started again; and one clear message where that fails.
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as vscode from 'vscode';
import { CloseAction, ErrorAction, LanguageClient, type LanguageClientOptions } from 'vscode-languageclient/node';
import * as server from './server';
import type { State } from './report';
import { timed } from './timing';

export const SELECTOR = [{ scheme: 'file' }, { scheme: 'untitled' }];

/** Without messages of its own, which would come on top of ours. */
class Quiet extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }
}

export class Connection implements vscode.Disposable {
  state: State = 'starting';
  client: LanguageClient | undefined;

  private readonly changed = new vscode.EventEmitter<State>();
  readonly onDidChange = this.changed.event;
  private readonly ready = new vscode.EventEmitter<void>();
  /** A suggestion has come after its request was answered with nothing. */
  readonly onSuggestionReady = this.ready.event;
  /** The editor is made to ask for ghost text, by us and not by the user. */
  isAskingAgain = false;
  private crashes = new server.Crashes();
  private again: NodeJS.Timeout | undefined;
  private told = new Set<string>();
  constructor(
    private readonly context: vscode.ExtensionContext,
    readonly log: vscode.LogOutputChannel,
  ) {}

  /** Start the server, or say once why that is not possible. */
  async start(): Promise<void> {
    await this.dispose();
    const command = server.find(settings('client').get<string[]>('command', []), this.machine());
    if (!command) {
      this.become('missing');
      await this.tell('The server was not found: install it, or name it in the setting tacit.client.command.', {
        Install: 'tacit.install',
        Settings: 'tacit.settings',
      });
      return;
    }
    this.become('starting');
    const [program = '', ...rest] = command;
    const run = { command: program, args: [...rest, 'serve', '--log', 'warning'] };
    const client: Quiet = new Quiet('tacit', 'Tacit', run, this.options(() => this.client === client));
    client.registerFeature({
      fillClientCapabilities: (capabilities) => { capabilities.experimental = { suggestionReady: true, closedFiles: true }; },
      initialize: () => undefined,
      getState: () => ({ kind: 'static' }),
      clear: () => undefined,
    });
    client.onNotification('tacit/suggestionReady', async () => {
      this.ready.fire();
      this.isAskingAgain = true;
      await vscode.commands.executeCommand('editor.action.inlineSuggest.trigger');
      this.isAskingAgain = false;
    });
    this.client = client;
    const slow = setTimeout(() => {
      void this.tell('The server is slow to start. You can go on working; suggestions begin once it is up.', { 'Show Log': 'tacit.showLog', Restart: 'tacit.restart' });
    }, settings('client').get('slowStartMs', 15_000));
    try {
      await client.start();
      if (this.client === client) this.greet(client.initializeResult?.serverInfo?.version);
    } catch (error) {
      this.log.error(`${program} did not start: ${String(error)}`); // `closed` has been told, and tries again
    } finally {
      clearTimeout(slow);
    }
  }

  /** As `start`, at the user's wish: what was told before may be told again. */
  async restart(): Promise<void> {
    this.crashes = new server.Crashes();
    this.told.clear();
    await this.start();
  }

  /** Ask the server; undefined where it does not run, refuses, or was not waited for. */
  async ask<R>(method: string, params: object, token?: vscode.CancellationToken): Promise<R | undefined> {
    if (this.state !== 'running' || !this.client) return undefined;
    try {
      return await this.client.sendRequest<R>(method, params, ...(token ? [token] : [])); // else it is taken for a param
    } catch (error) {
      if (!token?.isCancellationRequested) this.log.warn(`${method}: ${String(error)}`);
      return undefined;
    }
  }

  /** Run a command of the server. Rejects with the server's reason. */
  async run<R>(command: string, ...args: unknown[]): Promise<R> {
    if (this.state !== 'running' || !this.client) throw new Error('The server is not running.');
    return this.client.sendRequest<R>('workspace/executeCommand', { command, arguments: args });
  }

  notify(method: string, params: object): void {
    if (this.state === 'running') void this.client?.sendNotification(method, params);
  }

  machine(): server.Machine {
    const folders = vscode.workspace.isTrusted ? (vscode.workspace.workspaceFolders ?? []) : [];
    return {
      windows: process.platform === 'win32',
      path: process.env.PATH ?? '',
      home: os.homedir(),
      storage: this.context.globalStorageUri.fsPath,
      trusted: folders.map((folder) => folder.uri.fsPath),
      exists: isExecutable,
    };
  }

  /** Stop the server; `start` brings it back. */
  async dispose(): Promise<void> {
    clearTimeout(this.again);
    const client = this.client;
    this.client = undefined;
    try {
      if (this.state !== 'running') client?.serverProcess?.kill(); // else it would be waited for
      await client?.dispose();
    } catch {
      // It was never up, or is gone already.
    }
  }

  private options(isCurrent: () => boolean): LanguageClientOptions {
    return {
      documentSelector: SELECTOR,
      outputChannel: this.log,
      initializationOptions: { ...ofServer(), editorPluginInfo: { name: 'tacit-vscode' } },
      initializationFailedHandler: () => false, // `closed` is told, too
      errorHandler: {
        error: () => ({ action: ErrorAction.Continue, handled: true }),
        closed: () => {
          if (isCurrent()) this.ended();
          return { action: CloseAction.DoNotRestart, handled: true };
        },
      },
      middleware: {
        didChange: timed('didChange', (event, next) => next(event)),
        provideInlineCompletionItems: timed('ghost text', (document, position, context, token, next) => {
          const triggerKind = this.isAskingAgain ? vscode.InlineCompletionTriggerKind.Automatic : context.triggerKind;
          const answer = next(document, position, { ...context, triggerKind }, token);
          void Promise.resolve(answer).then(() => { this.changed.fire(this.state); });
          return answer;
        }),
        workspace: {
          configuration: (params) => params.items.map((item) => (item.section === 'tacit' ? ofServer() : null)),
          didChangeConfiguration: async () => {
            await this.client?.sendNotification('workspace/didChangeConfiguration', { settings: { tacit: ofServer() } });
          },
        },
      },
    };
  }

  private greet(version: string | undefined): void {
    this.become('running');
    if (!server.isOlder(version, server.OLDEST)) return;
    const text = `The server is version ${version ?? '?'}, and this extension needs ${server.OLDEST}. Update it.`;
    void this.tell(text, { Update: 'tacit.install' });
  }

  /** The server is gone, and was not asked to go. */
  private ended(): void {
    if (!this.crashes.add(Date.now())) {
      this.become('starting');
      this.again = setTimeout(() => void this.start(), 300);
      return;
    }
    this.become('stopped');
    void this.tell('The server has ended several times in a row and is not started again.', {
      'Show Log': 'tacit.showLog',
      Restart: 'tacit.restart',
    });
  }

  private become(state: State): void {
    this.state = state;
    void vscode.commands.executeCommand('setContext', 'tacit.running', state === 'running');
    this.changed.fire(state);
  }

  /** One message with its remedies, once. */
  private async tell(text: string, remedies: Record<string, string>): Promise<void> {
    if (this.told.has(text)) return;
    this.told.add(text);
    const chosen = await vscode.window.showWarningMessage(`Tacit: ${text}`, ...Object.keys(remedies));
    const command = chosen && remedies[chosen];
    if (command) await vscode.commands.executeCommand(command);
  }
}

export function settings(section?: string): vscode.WorkspaceConfiguration {
  return vscode.workspace.getConfiguration(section ? `tacit.${section}` : 'tacit');
}

/** The settings that are the server's own: all but those below `client`. */
function ofServer(): Record<string, unknown> {
  const all = JSON.parse(JSON.stringify(settings())) as Record<string, unknown>;
  delete all.client;
  return all;
}

function isExecutable(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}
