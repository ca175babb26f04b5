// Installing the server: the user says from what and with what, and starts the command in a terminal.
import * as vscode from 'vscode';
import type { Connection } from './connection';
import { installers } from './server';

export async function install(connection: Connection): Promise<void> {
  const what = await vscode.window.showInputBox({
    title: 'Install the Tacit server',
    prompt: 'From what? A folder with its source, a wheel, or the name of a package that you trust',
    ignoreFocusOut: true,
  });
  if (!what) return;
  const ways = installers(what.trim(), connection.machine());
  if (ways.size === 0) {
    void vscode.window.showWarningMessage('Tacit: neither uv, pipx nor Python is on the PATH. Install Python 3.11 or newer.');
    return;
  }
  const chosen = await vscode.window.showQuickPick([...ways].map(([label, detail]) => ({ label, detail })));
  if (!chosen) return;
  const terminal = vscode.window.createTerminal('Install Tacit');
  terminal.show();
  terminal.sendText(chosen.detail, false); // Enter is the user's to press
  const timer = setInterval(() => {
    if (connection.state !== 'missing' || terminal.exitStatus) clearInterval(timer);
    else void connection.start(); // as soon as it is there
  }, 2000);
}
