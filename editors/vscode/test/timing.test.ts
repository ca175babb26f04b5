import assert from 'node:assert/strict';
import { test } from 'node:test';
import { timed, times } from '../src/timing';

test('the time until a handler returns is measured, and not what it waits for', async () => {
  const wait = timed('waits', () => new Promise((resolve) => setTimeout(resolve, 40)));
  const block = timed('blocks', (ms: number) => {
    const end = performance.now() + ms;
    while (performance.now() < end);
    return ms;
  });
  await wait();
  assert.equal(block(30), 30);
  assert.deepEqual([times().waits?.calls, times().waits?.late], [1, 0]);
  assert.equal(times().blocks?.late, 1);
  assert.ok((times().blocks?.longest ?? 0) >= 30);
});

test('a handler that throws is measured too', () => {
  const fail = timed('fails', () => {
    throw new Error('no');
  });
  assert.throws(fail, /no/);
  assert.equal(times().fails?.calls, 1);
});
