// Runs what comes over a socket, one JSON text a line, with `vscode` at hand; answers with what it returns.
const net = require('node:net');
const readline = require('node:readline');
const vscode = require('vscode');

const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor;

async function answer(code) {
  try {
    return { result: (await new AsyncFunction('vscode', code)(vscode)) ?? null };
  } catch (error) {
    return { error: String(error?.stack ?? error) };
  }
}

exports.activate = () => {
  net.createServer((socket) => {
    readline.createInterface({ input: socket }).on('line', async (line) => {
      socket.write(`${JSON.stringify(await answer(JSON.parse(line)))}\n`);
    });
  }).listen(process.env.TACIT_PROBE);
};
