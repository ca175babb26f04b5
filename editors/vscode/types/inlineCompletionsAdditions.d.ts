// What this extension uses of the proposed API `inlineCompletionsAdditions`. Where the editor does not allow it,
// registering with metadata throws, and decorations take its place.
import 'vscode';

declare module 'vscode' {
  export namespace languages {
    export function registerInlineCompletionItemProvider(
      selector: DocumentSelector,
      provider: InlineCompletionItemProvider,
      metadata: { displayName: string },
    ): Disposable;
  }

  export interface InlineCompletionItem {
    isInlineEdit?: boolean;
    /** The file to change, where it is another one. */
    uri?: Uri;
    displayLocation?: { range: Range; label: string; kind: 1 | 2 };
  }

  export interface InlineCompletionItemProvider {
    /** Ask this provider again. */
    onDidChange?: Event<void>;
    handleDidShowCompletionItem?(item: InlineCompletionItem): void;
    /** 0: accepted, 1: rejected, 2: ignored. */
    handleEndOfLifetime?(item: InlineCompletionItem, reason: { kind: 0 | 1 | 2 }): void;
  }
}
