// What other extensions say about a document is told to the server, which no other server tells anything.
import * as vscode from 'vscode';
import { SELECTOR, type Connection } from './connection';

const REST_MS = 100;
const MOST = 100;

/** Tell it whenever it changes, and once the server runs; `then` whenever something was told. */
export function tellProblems(connection: Connection, then: () => void): vscode.Disposable {
  const changed = new Set<string>();
  const said = new Map<string, string>();
  let timer: NodeJS.Timeout | undefined;
  const soon = (uris: readonly vscode.Uri[]): void => {
    for (const uri of uris) changed.add(uri.toString());
    timer ??= setTimeout(tell, REST_MS);
  };
  const tell = (): void => {
    timer = undefined;
    const documents = vscode.workspace.textDocuments.filter((each) => changed.has(each.uri.toString()));
    changed.clear();
    let isNews = false;
    for (const document of documents) {
      if (!vscode.languages.match(SELECTOR, document)) continue;
      const uri = document.uri.toString();
      const others = vscode.languages.getDiagnostics(document.uri).filter((each) => each.source !== 'tacit');
      const diagnostics = others.slice(0, MOST).map(onTheWire);
      const text = JSON.stringify(diagnostics);
      if (said.get(uri) === text) continue; // Tacit's own have changed
      connection.notify('tacit/diagnostics', { uri, version: document.version, diagnostics });
      said.set(uri, text);
      isNews = true;
    }
    if (isNews) then();
  };
  let was = connection.state;
  return vscode.Disposable.from(
    vscode.languages.onDidChangeDiagnostics((event) => { soon(event.uris); }),
    connection.onDidChange((state) => {
      if (state === 'running' && was !== state) {
        said.clear();
        soon(vscode.workspace.textDocuments.map((each) => each.uri));
      }
      was = state;
    }),
    vscode.workspace.onDidCloseTextDocument((document) => { said.delete(document.uri.toString()); }),
    { dispose: () => { clearTimeout(timer); } },
  );
}

function onTheWire({ range, message, severity, source, tags }: vscode.Diagnostic): object {
  const { start, end } = range; // a Range itself is written as a list
  return { range: { start, end }, message, severity: severity + 1, source, tags };
}
