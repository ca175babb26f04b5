import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Crashes, find, installers, isOlder, type Machine } from '../src/server';

function machine(files: string[], rest: Partial<Machine> = {}): Machine {
  return {
    windows: false,
    path: '/usr/local/bin:/usr/bin',
    home: '/home/me',
    storage: '/home/me/storage',
    trusted: ['/project'],
    exists: (file) => files.includes(file),
    ...rest,
  };
}

const EVERYWHERE = ['/usr/bin/tacit', '/project/.venv/bin/tacit', '/home/me/storage/venv/bin/tacit', '/home/me/.local/bin/tacit'];

test('the server is looked for in the setting, the PATH, the trusted folder, our own venv, and where pipx puts it', () => {
  assert.deepEqual(find(['/opt/tacit', '-v'], machine(['/opt/tacit', ...EVERYWHERE])), ['/opt/tacit', '-v']);
  assert.deepEqual(find(['tacit'], machine(EVERYWHERE)), ['/usr/bin/tacit']);
  for (let i = 0; i < EVERYWHERE.length; i++) {
    assert.deepEqual(find([], machine(EVERYWHERE.slice(i))), [EVERYWHERE[i]]);
  }
  assert.equal(find([], machine([])), undefined);
});

test('a setting that is wrong is not replaced by something else', () => {
  assert.equal(find(['/no/such/tacit'], machine(EVERYWHERE)), undefined);
});

test('nothing is run from a folder that is not trusted, or from the current one', () => {
  assert.equal(find([], machine(['/project/.venv/bin/tacit'], { trusted: [] })), undefined);
  assert.equal(find([], machine(['tacit', './tacit', 'bin/tacit'], { path: ':.:bin' })), undefined);
});

test('only ways to install that are there are offered, and what is installed is quoted', () => {
  assert.deepEqual([...installers('tacit', machine([])).keys()], []);
  const ways = installers("/a b/it's", machine(['/usr/bin/uv', '/usr/bin/pipx', '/usr/bin/python3']));
  assert.deepEqual([...ways.keys()], ['uv', 'pipx', 'pip']);
  assert.equal(ways.get('pipx'), `pipx install '/a b/it'\\''s'`);
  assert.equal(
    ways.get('pip'),
    `python3 -m venv /home/me/storage/venv && /home/me/storage/venv/bin/python -m pip install --upgrade '/a b/it'\\''s'`,
  );
  assert.equal(installers('$(rm -rf ~)', machine(['/usr/bin/uv'])).get('uv'), `uv tool install '$(rm -rf ~)'`);
});

test('versions are compared by number', () => {
  assert.ok(isOlder('0.9.0', '0.10.0'));
  assert.ok(isOlder('0.1', '0.1.1'));
  assert.ok(!isOlder('0.10.0', '0.9.9'));
  assert.ok(!isOlder('0.1.0', '0.1.0'));
  assert.ok(!isOlder(undefined, '0.1.0'), 'unknown is no reason to complain');
});

test('a server that ends now and then is no loop; one that ends four times in three minutes is', () => {
  const crashes = new Crashes();
  assert.deepEqual([0, 100_000, 200_000, 300_000].map((now) => crashes.add(now)), [false, false, false, false]);
  assert.deepEqual([301_000, 302_000].map((now) => crashes.add(now)), [false, true]);
});
