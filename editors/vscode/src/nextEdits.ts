// Asking for next edits, and showing them: natively where the editor allows it, else by decorations.
import * as vscode from 'vscode';
import { SELECTOR, settings, type Connection } from './connection';
import { Decorations } from './decorations';
import type { NextEdit } from './edits';
import { tellProblems } from './problems';
import { timed } from './timing';

/** One answer of the server, which is shown to the user by whichever way. */
export type Ask = (
  document: vscode.TextDocument,
  position: vscode.Position,
  wanted: boolean,
  token: vscode.CancellationToken,
) => Promise<NextEdit | undefined>;

export function showNextEdits(connection: Connection): vscode.Disposable {
  const ask: Ask = async (document, position, wanted, token) => {
    const answer = await connection.ask<{ edits: readonly NextEdit[] }>(
      'textDocument/copilotInlineEdit',
      {
        textDocument: { uri: document.uri.toString(), version: document.version },
        position: { line: position.line, character: position.character },
        context: { triggerKind: wanted ? 1 : 2 },
      },
      token,
    );
    const edit = answer?.edits[0];
    return edit && !token.isCancellationRequested && isCurrent(edit) ? edit : undefined;
  };
  const focus = vscode.window.onDidChangeActiveTextEditor((editor) => {
    const uri = editor && vscode.languages.match(SELECTOR, editor.document) ? editor.document.uri.toString() : undefined;
    connection.notify('textDocument/didFocus', uri ? { textDocument: { uri } } : {});
  });
  const how = settings('client').get<string>('nextEdits', 'auto');
  const native = how === 'decorations' ? undefined : register(connection, ask);
  if (native || how === 'native') {
    return vscode.Disposable.from(focus, tellProblems(connection, () => undefined), ...(native ?? []));
  }
  const shown = new Decorations(connection, ask);
  const again = (): void => { shown.askAgain(); };
  return vscode.Disposable.from(focus, shown, tellProblems(connection, again), connection.onSuggestionReady(again));
}

/** The editor's own next edits, a proposed API; undefined where this extension may not use it. */
function register(connection: Connection, ask: Ask): vscode.Disposable[] | undefined {
  const items = new WeakMap<vscode.InlineCompletionItem, NextEdit>();
  const provider: vscode.InlineCompletionItemProvider = {
    onDidChange: connection.onSuggestionReady,
    provideInlineCompletionItems: timed('next edit', async (document, position, context, token) => {
      const wanted = context.triggerKind === vscode.InlineCompletionTriggerKind.Invoke && !connection.isAskingAgain;
      const edit = await ask(document, position, wanted, token);
      if (typeof edit?.textDocument.version !== 'number') return []; // the editor's own way is for open files
      const item = new vscode.InlineCompletionItem(edit.text, range(edit), { ...edit.command, arguments: [...edit.command.arguments] });
      item.isInlineEdit = true;
      const uri = vscode.Uri.parse(edit.textDocument.uri);
      if (uri.toString() !== document.uri.toString()) item.uri = uri;
      items.set(item, edit);
      return [item];
    }),
    handleDidShowCompletionItem: (item) => {
      const edit = items.get(item);
      if (edit) connection.notify('textDocument/didShowInlineEdit', { item: edit });
    },
    handleEndOfLifetime: (item, reason) => {
      const id = items.get(item)?.command.arguments[0];
      if (reason.kind === 1 && id !== undefined) reject(connection, id);
    },
  };
  try {
    return [
      vscode.languages.registerInlineCompletionItemProvider(SELECTOR, provider, { displayName: 'Tacit' }),
      vscode.commands.registerCommand('tacit.showNextEdit', () => vscode.commands.executeCommand('editor.action.inlineSuggest.trigger')),
    ];
  } catch {
    return undefined;
  }
}

export function range(edit: NextEdit): vscode.Range {
  const { start, end } = edit.range;
  return new vscode.Range(start.line, start.character, end.line, end.character);
}

export function reject(connection: Connection, id: string): void {
  connection.run('tacit.rejectNextEdit', id).catch((error: unknown) => { connection.log.warn(String(error)); });
}

/** Whether its document still has the version that the edit is of: no other is ever shown or made. */
export function isCurrent(edit: NextEdit): boolean {
  const document = vscode.workspace.textDocuments.find((each) => each.uri.toString() === edit.textDocument.uri);
  return (document?.version ?? null) === edit.textDocument.version;
}
