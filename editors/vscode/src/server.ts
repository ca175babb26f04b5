// Where the server may be, and how it can be installed. Pure: the file system is asked through `exists`.
import * as path from 'node:path';

/** The oldest server that this extension knows how to speak to. */
export const OLDEST = '0.1.0';

export interface Machine {
  readonly windows: boolean;
  /** The variable PATH. */
  readonly path: string;
  readonly home: string;
  /** The folder that the editor gives this extension. */
  readonly storage: string;
  /** Workspace folders whose programs may be run. */
  readonly trusted: readonly string[];
  readonly exists: (file: string) => boolean;
}

/** The command that starts the server, the setting first; undefined where there is none. */
export function find(setting: readonly string[], machine: Machine): string[] | undefined {
  const [named, ...rest] = setting;
  if (named !== undefined) {
    const program = path.isAbsolute(named) ? named : onPath(named, machine);
    return program !== undefined && machine.exists(program) ? [program, ...rest] : undefined;
  }
  const venvs = [...machine.trusted.map((folder) => path.join(folder, '.venv')), path.join(machine.storage, 'venv')];
  const places = [
    onPath('tacit', machine),
    ...venvs.map((venv) => inVenv(venv, 'tacit', machine)),
    path.join(machine.home, '.local', 'bin', executable('tacit', machine)), // pipx and uv, not yet on the PATH
  ];
  const program = places.find((place) => place !== undefined && machine.exists(place));
  return program === undefined ? undefined : [program];
}

/** The ways to install `what` (a package's name, a wheel or a folder of the source), by the tools that are there. */
export function installers(what: string, machine: Machine): Map<string, string> {
  const quoted = quote(what, machine);
  const ways = new Map<string, string>();
  if (onPath('uv', machine)) ways.set('uv', `uv tool install ${quoted}`);
  if (onPath('pipx', machine)) ways.set('pipx', `pipx install ${quoted}`);
  const python = ['python3', 'python', 'py'].find((name) => onPath(name, machine));
  if (python !== undefined) {
    const venv = path.join(machine.storage, 'venv');
    const pip = quote(inVenv(venv, 'python', machine), machine);
    const then = machine.windows ? `; & ${pip}` : ` && ${pip}`; // PowerShell knows no `&&` before its version 7
    ways.set('pip', `${python} -m venv ${quote(venv, machine)}${then} -m pip install --upgrade ${quoted}`);
  }
  return ways;
}

/** Whether version `a` comes before version `b`; what cannot be read counts as recent. */
export function isOlder(a: string | undefined, b: string): boolean {
  const [left, right] = [numbers(a ?? ''), numbers(b)];
  const first = right.findIndex((number, i) => number !== (left[i] ?? 0));
  return left.length > 0 && first >= 0 && (left[first] ?? 0) < (right[first] ?? 0);
}

/** Whether a server ends again and again. */
export class Crashes {
  private times: number[] = [];

  /** One more, at `now` (ms); true where it is the fourth within three minutes. */
  add(now: number): boolean {
    this.times = [...this.times.filter((time) => now - time < 180_000), now];
    return this.times.length >= 4;
  }
}

function onPath(name: string, machine: Machine): string | undefined {
  return machine.path
    .split(machine.windows ? ';' : ':')
    .filter((folder) => path.isAbsolute(folder)) // never the folder that happens to be the current one
    .map((folder) => path.join(folder, executable(name, machine)))
    .find(machine.exists);
}

function inVenv(venv: string, name: string, machine: Machine): string {
  return path.join(venv, machine.windows ? 'Scripts' : 'bin', executable(name, machine));
}

function executable(name: string, machine: Machine): string {
  return machine.windows && !name.includes('.') ? `${name}.exe` : name;
}

function quote(text: string, machine: Machine): string {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text;
  return machine.windows ? `'${text.replaceAll("'", "''")}'` : `'${text.replaceAll("'", `'\\''`)}'`;
}

function numbers(version: string): number[] {
  return (/\d+(\.\d+)*/.exec(version)?.[0] ?? '').split('.').filter(Boolean).map(Number);
}
