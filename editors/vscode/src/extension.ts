// Tacit for VS Code: starts the server, and shows what it says. All thinking is the server's.
import * as vscode from 'vscode';
import { Connection } from './connection';
import { install } from './install';
import { showNextEdits } from './nextEdits';
import { find } from './search';
import { applyClipboard, applySelection } from './sketches';
import { StatusBar } from './statusBar';
import { times } from './timing';

export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel('Tacit', { log: true });
  const connection = new Connection(context, log);
  const commands: Record<string, () => unknown> = {
    'tacit.applyClipboard': () => applyClipboard(connection),
    'tacit.applySelection': () => applySelection(connection),
    'tacit.find': () => { find(connection); },
    'tacit.menu': () => menu(connection),
    'tacit.restart': () => connection.restart(),
    'tacit.install': () => install(connection),
    'tacit.showLog': () => { log.show(); },
    'tacit.settings': () => vscode.commands.executeCommand('workbench.action.openSettings', '@ext:tacit.tacit'),
    'tacit.clientTimes': times,
  };
  let nextEdits = showNextEdits(connection);
  context.subscriptions.push(
    log,
    connection,
    new StatusBar(connection),
    ...Object.entries(commands).map(([name, run]) => vscode.commands.registerCommand(name, run)),
    { dispose: () => { nextEdits.dispose(); } },
    vscode.workspace.onDidGrantWorkspaceTrust(() => {
      if (connection.state === 'missing') void connection.start();
    }),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('tacit.client.command')) void connection.restart();
      if (!event.affectsConfiguration('tacit.client.nextEdits')) return;
      nextEdits.dispose();
      nextEdits = showNextEdits(connection);
    }),
  );
  void connection.start();
}

/** What a click on the status bar offers: the remedy first. */
async function menu(connection: Connection): Promise<void> {
  const { state } = connection;
  const offered = [
    { label: '$(cloud-download) Install the server', command: 'tacit.install', where: state === 'missing' },
    { label: '$(question) Why was there nothing?', command: 'tacit.why', where: state === 'running' },
    { label: '$(search) Search by name or meaning', command: 'tacit.find', where: state === 'running' },
    { label: '$(clippy) Apply a sketch from the clipboard', command: 'tacit.applyClipboard', where: state === 'running' },
    { label: '$(bell-slash) Sleep for 15 minutes', command: 'tacit.snooze', where: state === 'running' },
    { label: '$(debug-restart) Restart the server', command: 'tacit.restart', where: state !== 'missing' },
    { label: '$(gear) Settings', command: 'tacit.settings', where: true },
    { label: '$(output) Show the log', command: 'tacit.showLog', where: true },
  ];
  const chosen = await vscode.window.showQuickPick(offered.filter((each) => each.where));
  if (chosen) await vscode.commands.executeCommand(chosen.command);
}
