/**
 * The worker's side: takes requests, asks the session, sends the answers.
 */
import type { RequestMessage, Reply, Requests, RequestName, WorkerMessage } from './messages.ts';
import { Session } from './session.ts';

/** Where messages come from and go to; the global object of a worker is one. */
export interface MessagePlace {
  postMessage(message: unknown): void;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
}

/** Answers requests with a session of its own. */
export function serve(place: MessagePlace, session: Session = new Session()): void {
  const send = (message: WorkerMessage): void => {
    place.postMessage(message);
  };
  place.onmessage = ({ data }) => {
    if (!isRequest(data)) return;
    const { id } = data;
    void answer(session, data, send).then((reply) => {
      send({ id, kind: 'answer', reply });
    });
  };
}

async function answer(
  session: Session,
  request: RequestMessage,
  send: (message: WorkerMessage) => void,
): Promise<Reply<Requests[RequestName]['answer']>> {
  const { id } = request;
  try {
    switch (request.name) {
      case 'load':
        return await session.load(request.given);
      case 'run':
        return session.run(request.given.schedule);
      case 'snapshot':
        return session.snapshot(request.given.moment);
      case 'decide':
        return session.decide(request.given.at, request.given.option);
      case 'moveInterrupt':
        return session.moveInterrupt(request.given);
      case 'explore':
        return session.explore(request.given, (progress) => {
          send({ id, kind: 'progress', progress });
        });
    }
  } catch (error) {
    // A bug of the laboratory: better told than waited for.
    return {
      ok: false,
      error: { text: error instanceof Error ? `${error.name}: ${error.message}` : String(error) },
    };
  }
}

function isRequest(data: unknown): data is RequestMessage {
  return typeof data === 'object' && data !== null && 'id' in data && 'name' in data && 'given' in data;
}
