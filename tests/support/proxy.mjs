// The network between a browser and the server, as something that can be cut: a TCP proxy on a port
// of its own. While cut it refuses connections, and what was open is gone, as with a pulled cable
// and a dead access point at once. The browser's own "offline" switch does neither to sockets.
import { createServer, connect } from 'node:net';

export async function start_proxy(to_port) {
  const open = new Set();
  let target = to_port;
  let server;
  const listen = (port) =>
    new Promise((resolve, reject) => {
      server = createServer({ allowHalfOpen: false }, (near) => join(near, connect(target, '127.0.0.1')));
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
  const join = (near, far) => {
    for (const [socket, other] of [[near, far], [far, near]]) {
      open.add(socket);
      socket.setNoDelay(true);
      socket.pipe(other);
      socket.on('error', () => other.destroy());
      socket.on('close', () => open.delete(socket) && other.destroy());
    }
  };
  const cut = async () => {
    if (!server.listening) return;
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of open) socket.resetAndDestroy();
    await closed;
  };
  await listen(0);
  const { port } = server.address();
  return {
    origin: `http://127.0.0.1:${port}`,
    cut,
    restore: async () => {
      if (!server.listening) await listen(port);
    },
    /** From now on new connections lead to another server. */
    retarget: (other_port) => {
      target = other_port;
    },
    close: cut,
  };
}
