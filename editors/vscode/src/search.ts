// Search by name or meaning. The editor's own picker would filter what the server found by its letters once more.
import * as vscode from 'vscode';
import type { Connection } from './connection';
import type { Place } from './edits';

type Found = vscode.QuickPickItem & { readonly hit: Hit };
type Span = Readonly<Record<'start' | 'end', Place>>;
type Texts = Readonly<Record<'uri' | 'name' | 'containerName' | 'signature', string>>;
type Hit = Texts & { readonly kind: number; readonly selectionRange: Span };
type Hits = Readonly<{ hits: readonly Hit[]; complete: boolean }>;

export function find(connection: Connection): void {
  const picker = vscode.window.createQuickPick<Found>();
  picker.placeholder = 'A name, or what the code does';
  let asked = new vscode.CancellationTokenSource();
  let timer: NodeJS.Timeout | undefined;

  /** `again`: the index was not complete before, and what the user has chosen since stays chosen. */
  const search = async (query: string, again = false): Promise<void> => {
    asked.cancel();
    const source = (asked = new vscode.CancellationTokenSource());
    picker.busy = query !== '';
    const found = query ? await connection.ask<Hits>('tacit/search', { query }, source.token) : undefined;
    if (source.token.isCancellationRequested) return;
    picker.busy = false;
    const chosen = picker.activeItems[0]?.detail;
    picker.items = (found?.hits ?? []).map(item);
    picker.activeItems = picker.items.filter(({ detail }, at) => (again && chosen ? detail === chosen : at === 0)).slice(0, 1);
    const complete = found?.complete !== false;
    picker.title = complete ? 'Tacit: Search' : 'Tacit: Search (the index is not complete yet)';
    if (!complete) timer = setTimeout(() => void search(query, true), 1000);
  };
  picker.onDidChangeValue((query) => {
    clearTimeout(timer);
    timer = setTimeout(() => void search(query.trim()), 120);
  });
  picker.onDidAccept(() => {
    const hit = picker.selectedItems[0]?.hit;
    picker.hide();
    if (!hit) return;
    const { line, character } = hit.selectionRange.start;
    const selection = new vscode.Range(line, character, line, character);
    void vscode.window.showTextDocument(vscode.Uri.parse(hit.uri), { selection });
  });
  picker.onDidHide(() => {
    clearTimeout(timer);
    asked.cancel();
    picker.dispose();
  });
  picker.show();
}

function item(hit: Hit): Found {
  const kind = vscode.SymbolKind[hit.kind - 1] ?? 'Misc'; // LSP counts from 1
  return {
    label: `$(symbol-${kind.toLowerCase()}) ${hit.name}`,
    description: hit.signature || hit.containerName,
    detail: `${vscode.workspace.asRelativePath(vscode.Uri.parse(hit.uri))}:${hit.selectionRange.start.line + 1}`,
    alwaysShow: true, // it may match by meaning alone
    hit,
  };
}
