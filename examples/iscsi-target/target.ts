/** The target: one machine with one disk, and the sessions that use it. */
import type { Machine, MapBackend, Task, Violation } from 'scatterlist';
import { createMachine, formatViolation } from 'scatterlist';
import { BouncePool } from 'scatterlist/machine';
import type { LoginRules } from './iscsi/login.ts';
import type { SessionMaker } from './iscsi/connection.ts';
import type { Outbox } from './iscsi/outbox.ts';
import type { Negotiated } from './iscsi/parameters.ts';
import { Session } from './iscsi/session.ts';
import type { SessionHost, SessionIdentity } from './iscsi/session.ts';
import type { LogicalUnit, WriteCache } from './scsi/command.ts';
import type { Options } from './options.ts';
import { BACKENDS, DECLARED_DEPTH, DepthGauge, deviceStock, zoneSizes } from './store/carrier.ts';
import { DataLists } from './store/command-data.ts';
import { FAULTS } from './store/faults.ts';
import { PagePool } from './store/page-pool.ts';
import { PlainStore } from './store/plain-store.ts';
import { PAGE_BYTES } from './store/provisioning.ts';
import { SgDisk } from './store/sg-disk.ts';
import { SgStore } from './store/sg-store.ts';
import { BLOCK_BYTES } from './store/store.ts';
import type { Store } from './store/store.ts';

/** Pages for the data of commands under way: 256 MiB, which cost memory when used. */
const DATA_PAGES = 65536;

/** Where reports go, line by line. */
export type Log = (line: string) => void;

/** The disk in scatterlists, or in one array. */
interface Disk {
  /** The store for a task. */
  open(task: Task): Store;
  /** Gives all memory back; answers how many pages and lists are missing. */
  destroy(): number;
}

/** What keeps the contents of the disk beyond the life of the process. */
export interface Keeper {
  readonly cache: WriteCache | undefined;
  /** The store of a session, whose changes are to be kept. */
  watch(store: Store): Store;
}

/** One target. */
export class Target implements SessionMaker, SessionHost {
  readonly machine: Machine;
  readonly rules: LoginRules;
  readonly unit: LogicalUnit;
  readonly targetName: string;
  portal = '';
  readonly #options: Options;
  readonly #log: Log;
  readonly #gauge = new DepthGauge();
  readonly #disk: Disk;
  readonly #live = new Map<Session, Task>();
  readonly #keeper: Keeper | undefined;
  #opened = 0;
  #wrong = 0;

  constructor(options: Options, log: Log, keeper?: Keeper) {
    this.#options = options;
    this.#log = log;
    this.#keeper = keeper;
    this.targetName = options.iqn;
    this.rules = { targetName: options.iqn, parameters: options };
    const blocks = Math.floor(options.sizeBytes / BLOCK_BYTES);
    this.unit = {
      blocks,
      targetName: options.iqn,
      readOnly: options.readOnly,
      cache: keeper?.cache,
      softwareWriteProtect: false,
      reservedBy: undefined,
    };
    // One page more than the disk: the one of zeros.
    const pages = Math.ceil(options.sizeBytes / PAGE_BYTES) + 1;
    this.machine = createMachine({
      mode: options.machine,
      ...zoneSizes(options.backend, { disk: pages, data: DATA_PAGES }),
      onViolation: (violation) => {
        this.#report(violation);
      },
    });
    this.#disk = options.store === 'plain' ? plainDisk(options.sizeBytes) : this.#sgDisk(pages);
  }

  #report(violation: Violation): void {
    this.#wrong += 1;
    this.#log(formatViolation(violation));
  }

  #sgDisk(pages: number): Disk {
    const { backend, sizeBytes, machine: mode, pages: how } = this.#options;
    const { bind, disk: diskZone, data: dataZone } = BACKENDS[backend];
    const fault = this.#options.inject === undefined ? undefined : FAULTS[this.#options.inject];
    const diskPool = new PagePool(this.machine, diskZone, pages, deviceStock(this.machine, backend, pages));
    const dataPool = new PagePool(this.machine, dataZone, DATA_PAGES);
    const lists = new DataLists(dataPool);
    const disk = new SgDisk(sizeBytes, diskPool);
    const storeOptions = { fault, movesPages: how === 'move' && diskZone === dataZone };
    const shared = { pool: new BouncePool(this.machine) };
    return {
      open: (task) => {
        const bound: MapBackend = bind(task, shared);
        return new SgStore(disk, lists, mode === 'checked' ? this.#gauge.watch(bound) : bound, storeOptions);
      },
      destroy: () => {
        disk.destroy();
        return lists.destroy() + diskPool.drain() + dataPool.drain();
      },
    };
  }

  /** Runs work on the disk outside of any session. */
  withStore<T>(name: string, work: (store: Store) => T): T {
    const task = this.machine.task(name);
    const result = work(this.#disk.open(task));
    task.exit();
    return result;
  }

  get sessions(): Iterable<Session> {
    return this.#live.keys();
  }

  open(
    identity: SessionIdentity,
    out: Outbox,
    agreed: Negotiated,
    serials: { readonly cmdSN: number; readonly statSN: number },
  ): Session {
    this.#opened += 1;
    const task = this.machine.task(`session ${String(this.#opened)}`);
    const opened = this.#disk.open(task);
    const store = this.#keeper?.watch(opened) ?? opened;
    const session = new Session(this, identity, { store, out, agreed }, serials);
    for (const old of this.#live.keys()) {
      if (old.identity.initiatorName === identity.initiatorName && old.identity.isid === identity.isid) {
        // Session reinstatement: the initiator lost the old one.
        old.closing = true;
        this.close(old);
      }
    }
    this.#live.set(session, task);
    return session;
  }

  close(session: Session): void {
    const task = this.#live.get(session);
    if (task === undefined) return;
    this.#live.delete(session);
    session.end();
    task.exit();
    this.#check(task.name);
  }

  /** After every session: nothing of it is mapped any more. */
  #check(what: string): void {
    const { machine } = this;
    if (this.#live.size === 0) machine.checkLeaks();
    const { liveMappings } = machine;
    if (liveMappings !== 0) this.#wrong += 1;
    if (this.#gauge.peak > DECLARED_DEPTH) this.#wrong += 1;
    const depth =
      this.#options.machine === 'checked'
        ? ` depth ${String(this.#gauge.peak)}/${String(DECLARED_DEPTH)}`
        : '';
    this.#log(`${what} ended: live mappings ${String(liveMappings)}${depth} ledger ${ledgerLine(machine)}`);
  }

  /** Closes everything and answers whether nothing was wrong. */
  destroy(): boolean {
    for (const session of [...this.#live.keys()]) this.close(session);
    const missing = this.#disk.destroy();
    if (missing !== 0) {
      this.#wrong += 1;
      this.#log(`${String(missing)} pages or lists were not given back`);
    }
    this.#check('target');
    this.#log(this.#wrong === 0 ? 'clean' : `${String(this.#wrong)} things were wrong`);
    return this.#wrong === 0;
  }

  /** Counts something that went wrong outside of the machine. */
  fault(what: string): void {
    this.#wrong += 1;
    this.#log(what);
  }
}

function plainDisk(sizeBytes: number): Disk {
  const store = new PlainStore(sizeBytes);
  return { open: () => store, destroy: () => 0 };
}

/** The counts that are not zero. */
function ledgerLine(machine: Machine): string {
  const counts = Object.entries(machine.ledger).filter(([, n]) => n !== 0);
  return counts.map(([name, n]) => `${name}=${String(n)}`).join(' ') || 'empty';
}
