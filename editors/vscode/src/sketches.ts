// From a model's answer to an edit: the server does all of it, and shows the difference first.
import * as vscode from 'vscode';
import { settings, type Connection } from './connection';

/** `sketch`: the answer itself; else it stands in `document`. */
type Sketch = Readonly<{ sketch?: string; document?: string; version?: number; lines?: readonly [number, number] }>;

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

/** The difference first, also of what is refused: then it is the server's best guess, and says so. */
async function apply(connection: Connection, sketch: Sketch): Promise<void> {
  try {
    if (settings('client').get<boolean>('reviewSketches', true)) {
      const { refused } = await connection.run<{ refused: readonly string[] }>('tacit.previewApply', sketch);
      if (refused.length > 0) throw new Error(refused.join(' '));
      const chosen = await vscode.window.showInformationMessage('Tacit: apply this difference?', 'Apply', 'Discard');
      if (chosen !== 'Apply') return;
    }
    await connection.run('tacit.apply', sketch);
  } catch (error) {
    void vscode.window.showWarningMessage(`Tacit: ${error instanceof Error ? error.message : String(error)}`);
  }
}
