import assert from 'node:assert/strict';
import { test } from 'node:test';
import { behindLast, endOf, hint, isHere, onOneLine, type NextEdit } from '../src/edits';

const FILE = 'file:///home/a%20b/shop.py';

function edit(start: [number, number], end: [number, number], text = 'cost', uri = FILE): NextEdit {
  return {
    text,
    textDocument: { uri, version: 0 },
    range: { start: { line: start[0], character: start[1] }, end: { line: end[0], character: end[1] } },
    command: { title: '', command: 'tacit.acceptNextEdit', arguments: ['1'] },
  };
}

test('an edit is here where the cursor is on one of its lines', () => {
  const change = edit([3, 4], [5, 2]);
  assert.deepEqual([2, 3, 4, 5, 6].filter((line) => isHere(change, { uri: FILE, line })), [3, 4, 5]);
});

test('the line after a deleted line is not of the deletion', () => {
  const deletion = edit([3, 0], [4, 0], '');
  assert.deepEqual([2, 3, 4].filter((line) => isHere(deletion, { uri: FILE, line })), [3]);
});

test('what comes instead of whole lines stands behind the last of them', () => {
  const lengthOf = (line: number): number => 10 * line;
  assert.deepEqual(behindLast(edit([3, 0], [5, 0], 'a\nb\n'), lengthOf), { line: 4, character: 40 });
  assert.deepEqual(behindLast(edit([3, 0], [3, 0], 'a\n'), lengthOf), { line: 3, character: 0 });
  assert.deepEqual(behindLast(edit([3, 4], [3, 9]), lengthOf), { line: 3, character: 9 });
});

test('an insertion at the beginning of a line is of that line', () => {
  assert.ok(isHere(edit([3, 0], [3, 0]), { uri: FILE, line: 3 }));
});

test('an edit of another file is never here', () => {
  assert.ok(!isHere(edit([3, 0], [3, 5]), { uri: 'file:///till.py', line: 3 }));
});

test('the hint says where Tab goes, in lines from 1', () => {
  const change = edit([63, 6], [63, 10]);
  assert.equal(hint(change, { uri: FILE, line: 63 }), '⇥ Tab');
  assert.equal(hint(change, { uri: FILE, line: 0 }), '⇥ line 64 ↓');
  assert.equal(hint(change, { uri: FILE, line: 70 }), '⇥ line 64 ↑');
  assert.equal(hint(change, { uri: 'file:///till.py', line: 63 }), '⇥ shop.py, line 64');
});

test('a decoration is one short line, whatever is inserted', () => {
  assert.equal(onOneLine('cost'), 'cost');
  assert.equal(onOneLine('\n    log(x)'), '⏎ log(x)');
  assert.equal(onOneLine('a\n    b\n'), 'a ⏎ b');
  for (const text of ['x'.repeat(1000), 'x\n'.repeat(1000)]) {
    assert.ok(onOneLine(text).length <= 120 && onOneLine(text).endsWith('…'));
  }
});

test('the cursor goes to the end of what was written', () => {
  assert.deepEqual(endOf({ line: 2, character: 4 }, 'cost'), { line: 2, character: 8 });
  assert.deepEqual(endOf({ line: 2, character: 4 }, ''), { line: 2, character: 4 });
  assert.deepEqual(endOf({ line: 2, character: 4 }, 'a\nbcd'), { line: 3, character: 3 });
  assert.deepEqual(endOf({ line: 2, character: 4 }, 'a\n'), { line: 3, character: 0 });
  assert.deepEqual(endOf({ line: 0, character: 0 }, '🎉'), { line: 0, character: 2 }, 'UTF-16, as the editor counts');
});
