/** The target: one machine with one disk, and the sessions that use it. */
import type { Machine, MapBackend, Task, Violation } from 'scatterlist';
import { createMachine, formatViolation } from 'scatterlist';
import { BouncePool } from 'scatterlist/machine';
import type { Connection, SessionLink, SessionMaker } from './iscsi/connection.ts';
import { DataBudget, SessionBudget } from './iscsi/data-budget.ts';
import type { Limits } from './iscsi/limits.ts';
import type { LoginRules } from './iscsi/login.ts';
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
import { SLICE_BYTES } from './scsi/slices.ts';
import { MAX_TRANSFER_BLOCKS } from './scsi/blocks.ts';
import { BLOCK_BYTES } from './store/store.ts';
import type { Store } from './store/store.ts';

/** The pages for the data of commands under way. They take memory only when used. Each session may run a command that needs one slice more. */
function dataPages({ dataBytes, maxSessions }: Limits): number {
  return Math.ceil((dataBytes + maxSessions * SLICE_BYTES) / PAGE_BYTES);
}

/** Calls a function after the events that wait now. */
export type Defer = (work: () => void) => void;

/** Writes one line of a report. */
export type Log = (line: string) => void;

/** The disk, in scatterlists or in one array. */
interface Disk {
  /** Makes the store for a task. Only stores of sessions have the injected fault. */
  open(task: Task, isFaulty: boolean): Store;
  /** The number of lists for the data of commands that are in use. */
  readonly listsInUse: number;
  /** Gives all memory back; returns how many pages and lists are missing. */
  destroy(): number;
}

/** The image, which keeps the contents of the disk after the process has ended. */
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
  readonly limits: Limits;
  /** Room for the data of writes under way. */
  readonly budget: DataBudget;
  /** Connections, whether they have a session or not. */
  readonly connections: Set<Connection> = new Set<Connection>();
  /** The time of the last tick, in milliseconds. */
  now = 0;
  portal = '';
  readonly #options: Options;
  readonly #log: Log;
  readonly #gauge = new DepthGauge();
  readonly #disk: Disk;
  readonly #live = new Map<Session, Task>();
  readonly #keeper: Keeper | undefined;
  readonly #defer: Defer;
  /** Sessions that wait for their turn. */
  readonly #turns: Session[] = [];
  #nextTsih = 1;
  #opened = 0;
  #wrong = 0;

  constructor(options: Options, log: Log, keeper?: Keeper, defer: Defer = setImmediate) {
    this.#options = options;
    this.#log = log;
    this.#keeper = keeper;
    this.#defer = defer;
    this.limits = options;
    this.budget = new DataBudget(options);
    this.targetName = options.iqn;
    this.rules = {
      targetName: options.iqn,
      parameters: options,
      maxTextBytes: options.maxTextBytes,
      hasSession: (tsih) => [...this.sessions].some(({ identity }) => identity.tsih === tsih),
    };
    const blocks = Math.floor(options.sizeBytes / BLOCK_BYTES);
    this.unit = {
      blocks,
      targetName: options.iqn,
      readOnly: options.readOnly,
      cache: keeper?.cache,
      maxTransferBlocks: Math.min(MAX_TRANSFER_BLOCKS, Math.floor(this.budget.mostBytes / BLOCK_BYTES)),
      softwareWriteProtect: false,
      reservedBy: undefined,
    };
    // The disk has one more page, which is all zeros.
    const pages = Math.ceil(options.sizeBytes / PAGE_BYTES) + 1;
    this.machine = createMachine({
      mode: options.machine,
      ...zoneSizes(options.backend, { disk: pages, data: dataPages(options) }),
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
    const dataPool = new PagePool(this.machine, dataZone, dataPages(this.limits));
    const lists = new DataLists(dataPool);
    const disk = new SgDisk(sizeBytes, diskPool);
    const movesPages = how === 'move' && diskZone === dataZone;
    const shared = { pool: new BouncePool(this.machine) };
    return {
      open: (task, isFaulty) => {
        const bound: MapBackend = bind(task, shared);
        const storeOptions = { fault: isFaulty ? fault : undefined, movesPages };
        return new SgStore(disk, lists, mode === 'checked' ? this.#gauge.watch(bound) : bound, storeOptions);
      },
      get listsInUse() {
        return lists.inUse;
      },
      destroy: () => {
        disk.destroy();
        return lists.destroy() + diskPool.drain() + dataPool.drain();
      },
    };
  }

  /** The disk outside of any session, without injected faults and without noting changes. */
  openStore(name: string): { readonly store: Store; readonly close: () => void } {
    const task = this.machine.task(name);
    return { store: this.#disk.open(task, false), close: () => task.exit() };
  }

  /** The number of lists for the data of commands that are in use. */
  get listsInUse(): number {
    return this.#disk.listsInUse;
  }

  get sessions(): Iterable<Session> {
    return this.#live.keys();
  }

  attach(connection: Connection): boolean {
    if (this.connections.size >= this.limits.maxConnections) {
      // A connection that has not logged in is closed to make room for another.
      const idle = [...this.connections].find(({ loggedIn }) => !loggedIn);
      if (idle === undefined) return false;
      idle.hangUp();
      this.connections.delete(idle);
    }
    this.connections.add(connection);
    return true;
  }

  detach(connection: Connection): void {
    this.connections.delete(connection);
  }

  open(
    identity: Omit<SessionIdentity, 'tsih'>,
    link: SessionLink,
    serials: { readonly cmdSN: number; readonly statSN: number },
  ): Session | undefined {
    const lost = [...this.#live.keys()].find(
      (old) => old.identity.initiatorName === identity.initiatorName && old.identity.isid === identity.isid,
    );
    // Session reinstatement: the initiator has given up the old session.
    lost?.hangUp();
    if (this.#live.size >= this.limits.maxSessions) return undefined;
    this.#opened += 1;
    const task = this.machine.task(`session ${String(this.#opened)}`);
    const opened = this.#disk.open(task, true);
    const store = this.#keeper?.watch(opened) ?? opened;
    const parts = { ...link, store, budget: new SessionBudget(this.budget) };
    const session = new Session(this, { ...identity, tsih: this.#newTsih() }, parts, serials);
    this.#live.set(session, task);
    return session;
  }

  #newTsih(): number {
    do {
      this.#nextTsih = this.#nextTsih === 0xffff ? 1 : this.#nextTsih + 1;
    } while (this.rules.hasSession(this.#nextTsih));
    return this.#nextTsih;
  }

  /** Lets a session continue after the other sessions that wait, and after the events that wait now. */
  later(session: Session): void {
    this.#turns.push(session);
    if (this.#turns.length === 1) this.#defer(() => this.#nextTurn());
  }

  #nextTurn(): void {
    const session = this.#turns.shift();
    if (this.#turns.length > 0) this.#defer(() => this.#nextTurn());
    session?.takeTurn();
  }

  /** Sets the time, in milliseconds, and ends what has exceeded its time limit. */
  tick(now: number): void {
    this.now = now;
    for (const connection of [...this.connections]) connection.tick();
  }

  close(session: Session): void {
    const task = this.#live.get(session);
    if (task === undefined) return;
    this.#live.delete(session);
    session.end();
    task.exit();
    this.#check(task.name);
  }

  /** Checks after every session that it has left no mapping. */
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

  /** Closes everything; returns whether there were no errors. */
  destroy(): boolean {
    for (const connection of [...this.connections]) connection.close();
    for (const session of [...this.#live.keys()]) this.close(session);
    if (this.budget.heldBytes !== 0)
      this.fault(`room for ${String(this.budget.heldBytes)} bytes was not given back`);
    const missing = this.#disk.destroy();
    if (missing !== 0) {
      this.#wrong += 1;
      this.#log(`${String(missing)} pages or lists were not given back`);
    }
    this.#check('target');
    this.#log(this.#wrong === 0 ? 'clean' : `${String(this.#wrong)} things were wrong`);
    return this.#wrong === 0;
  }

  /** Counts an error outside of the machine. */
  fault(what: string): void {
    this.#wrong += 1;
    this.#log(what);
  }
}

function plainDisk(sizeBytes: number): Disk {
  const store = new PlainStore(sizeBytes);
  return { open: () => store, listsInUse: 0, destroy: () => 0 };
}

/** The counts that are not zero. */
function ledgerLine(machine: Machine): string {
  const counts = Object.entries(machine.ledger).filter(([, n]) => n !== 0);
  return counts.map(([name, n]) => `${name}=${String(n)}`).join(' ') || 'empty';
}
