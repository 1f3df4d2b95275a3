/** TCP: a connection object for every socket that comes. */
import { createServer, Socket } from 'node:net';
import type { SocketConstructorOpts } from 'node:net';
import { Connection } from './iscsi/connection.ts';
import type { Target } from './target.ts';

/** A server that listens. */
export interface Listening {
  readonly port: number;
  /** Takes no more connections and drops those there are. */
  close(): void;
}

const RECEIVE_BYTES = 256 * 1024;
/** Milliseconds from one look at the time to the next. */
const TICK = 250;

/**
 * A socket that was accepted, reading into one buffer again and again instead of a new one each time:
 * twice the throughput. Node offers that for sockets one opens oneself; for an accepted one its handle
 * has to change hands. Where Node has none to give, the socket stays as it is.
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
        // A peer that keeps its half open would keep ours.
        setTimeout(() => socket.destroy(), 1000).unref();
      },
      pause: () => void socket.pause(),
      resume: () => void socket.resume(),
    },
    target,
  );
  socket.setNoDelay(true);
  // What a vanished peer causes is told by close, which always comes.
  socket.on('error', () => undefined);
  socket.on('close', () => {
    connection.close();
  });
  return socket;
}

/** Listens where the options say. */
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
