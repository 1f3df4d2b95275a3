import { kmap, kmapLocal, vmap } from 'scatterlist/backends';
import { err } from 'scatterlist';
import { WaitQueue } from 'scatterlist/machine';
import { sleeping } from '../../lib/conformance/sleeping.ts';
import { broken, catches } from './faulty.ts';

describe('the clause on sleeping', () => {
  catches(
    sleeping,
    'sleeps and does not say so',
    broken(kmap, () => ({ contract: { sleeps: false } })),
    /went to sleep, though the contract says that it never does/,
  );

  catches(
    sleeping,
    'says that it sleeps and fails instead',
    broken(kmap, (inner) => ({ map: (page, offset, length) => inner.map(page, offset, length) })),
    /answered instead of sleeping/,
  );

  catches(
    sleeping,
    'says that it sleeps and has nothing to wait for',
    broken(kmapLocal, () => ({ contract: { sleeps: true } })),
    /mapWait can never sleep/,
  );

  catches(
    sleeping,
    'stops though nothing is in the way',
    broken(kmapLocal, (inner) => ({
      *mapWait(page, offset, length) {
        yield;
        return inner.map(page, offset, length);
      },
    })),
    /stopped, though nothing is in the way/,
  );

  catches(
    sleeping,
    'stops without saying what it waits for',
    broken(kmap, (inner) => ({
      *mapWait(page, offset, length) {
        for (;;) {
          const mapped = inner.map(page, offset, length);
          if (mapped.ok) return mapped;
          yield;
        }
      },
    })),
    /without saying what it sleeps on/,
  );

  catches(
    sleeping,
    'does not wake who waits',
    broken(kmap, (inner, context) => ({
      *mapWait(page, offset, length) {
        const deaf = new WaitQueue('nobody');
        for (;;) {
          const mapped = inner.map(page, offset, length);
          if (mapped.ok) return mapped;
          deaf.add(context.task);
          yield { sleepOn: deaf };
        }
      },
    })),
    /what the task sleeps on after a release/,
  );

  catches(
    sleeping,
    'leaves the task in the queue when it has its mapping',
    broken(kmap, (inner, context) => ({
      *mapWait(page, offset, length) {
        const queue = context.machine.pkmap.waitQueue(page);
        for (;;) {
          const mapped = inner.map(page, offset, length);
          if (mapped.ok) return mapped;
          if (!queue.waiters.includes(context.task)) queue.waiters.push(context.task);
          context.task.asleepOn = queue;
          yield { sleepOn: queue };
        }
      },
    })),
    /waiters on the queue after the one that slept has its mapping: got 1, expected 0/,
  );

  catches(
    sleeping,
    'enters the queue once more for each wake-up in vain',
    broken(kmap, (inner, context) => ({
      *mapWait(page, offset, length) {
        const queue = context.machine.pkmap.waitQueue(page);
        for (;;) {
          const mapped = inner.map(page, offset, length);
          queue.remove(context.task);
          if (mapped.ok) return mapped;
          queue.add(context.task);
          queue.add(context.task);
          yield { sleepOn: queue };
        }
      },
    })),
    /waiting of NoSlots: got [23], expected 1/,
  );

  catches(
    sleeping,
    'forgets who waits in its error',
    broken(kmap, (inner) => ({
      map: (page, offset, length) => {
        const mapped = inner.map(page, offset, length);
        return mapped.ok || mapped.error.code !== 'NoSlots' ? mapped : err({ ...mapped.error, waiting: 0 });
      },
      mapWait: (page, offset, length) => inner.mapWait(page, offset, length),
    })),
    /waiting of NoSlots: got 0, expected 1/,
  );

  catches(
    sleeping,
    'names a queue and sleeps on another',
    broken(kmap, (inner, context) => ({
      *mapWait(page, offset, length) {
        const queue = context.machine.pkmap.waitQueue(page);
        for (;;) {
          const mapped = inner.map(page, offset, length);
          if (mapped.ok) return mapped;
          queue.add(context.task);
          yield { sleepOn: new WaitQueue('another') };
          queue.remove(context.task);
        }
      },
    })),
    /the queue the task sleeps on: got WaitQueue "kmap pool", expected WaitQueue "another"/,
  );

  catches(
    sleeping,
    'has other numbers in its error when it waits',
    broken(vmap, (inner) => ({
      *mapWait(page, offset, length) {
        const mapped = inner.map(page, offset, length);
        return mapped.ok || mapped.error.code !== 'NoVirtualSpace'
          ? mapped
          : err({ ...mapped.error, needPages: 7 });
      },
    })),
    /numbers of the error of mapWait: got NoVirtualSpace \(needPages 7/,
  );

  catches(
    sleeping,
    'answers another error when it waits',
    broken(vmap, (inner) => ({
      *mapWait(page, offset, length) {
        const mapped = inner.map(page, offset, length);
        return mapped.ok ? mapped : err({ code: 'NoMemory', wanted: 1, available: 0 });
      },
    })),
    /error of mapWait: got NoMemory/,
  );
});
