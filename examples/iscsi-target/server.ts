/** The TCP server: makes a connection object for every socket that it accepts. */
import { createServer, Socket } from 'node:net';
import type { SocketConstructorOpts } from 'node:net';
import { Connection } from './iscsi/connection.ts';
import type { Target } from './target.ts';

/** A server that listens. */
export interface Listening {
  readonly port: number;
  /** Stops accepting connections and closes those that exist. */
  close(): void;
}

const RECEIVE_BYTES = 256 * 1024;
/** The interval in milliseconds at which time limits are checked. */
const TICK = 250;

/**
 * Makes an accepted socket read into one buffer instead of a new buffer for each read, which doubles the throughput.
 * Node offers this only for sockets that a program opens itself, so a new socket takes the handle of the accepted one.
 * If there is no handle, the accepted socket is used as it is.
 */
function receiving(accepted: Socket, take: (chunk: Uint8Array) => void): Socket {
  const { _handle: handle } = accepted as unknown as { readonly _handle?: object };
  if (handle === undefined) return accepted.on('data', take).resume();
  const options = {
    handle,
    onread: {
      buffer: Buffer.allocUnsafeSlow(RECEIVE_BYTES),
      callback: (bytes: number, buffer: Uint8Array) => {
        take(buffer.subarray(0, bytes));
        return true;
      },
    },
  };
  const socket = new Socket(options as SocketConstructorOpts);
  socket.read(0);
  return socket;
}

function attach(accepted: Socket, target: Target): Socket {
  const socket = receiving(accepted, (chunk) => {
    connection.push(chunk);
  });
  const connection = new Connection(
    {
      write: (bytes, sent) => socket.write(bytes, () => sent()),
      end: () => {
        socket.end();
        // Without this, a peer that does not close its half would keep our half open.
        setTimeout(() => socket.destroy(), 1000).unref();
      },
      pause: () => void socket.pause(),
      resume: () => void socket.resume(),
    },
    target,
  );
  socket.setNoDelay(true);
  // An error of a peer that vanished needs no handling here, because a close event always follows.
  socket.on('error', () => undefined);
  socket.on('close', () => {
    connection.close();
  });
  return socket;
}

/** Listens on the address in the options. */
export function serve(
  target: Target,
  where: { readonly host: string; readonly port: number },
): Promise<Listening> {
  const sockets = new Set<Socket>();
  target.tick(performance.now());
  const clock = setInterval(() => target.tick(performance.now()), TICK);
  clock.unref();
  const server = createServer({ pauseOnConnect: true }, (accepted) => {
    const socket = attach(accepted, target);
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(where.port, where.host, () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : where.port;
      resolve({
        port,
        close: () => {
          clearInterval(clock);
          server.close();
          for (const socket of sockets) socket.destroy();
        },
      });
    });
  });
}
