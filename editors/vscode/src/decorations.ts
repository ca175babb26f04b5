// The next edit in builds of the editor without a way of their own: red what goes, grey what comes, and at the cursor
// what Tab does. Tab and Esc come through the context key `tacit.nextEdit`.
import * as vscode from 'vscode';
import { SELECTOR, type Connection } from './connection';
import { behindLast, endOf, hint, isHere, onOneLine, type Here, type NextEdit } from './edits';
import { isCurrent, range, reject, type Ask } from './nextEdits';
import { timed } from './timing';

/** Typing is faster; the server would be asked in vain. */
const REST_MS = 50;
/** Columns behind the cursor that are in sight, most likely; a line may end far outside of the window. */
const IN_SIGHT = 40;

const { window, workspace, commands } = vscode;
const colour = (id: string): vscode.ThemeColor => new vscode.ThemeColor(id);

export class Decorations implements vscode.Disposable {
  private shown: NextEdit | undefined;
  private asked = new vscode.CancellationTokenSource();
  private timer: NodeJS.Timeout | undefined;

  private readonly deleted = window.createTextEditorDecorationType({
    textDecoration: 'line-through',
    color: colour('gitDecoration.deletedResourceForeground'),
    backgroundColor: colour('diffEditor.removedTextBackground'),
  });
  private readonly inserted = window.createTextEditorDecorationType({
    after: { color: colour('editorGhostText.foreground'), fontStyle: 'italic' },
  });
  private readonly widget = window.createTextEditorDecorationType({
    after: {
      color: colour('editorSuggestWidget.foreground'),
      backgroundColor: colour('editorSuggestWidget.background'),
      border: '1px solid',
      borderColor: colour('editorSuggestWidget.border'),
      margin: '0 0 0 2em',
    },
  });
  private readonly disposables: { dispose(): unknown }[];

  constructor(
    private readonly connection: Connection,
    private readonly ask: Ask,
  ) {
    const changed = timed('change', (event: vscode.TextDocumentChangeEvent) => {
      if (event.contentChanges.length === 0) return;
      if (this.shown?.textDocument.uri === event.document.uri.toString()) this.show(undefined);
      if (event.document === window.activeTextEditor?.document) this.askSoon();
    });
    const moved = timed('cursor', (event: vscode.TextEditorSelectionChangeEvent) => {
      if (event.textEditor !== window.activeTextEditor) return;
      this.draw();
      this.askSoon();
    });
    this.disposables = [
      this.deleted,
      this.inserted,
      this.widget,
      workspace.onDidChangeTextDocument(changed),
      window.onDidChangeTextEditorSelection(moved),
      window.onDidChangeActiveTextEditor(() => {
        this.draw();
        this.askSoon();
      }),
      connection.onDidChange((state) => {
        if (state !== 'running') this.show(undefined);
      }),
      commands.registerCommand('tacit.showNextEdit', () => this.askNow(true)),
      commands.registerCommand('tacit.takeNextEdit', timed('take', () => this.take())),
      commands.registerCommand('tacit.dismissNextEdit', () => { this.dismiss(); }),
    ];
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.asked.cancel();
    this.show(undefined);
    vscode.Disposable.from(...this.disposables).dispose();
  }

  /** The server knows more than before. */
  askAgain(): void {
    if (!this.shown) this.askSoon();
  }

  private askSoon(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.askNow(false), REST_MS);
  }

  private async askNow(wanted: boolean): Promise<void> {
    this.asked.cancel();
    const source = (this.asked = new vscode.CancellationTokenSource());
    const editor = window.activeTextEditor;
    if (!editor || !vscode.languages.match(SELECTOR, editor.document) || editor.selections.length > 1) return;
    const edit = await this.ask(editor.document, editor.selection.active, wanted, source.token);
    if (!source.token.isCancellationRequested) this.show(edit);
  }

  private show(edit: NextEdit | undefined): void {
    const isNew = edit && edit.command.arguments[0] !== this.shown?.command.arguments[0];
    this.shown = edit;
    if (isNew) this.connection.notify('textDocument/didShowInlineEdit', { item: edit });
    void commands.executeCommand('setContext', 'tacit.nextEdit', edit !== undefined);
    this.draw();
  }

  private readonly draw = timed('draw', () => {
    const edit = this.shown;
    for (const editor of window.visibleTextEditors) {
      const uri = editor.document.uri.toString();
      const cursor = editor.selection.active;
      const here: Here = { uri, line: cursor.line };
      const inFile = edit?.textDocument.uri === uri && isCurrent(edit);
      editor.setDecorations(this.deleted, inFile ? [range(edit)] : []);
      editor.setDecorations(this.inserted, inFile && edit.text ? [behind(last(edit, editor), onOneLine(edit.text), edit.text)] : []);
      const hinted = edit && editor === window.activeTextEditor;
      const { end } = editor.document.lineAt(here.line).range;
      const at = end.character - cursor.character > IN_SIGHT ? cursor : end;
      editor.setDecorations(this.widget, hinted ? [behind(at, hint(edit, here))] : []);
    }
  });

  /** Go to the edit, or make it where the cursor is there already. */
  private async take(): Promise<void> {
    const [edit, editor] = [this.shown, window.activeTextEditor];
    if (!edit || !editor || !isCurrent(edit)) return;
    const here: Here = { uri: editor.document.uri.toString(), line: editor.selection.active.line };
    const { start } = range(edit);
    if (!isHere(edit, here)) {
      await window.showTextDocument(vscode.Uri.parse(edit.textDocument.uri), {
        selection: new vscode.Range(start, start),
      });
      this.draw();
      return;
    }
    this.show(undefined);
    if (!(await editor.edit((builder) => { builder.replace(range(edit), edit.text); }))) return;
    const end = endOf(start, edit.text);
    const cursor = new vscode.Position(end.line, end.character);
    editor.selection = new vscode.Selection(cursor, cursor);
    await this.connection.run(edit.command.command, ...edit.command.arguments);
    this.askSoon();
  }

  private dismiss(): void {
    const id = this.shown?.command.arguments[0];
    this.show(undefined);
    if (id !== undefined) reject(this.connection, id);
  }
}

function last(edit: NextEdit, editor: vscode.TextEditor): vscode.Position {
  const { line, character } = behindLast(edit, (each) => editor.document.lineAt(each).text.length);
  return new vscode.Position(line, character);
}

function behind(end: vscode.Position, contentText: string, hover = ''): vscode.DecorationOptions {
  const hoverMessage = hover ? new vscode.MarkdownString().appendCodeblock(hover) : [];
  return { range: new vscode.Range(end, end), hoverMessage, renderOptions: { after: { contentText } } };
}
