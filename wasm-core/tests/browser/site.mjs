/**
 * A real server with the test page before it, and a network between that can be cut: the page itself
 * is always there (as an installed app's is), `/api` and `/ws` pass only while they are let.
 */
import { spawn } from 'node:child_process';
import { request as httpRequest } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kRoomy } from '../../../tests/support/server.mjs';
import { serve } from './chromium.mjs';

/** `roomy`: without the limits that many people from one address would run into. */
export async function startServer(binary, web, { roomy = false } = {}) {
  const data = await mkdtemp(join(tmpdir(), 'godwit-data-'));
  const words = ['serve', '--listen', '127.0.0.1:0', '--data', data, '--web', web, ...(roomy ? kRoomy : [])];
  const child = spawn(binary, words, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  const port = await new Promise((resolve, reject) => {
    const hear = (bytes) => {
      said += bytes;
      const found = /listening on http:\/\/[^:\s]+:(\d+)/.exec(said);
      if (found) resolve(Number(found[1]));
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('error', reject);
    child.on('exit', () => reject(new Error(`the server ended: ${said}`)));
  });
  return {
    port,
    said: () => said,
    async stop() {
      if (child.exitCode === null) {
        const ended = new Promise((resolve) => child.once('exit', resolve));
        process.kill(child.pid, 'SIGTERM');
        await ended;
      }
      await rm(data, { recursive: true, force: true });
    },
  };
}

export async function startSite(folders, serverPort) {
  const allowed = { api: true, ws: true, answers: true };
  const sockets = new Set();
  let change = (path, bytes) => bytes;
  const pass = (request, response) => {
    if (!allowed.api) return request.socket.destroy();
    const onward = httpRequest({ host: '127.0.0.1', port: serverPort, path: request.url, method: request.method, headers: request.headers },
      (answer) => { response.writeHead(answer.statusCode, answer.headers); answer.pipe(response); });
    onward.on('error', () => request.socket.destroy());
    request.pipe(onward);
  };
  const site = await serve(folders, pass, (path, bytes) => change(path, bytes));
  site.server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    if (!allowed.ws) return socket.destroy();
    const onward = connect(serverPort, '127.0.0.1', () => {
      const headers = request.rawHeaders.reduce((all, part, i) => all + (i % 2 ? `${part}\r\n` : `${part}: `), '');
      onward.write(`${request.method} ${request.url} HTTP/1.1\r\n${headers}\r\n`);
      onward.write(head);
      onward.on('data', (bytes) => { if (allowed.answers) socket.write(bytes); });
      socket.pipe(onward);
    });
    for (const one of [socket, onward]) {
      sockets.add(one);
      one.on('error', () => one.destroy());
      one.on('close', () => { sockets.delete(one); socket.destroy(); onward.destroy(); });
    }
  });
  return {
    ...site,
    /** What passes: {api, ws}, and {answers} over `ws`. What no longer may is cut off at once. */
    let(next) {
      Object.assign(allowed, next);
      if (!allowed.ws) for (const socket of sockets) socket.destroy();
    },
    /** From now on `other(path, bytes)` is handed out for the page's own files. */
    changeFiles(other) {
      change = other;
    },
  };
}
