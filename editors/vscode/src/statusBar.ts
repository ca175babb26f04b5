// The item in the status bar: state, latency, and why there was nothing.
import * as vscode from 'vscode';
import type { Connection } from './connection';
import { describe, isPreparing, type Report } from './report';

export class StatusBar implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem('tacit', vscode.StatusBarAlignment.Right, 100);
  private readonly listener: vscode.Disposable;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly connection: Connection) {
    this.item.name = 'Tacit';
    this.item.command = 'tacit.menu';
    this.listener = connection.onDidChange(() => { this.updateIn(400); });
    this.draw();
    this.item.show();
  }

  dispose(): void {
    clearTimeout(this.timer);
    vscode.Disposable.from(this.listener, this.item).dispose();
  }

  /** Suggestions come with every key; what became of them is looked at once they rest. */
  private updateIn(ms: number): void {
    clearTimeout(this.timer);
    if (this.connection.state !== 'running') {
      this.draw();
      return;
    }
    this.timer = setTimeout(() => void this.update(), ms);
  }

  private async update(): Promise<void> {
    const report = await this.connection.ask<Report>('tacit/status', {});
    this.draw(report);
    if (report && isPreparing(report)) this.updateIn(1500);
  }

  private draw(report?: Report): void {
    const { text, tooltip, alarm } = describe(this.connection.state, report);
    this.item.text = text;
    this.item.tooltip = new vscode.MarkdownString(tooltip.join('\n\n'), true);
    this.item.backgroundColor = alarm ? new vscode.ThemeColor('statusBarItem.warningBackground') : undefined;
  }
}
