import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describe, isPreparing, type Report, type Request } from '../src/report';

const SHOWN: Request = { document: 'a.py', outcome: 'shown', total_ms: 41.6, reason: '', sentence: '', detail: '', source: 'model' };
const SILENT: Request = { ...SHOWN, outcome: 'silent', total_ms: 3, reason: 'unsure', sentence: 'It is not sure.', detail: '0.12' };

function report(phase: string, requests: Request[] = [], detail = ''): Report {
  const model = { phase, name: 'qwen', tier: 'M', detail };
  return { version: '0.1.0', memory_mb: 612.3, model, stages: { total: { p50: 40.2, p99: 201 } }, requests };
}

test('the text is the state, the latency, or why there was nothing', () => {
  assert.match(describe('missing').text, /Tacit$/);
  assert.ok(describe('missing').alarm && describe('stopped').alarm && !describe('starting').alarm);
  assert.equal(describe('running', report('ready', [SILENT, SHOWN])).text, '$(sparkle) Tacit 42 ms');
  assert.equal(describe('running', report('ready', [SHOWN, SILENT])).text, '$(sparkle) Tacit unsure');
});

test('a request that another one replaced explains nothing', () => {
  const passing = { ...SILENT, reason: 'superseded' };
  assert.equal(describe('running', report('ready', [SHOWN, passing])).text, '$(sparkle) Tacit 42 ms');
});

test('the tooltip says what a person asks for', () => {
  const { tooltip } = describe('running', report('ready', [SILENT]));
  assert.deepEqual(tooltip, [
    '**Tacit 0.1.0**, 612 MB',
    'Model: qwen, ready',
    'Latency: 40 ms, at most 201 ms (p99)',
    'Last: nothing, in 3 ms. It is not sure. (0.12)',
  ]);
});

test('a model that is on its way is waited for, and one that failed is told', () => {
  assert.ok(isPreparing(report('loading')) && !isPreparing(report('ready')) && !isPreparing(report('failed')));
  assert.match(describe('running', report('loading')).text, /model loading/);
  const failed = describe('running', report('failed', [], 'the disk is full'));
  assert.ok(failed.alarm && failed.tooltip.some((line) => line.includes('the disk is full')));
});
