/** TCP: a connection object for every socket that comes. */
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { Connection } from './iscsi/connection.ts';
import type { Target } from './target.ts';

/** A server that listens. */
export interface Listening {
  readonly port: number;
  /** Takes no more connections and drops those there are. */
  close(): void;
}

function attach(socket: Socket, target: Target): void {
  socket.setNoDelay(true);
  const connection = new Connection(
    {
      write: (bytes, sent) => socket.write(bytes, () => sent()),
      end: () => {
        socket.end();
        // A peer that keeps its half open would keep ours.
        setTimeout(() => socket.destroy(), 1000).unref();
      },
      pause: () => void socket.pause(),
      resume: () => void socket.resume(),
    },
    target,
  );
  socket.on('data', (chunk) => {
    try {
      connection.push(chunk);
    } catch (error) {
      target.fault(
        `a connection failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      );
      socket.destroy();
    }
  });
  // What a vanished peer causes is told by close, which always comes.
  socket.on('error', () => undefined);
  socket.on('close', () => {
    connection.close();
  });
}

/** Listens where the options say. */
export function serve(
  target: Target,
  where: { readonly host: string; readonly port: number },
): Promise<Listening> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    attach(socket, target);
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(where.port, where.host, () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : where.port;
      resolve({
        port,
        close: () => {
          server.close();
          for (const socket of sockets) socket.destroy();
        },
      });
    });
  });
}
