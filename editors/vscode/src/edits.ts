// Next edits as they come over the wire, and how they are told to a person. Pure: knows no editor.

export type Place = Readonly<{ line: number; character: number }>;
export type Here = Readonly<{ uri: string; line: number }>;

/** One edit of the answer to `textDocument/copilotInlineEdit`. */
export interface NextEdit {
  readonly text: string;
  /** Without a version where the file is not open: then only its place is shown. */
  readonly textDocument: { readonly uri: string; readonly version: number | null };
  readonly range: { readonly start: Place; readonly end: Place };
  readonly command: { readonly title: string; readonly command: string; readonly arguments: readonly string[] };
}

/** Whether the cursor is at the edit already, so that taking it makes it and does not jump. */
export function isHere(edit: NextEdit, here: Here): boolean {
  const { start, end } = edit.range;
  // A range that ends at the beginning of a line holds nothing of that line.
  const last = end.character === 0 && end.line > start.line ? end.line - 1 : end.line;
  return edit.textDocument.uri === here.uri && start.line <= here.line && here.line <= last;
}

/** What Tab does, for the end of the cursor's line. */
export function hint(edit: NextEdit, here: Here): string {
  const line = edit.range.start.line;
  if (isHere(edit, here)) return '⇥ Tab';
  const { uri } = edit.textDocument;
  if (uri !== here.uri) return `⇥ ${decodeURIComponent(uri.slice(uri.lastIndexOf('/') + 1))}, line ${line + 1}`;
  return `⇥ line ${line + 1} ${line < here.line ? '↑' : '↓'}`;
}

/** The line and column behind the last thing that goes: not the beginning of the line behind whole ones. */
export function behindLast(edit: NextEdit, lengthOf: (line: number) => number): Place {
  const { start, end } = edit.range;
  if (end.character > 0 || end.line === start.line) return end;
  return { line: end.line - 1, character: lengthOf(end.line - 1) };
}

/** Decorations have one line. */
export function onOneLine(text: string): string {
  const shown = text.replace(/\n$/, '').replace(/\s*\n\s*/g, ' ⏎ ').replace(/\s+/g, ' ').trimStart();
  return shown.length > 120 ? `${shown.slice(0, 119)}…` : shown;
}

/** Where the cursor stands after `text` was written at `start`. */
export function endOf(start: Place, text: string): Place {
  const lines = text.split('\n');
  const last = lines.at(-1) ?? '';
  const line = start.line + lines.length - 1;
  return { line, character: lines.length === 1 ? start.character + last.length : last.length };
}
