// From a model's answer to an edit: the server does all of it, and the editor's refactoring preview shows it first.
import * as vscode from 'vscode';
import { settings, type Connection } from './connection';

interface Sketch {
  /** The answer itself; else it stands in `document`. */
  readonly sketch?: string;
  readonly document?: string;
  readonly version?: number;
  readonly lines?: readonly [number, number];
}

export async function applyClipboard(connection: Connection): Promise<void> {
  const sketch = await vscode.env.clipboard.readText();
  if (!sketch.trim()) {
    void vscode.window.showInformationMessage('Tacit: the clipboard holds no text. Copy a code block of an answer.');
    return;
  }
  const uri = vscode.window.activeTextEditor?.document.uri.toString();
  await apply(connection, uri === undefined ? { sketch } : { sketch, document: uri });
}

/** The fenced block at the cursor, or what is selected: also in chats and other views that the server has no text of. */
export async function applySelection(connection: Connection): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  if (!editor) return;
  const { document, selection } = editor;
  const lines: [number, number] = [selection.start.line, selection.end.line];
  const known = ['file', 'untitled'].includes(document.uri.scheme);
  const where = { document: document.uri.toString(), version: document.version };
  await apply(connection, known ? { ...where, lines } : { sketch: document.getText(), lines });
}

/** Nothing is lost by a refusal: its reason is told, and the server's best guess can be looked at. */
async function apply(connection: Connection, sketch: Sketch): Promise<void> {
  const look = 'Show the Difference';
  try {
    await connection.run('tacit.apply', { ...sketch, review: settings('client').get('reviewSketches', true) });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if ((await vscode.window.showWarningMessage(`Tacit: ${reason}`, look)) !== look) return;
    connection.run('tacit.previewApply', sketch).catch(() => {
      void vscode.window.showInformationMessage('Tacit: there is no guess that could be shown.');
    });
  }
}
