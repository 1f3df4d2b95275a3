import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import type { MapBackend, Page } from 'scatterlist';
import { defineBackend } from 'scatterlist/backend';
import type { Contract, Mapping } from 'scatterlist/backend';
import { kmapLocal } from 'scatterlist/backends';
import { COLUMNS } from '../../../lib/cli/matrix/backends.ts';
import type { Column } from '../../../lib/cli/matrix/backends.ts';
import { loadInput, sha256 } from '../../../lib/cli/matrix/input.ts';
import type { Input } from '../../../lib/cli/matrix/input.ts';
import { describeOutcome, machineOptions, runCell } from '../../../lib/cli/matrix/run.ts';
import { explain } from '../../../lib/cli/matrix/why.ts';
import { workloads } from '../../../lib/cli/matrix/workloads.ts';
import type { Workload } from '../../../lib/cli/matrix/workloads.ts';
import { TEXT, ZSTD } from '../../drivers/module/compressed.ts';

const FILE = Uint8Array.from({ length: 20_001 }, (_, i) => (i * i) >> 3);

/** The maps of one run, as the backend is asked for them. */
interface Asked {
  readonly page: Page;
  readonly offset: number;
  readonly lengthBytes: number;
}

function spying(asked: Asked[]): Parameters<Workload['run']>[1] {
  return (context) => {
    const inner: MapBackend = kmapLocal(context);
    return defineBackend<Contract, Mapping>(context, {
      contract: inner.contract,
      map: (page, offset, lengthBytes) => {
        asked.push({ page, offset, lengthBytes });
        return inner.map(page, offset, lengthBytes);
      },
      unmap: (mapping) => {
        inner.unmap(mapping);
      },
    });
  };
}

describe('the workloads of the matrix', () => {
  let folder = '';
  let input: Input;
  let large: Input;
  const file = (name: string, bytes: Uint8Array): string => {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    return path;
  };
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'workloads-'));
    input = await loadInput(file('small', FILE));
    large = await loadInput(
      file(
        'large',
        new Uint8Array(70_000).map((_, i) => (i * 7) >> 2),
      ),
    );
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });
  const port = (of: Input, name: string, memory: string): Workload => {
    const found = workloads(of).find((row) => row.port === name && row.memory === memory);
    if (found === undefined) throw new Error(name);
    return found;
  };
  const column = (name: string): Column => {
    const found = COLUMNS.find(({ contract }) => contract.name === name);
    if (found === undefined) throw new Error(name);
    return found;
  };

  it('are these, with a row for each kind of memory that a port can meet', async () => {
    const rows = (of: Input) => workloads(of).map(({ port: name, memory }) => `${name} ${memory}`);
    const others = [
      'module-decompress-gzip highmem',
      'module-decompress-gzip lowmem',
      'module-decompress-xz highmem',
      'mvsas-smp highmem',
      'mvsas-smp lowmem',
      'mvsas-smp protected',
      'sdhci-adma highmem',
      'sdhci-adma lowmem',
      'sdhci-pio highmem',
      'sdhci-pio lowmem',
      'sdhci-pio protected',
      'sdhci-pio iomem',
    ];
    expect(rows(input)).to.deep.equal(others);
    const zstd = ['module-decompress-zstd highmem', 'module-decompress-zstd lowmem'];
    expect(rows(await loadInput(file('a.zst', ZSTD)))).to.deep.equal([
      ...others.slice(0, 3),
      ...zstd,
      ...others.slice(3),
    ]);
  });

  it('say where they map', () => {
    const needs = Object.fromEntries(workloads(input).map((row) => [row.port, row.needs]));
    expect(needs).to.deep.equal({
      'module-decompress-gzip': { context: 'task', underLock: false, sleepsWhileMapped: undefined },
      'module-decompress-xz': {
        context: 'task',
        underLock: false,
        sleepsWhileMapped: 'vmalloc (the xz dictionary)',
      },
      'mvsas-smp': { context: 'softirq', underLock: false, sleepsWhileMapped: undefined },
      'sdhci-adma': { context: 'task', underLock: true, sleepsWhileMapped: undefined },
      'sdhci-pio': { context: 'hardirq', underLock: false, sleepsWhileMapped: undefined },
    });
  });

  describe('move every byte of the input', () => {
    for (const [name, bytes] of [
      ['module-decompress-gzip', (length: number) => length],
      // Each frame has an SMP header of four bytes, and is filled to whole words.
      ['mvsas-smp', (length: number) => 4 * Math.ceil(length / 4) + 4 * Math.ceil(length / 1020)],
      ['sdhci-adma', (length: number) => 2 * length],
      ['sdhci-pio', (length: number) => 2 * Math.min(length, 65_536)],
    ] as const) {
      it(name, () => {
        for (const of of [input, large]) {
          const options = machineOptions(of.content.length, { mode: 'checked' });
          const { outcome } = runCell(port(of, name, 'lowmem'), column('kmap_local'), options);
          expect(outcome).to.include({ result: 'verified', bytes: bytes(of.content.length) });
        }
      });
    }

    it('module-decompress-xz, of the stream of its own', () => {
      const { outcome } = runCell(
        port(input, 'module-decompress-xz', 'highmem'),
        column('kmap_local'),
        machineOptions(input.xz.lengthBytes, { mode: 'direct' }),
      );
      expect(outcome).to.include({ result: 'verified', bytes: input.xz.lengthBytes });
    });
  });

  it('leave no device accesses to a backend that makes none, and some to one that does', () => {
    const options = machineOptions(FILE.length, { mode: 'direct' });
    const device = (backend: string, memory: string): number => {
      const { outcome } = runCell(port(input, 'sdhci-pio', memory), column(backend), options);
      if (outcome.result !== 'verified') throw new Error(describeOutcome(outcome));
      return outcome.ledger.deviceAccesses;
    };
    for (const memory of ['highmem', 'lowmem', 'protected']) expect(device('kmap_local', memory)).to.equal(0);
    expect(device('io-access', 'iomem')).to.be.above(0);
  });

  it('map odd pieces of many pages, at every alignment and over page ends', () => {
    for (const name of ['sdhci-pio', 'sdhci-adma', 'mvsas-smp']) {
      const asked: Asked[] = [];
      const machine = createMachine(machineOptions(FILE.length, { mode: 'direct' }));
      const row = port(input, name, 'highmem');
      const moved = row.run(machine, spying(asked));
      expect(moved.ok, name).to.equal(true);
      expect(
        asked.every(({ page }) => page.kind === 'highmem'),
        name,
      ).to.equal(true);
      expect(asked.every(({ offset, lengthBytes }) => offset >= 0 && offset + lengthBytes <= 4096)).to.equal(
        true,
      );
      const offsets = new Set(asked.map(({ offset }) => offset % 4));
      if (name !== 'mvsas-smp')
        // What is aligned needs no copy, so ADMA maps the other pieces only.
        expect([...offsets].sort(), name).to.deep.equal(name === 'sdhci-pio' ? [0, 1, 2, 3] : [1, 2, 3]);
      else {
        expect(asked.some(({ offset, lengthBytes }) => offset + lengthBytes === 4096)).to.equal(true);
        expect(new Set(asked.map(({ page }) => page.pfn)).size).to.equal(2);
      }
    }
  });

  describe('find wrong bytes', () => {
    /** A column whose backend spoils the first byte of the n-th mapping, before it is released. */
    const spoiling = (name: string, n: number): Column => {
      const right = column(name);
      let count = 0;
      return {
        ...right,
        on: (machine) => {
          const bind = right.on(machine);
          return (context) => {
            const backend = bind(context);
            return defineBackend<Contract, Mapping>(context, {
              contract: backend.contract,
              map: (page, offset, lengthBytes) => backend.map(page, offset, lengthBytes),
              unmap: (mapping) => {
                count += 1;
                if (count === n) mapping.store8(0, mapping.load8(0) ^ 0xff);
                backend.unmap(mapping);
              },
            });
          };
        },
      };
    };
    for (const [name, memory, words] of [
      ['mvsas-smp', 'highmem', /frame \d+ differs from the input at byte \d+/],
      ['sdhci-pio', 'highmem', /an entry differs from the input at byte \d+|the card differs/],
    ] as const) {
      it(`${name}: an outcome that no contract allows`, () => {
        const cells = [1, 2, 3, 4, 5, 6].map((n) =>
          runCell(port(input, name, memory), spoiling('kmap_local', n), machineOptions(FILE.length, {})),
        );
        const wrong = cells.filter(({ outcome }) => outcome.result === 'failed');
        expect(wrong).to.not.be.empty;
        for (const { expected, outcome } of wrong) {
          expect(expected).to.equal(false);
          expect(outcome).to.have.property('message').that.matches(words);
          expect(describeOutcome(outcome)).to.match(/^WrongBytesError: /);
        }
      });
    }

    /** A column whose backend maps another page at these maps, counted from 1, so that nothing arrives there. */
    const losing = (first: number, last: number): Column => {
      const right = column('kmap_local');
      let count = 0;
      return {
        ...right,
        on: (machine) => {
          const bind = right.on(machine);
          const [elsewhere] = machine.allocPages(1, { zone: 'highmem' });
          return (context) => {
            const backend = bind(context);
            return defineBackend<Contract, Mapping>(context, {
              contract: backend.contract,
              map: (page, offset, lengthBytes) => {
                count += 1;
                const lost = count >= first && count <= last;
                return backend.map(lost ? (elsewhere ?? page) : page, offset, lengthBytes);
              },
              unmap: (mapping) => {
                backend.unmap(mapping);
              },
            });
          };
        },
      };
    };

    for (const [name, first, last] of [
      // The second part of the fifth frame goes where that of the first went, and has the same bytes.
      ['mvsas-smp', 9, 9],
      ['sdhci-adma', 1, Infinity],
      ['sdhci-pio', 1, Infinity],
    ] as const) {
      it(`${name}: not because the bytes were there before they were moved`, async () => {
        const zeros = await loadInput(file('zeros', new Uint8Array(20_400)));
        const { outcome } = runCell(
          port(zeros, name, 'highmem'),
          losing(first, last),
          machineOptions(20_400, {}),
        );
        expect(outcome)
          .to.have.property('message')
          .that.matches(/differs from the input at byte \d+$/);
      });
    }

    it('decompression: content with another digest, or of another length', () => {
      for (const change of [
        { sha256: sha256(FILE.subarray(1)) },
        { lengthBytes: FILE.length + 1 },
        { lengthBytes: FILE.length - 1 },
      ]) {
        const wrong = { ...input, gzip: { ...input.gzip, ...change } };
        const cell = runCell(
          port(wrong, 'module-decompress-gzip', 'highmem'),
          column('kmap_local'),
          machineOptions(FILE.length, {}),
        );
        expect(cell.outcome).to.deep.equal({
          result: 'failed',
          message: `WrongBytesError: ${String(FILE.length)} bytes with another digest than the content`,
        });
      }
    });
  });
});

describe('the machine of a cell', () => {
  it('has room for the input twice, and small pools', () => {
    expect(machineOptions(0, {})).to.deep.equal({
      pkmapSlots: 64,
      lowmemPages: 1024,
      highmemPages: 1024,
      vmallocPages: 4096,
      protectedPages: 1024,
      callSites: true,
      trace: false,
    });
    expect(machineOptions(4096, {})).to.include({
      lowmemPages: 1026,
      highmemPages: 1026,
      vmallocPages: 4096,
    });
    expect(machineOptions(4097, {})).to.include({ lowmemPages: 1028 });
    expect(machineOptions(4096 * 4000, {})).to.include({ highmemPages: 9024, vmallocPages: 9024 });
    expect(machineOptions(1, { highmem: false, pkmapSlots: 8 })).to.include({
      highmem: false,
      pkmapSlots: 8,
    });
  });
});

describe('an outcome in a line', () => {
  it('says what happened, with the numbers', async () => {
    const input = await loadInput(fileOf());
    const options = machineOptions(FILE.length, {});
    const text = (port: string, memory: string, backend: string): string => {
      const row = workloads(input).find((each) => each.port === port && each.memory === memory);
      const column = COLUMNS.find(({ contract }) => contract.name === backend);
      if (row === undefined || column === undefined) throw new Error(port);
      return describeOutcome(runCell(row, column, options).outcome);
    };
    expect(text('module-decompress-gzip', 'highmem', 'kmap')).to.equal('20001 bytes verified');
    expect(text('sdhci-pio', 'highmem', 'page_address')).to.match(/^refused: Unmappable \(/);
    expect(text('mvsas-smp', 'highmem', 'kmap')).to.match(/^violation kmap-in-atomic: /);
  });

  it('at length says what was needed, promised, expected and paid', async () => {
    const input = await loadInput(fileOf());
    const options = machineOptions(FILE.length, {});
    const lines = (port: string, memory: string, backend: string, boast = false): readonly string[] => {
      const row = workloads(input).find((each) => each.port === port && each.memory === memory);
      const column = COLUMNS.find(({ contract }) => contract.name === backend);
      if (row === undefined || column === undefined) throw new Error(port);
      const cell = runCell(row, column, options);
      return explain(boast ? { ...cell, expected: false } : cell).map(stripVTControlCharacters);
    };
    const good = lines('sdhci-adma', 'highmem', 'kmap_local');
    expect(good[0]).to.equal('sdhci-adma over kmap_local, highmem pages');
    expect(good[1]).to.equal('  port      drivers/mmc/host/sdhci.c; maps in task context, under a spinlock');
    expect(good[3]).to.equal(
      '  contract  maps in task, softirq, hardirq, nmi; does not sleep; a live map disables migration',
    );
    expect(good[5]).to.equal(
      '  happened  verified: 40002 bytes verified, as the contract says'.replace('verified: ', ''),
    );
    expect(good[6]).to.match(/^ {2}cost {6}maps \d+, unmaps \d+, .*: \d+ cycles$/);
    expect(good[6]).to.not.match(/ 0[,:]/);
    expect(good.slice(7)).to.deep.equal(['']);
    const sleeps = lines('module-decompress-xz', 'highmem', 'kmap');
    expect(sleeps[1]).to.match(/maps in task context; calls vmalloc \(the xz dictionary\) while mapped$/);
    expect(sleeps[3]).to.match(/maps in task; may sleep; a live map disables nothing$/);
    const refused = lines('sdhci-pio', 'highmem', 'page_address', true);
    expect(refused[5]).to.match(/^ {2}happened {2}refused: Unmappable .*, NOT what the contract says$/);
    expect(refused).to.have.length(7);
    const broken = lines('mvsas-smp', 'highmem', 'kmap');
    expect(broken[5]).to.equal('  happened  violation kmap-in-atomic, as the contract says');
    expect(broken[6]).to.equal('');
    expect(broken.slice(7, -1).every((line) => line.startsWith('  '))).to.equal(true);
    expect(broken.join('\n')).to.contain('rule: kmap-in-atomic');
  });

  let folder = '';
  const fileOf = (): string => {
    const path = join(folder, 'input');
    writeFileSync(path, FILE);
    return path;
  };
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'outcome-'));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });
});

describe('the input of the matrix', () => {
  let folder = '';
  const file = (name: string, bytes: Uint8Array): string => {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    return path;
  };
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'input-'));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it('is by default the image of the package, as xz and as a gzip that is made of it', async () => {
    const { name, content, gzip, xz, zstd } = await loadInput();
    expect(name).to.equal('card.ext4.xz');
    expect(sha256(content)).to.equal('db424552e3208a7c837c3fc9e16c40fb81683f68cf0f6219e349d1e0b59bd586');
    expect([gzip.sha256, xz.sha256]).to.deep.equal([sha256(content), sha256(content)]);
    expect([gzip.lengthBytes, xz.lengthBytes, zstd]).to.deep.equal([
      content.length,
      content.length,
      undefined,
    ]);
    expect([gzip.from, xz.from]).to.deep.equal(['card.ext4.xz', 'card.ext4.xz']);
  });

  it('of a plain file is the file; of a compressed one what is in it', async () => {
    const plain = await loadInput(file('plain', FILE));
    expect([plain.name, Buffer.compare(plain.content, FILE), plain.gzip.from]).to.deep.equal([
      'plain',
      0,
      'plain',
    ]);
    expect([plain.xz.from, plain.zstd]).to.deep.equal(['card.ext4.xz', undefined]);
    for (const name of ['a.gz', 'a.GZ', 'a.bin']) {
      const zipped = await loadInput(file(name, gzipSync(FILE)));
      expect(Buffer.compare(zipped.content, FILE)).to.equal(0);
      expect([zipped.gzip.lengthBytes, zipped.gzip.sha256]).to.deep.equal([FILE.length, sha256(FILE)]);
    }
    const zstd = await loadInput(file('b.zst', ZSTD));
    expect(Buffer.compare(zstd.content, TEXT)).to.equal(0);
    expect([zstd.zstd?.lengthBytes, zstd.gzip.lengthBytes]).to.deep.equal([TEXT.length, TEXT.length]);
  });

  it('may have exactly the most bytes that are allowed', async () => {
    expect((await loadInput(file('c', FILE), { maxOutputBytes: FILE.length })).content).to.have.length(
      FILE.length,
    );
    const zipped = file('c.gz', gzipSync(FILE));
    expect((await loadInput(zipped, { maxOutputBytes: FILE.length })).content).to.have.length(FILE.length);
    for (const name of ['c', 'c.gz']) {
      const error: unknown = await loadInput(join(folder, name), { maxOutputBytes: FILE.length - 1 }).catch(
        (e: unknown) => e,
      );
      expect(error).to.have.property('name', 'UsageError');
    }
  });
});
