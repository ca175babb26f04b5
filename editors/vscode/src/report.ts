// The server's report (`tacit/status`) in the words of the status bar. Pure: knows no editor.

export interface Request {
  readonly document: string;
  readonly outcome: string;
  readonly total_ms: number;
  readonly reason: string;
  readonly sentence: string;
  readonly detail: string;
  readonly source: string;
}

export interface Report {
  readonly version: string;
  readonly memory_mb: number;
  readonly model: { readonly phase: string; readonly name: string; readonly tier: string; readonly detail: string };
  readonly stages: Readonly<Record<string, { readonly p50: number; readonly p99: number }>>;
  readonly requests: readonly Request[];
}

/** `stopped`: it does not run, or not any more. */
export type State = 'missing' | 'starting' | 'running' | 'stopped';

/** The tooltip is lines of Markdown. */
export type Shown = Readonly<{ text: string; tooltip: readonly string[]; alarm: boolean }>;

const STATES = {
  missing: ['$(circle-slash) Tacit', 'The server is not installed. A click installs it.'],
  starting: ['$(loading~spin) Tacit', 'The server is starting.'],
  stopped: ['$(error) Tacit', 'The server has stopped. A click starts it again.'],
  running: ['$(sparkle) Tacit', 'The server is up.'],
} as const;

/** Silences that say nothing about why there is no suggestion: another request has taken their place. */
const PASSING = new Set(['cancelled', 'superseded', 'stale']);

/** What the status bar says. */
export function describe(state: State, report?: Report): Shown {
  const [text, sentence] = STATES[state];
  const alarm = state === 'missing' || state === 'stopped';
  if (state !== 'running' || !report) return { text, tooltip: [sentence], alarm };
  const { model } = report;
  const name = model.name || 'no model';
  const speed = report.stages.total;
  const last = report.requests.findLast((request) => !PASSING.has(request.reason));
  const tooltip = [
    `**Tacit ${report.version}**, ${Math.round(report.memory_mb)} MB`,
    `Model: ${name}, ${model.phase}${model.detail ? ` (${model.detail})` : ''}`,
    ...(speed ? [`Latency: ${Math.round(speed.p50)} ms, at most ${Math.round(speed.p99)} ms (p99)`] : []),
    ...(last ? [`Last: ${outcome(last)}`] : []),
  ];
  if (model.phase === 'failed') return { text: '$(warning) Tacit: no model', tooltip, alarm: true };
  if (model.phase !== 'ready') return { text: `$(loading~spin) Tacit: model ${model.phase}`, tooltip, alarm: false };
  if (!last) return { text, tooltip, alarm };
  const told = last.outcome === 'shown' ? `${Math.round(last.total_ms)} ms` : last.reason;
  return { text: `${text} ${told}`, tooltip, alarm };
}

/** Whether the model is still on its way, so that the report changes without anybody asking for anything. */
export function isPreparing(report: Report): boolean {
  return !['ready', 'failed'].includes(report.model.phase);
}

function outcome(request: Request): string {
  const time = `${Math.round(request.total_ms)} ms`;
  if (request.outcome === 'shown') return `a suggestion in ${time} (${request.source})`;
  return `nothing, in ${time}. ${request.sentence}${request.detail ? ` (${request.detail})` : ''}`;
}
