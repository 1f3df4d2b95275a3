import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import { Names } from '../../../lib/c/runtime/names.ts';
import type { HeapObject } from '../../../lib/c/runtime/heap.ts';
import type { CType, CVariable } from '../../../lib/c/wasm/debug-info.ts';

const WORD: CType = { kind: 'value', lengthBytes: 4 };
const START = 0xc0000000;
const MEM_MAP = 0xc0002000;

function pointer(to: CType | undefined): CType {
  return { kind: 'pointer', lengthBytes: 4, to };
}

function struct(name: string, members: readonly (readonly [name: string, type: CType])[]): CType {
  let offset = 0;
  const placed = members.map(([member, type]) => {
    offset += type.lengthBytes;
    return { name: member, offset: offset - type.lengthBytes, type };
  });
  return { kind: 'struct', name, lengthBytes: offset, members: placed };
}

/** Names over a machine in whose lowmem the variables lie. */
function namesOf(variables: readonly CVariable[], objects: readonly HeapObject[] = []) {
  const machine = createMachine({ lowmemPages: 8, highmemPages: 8 });
  const { memory, addresses } = machine.hardware;
  const pageAt = (address: number) =>
    address < addresses.directEnd ? memory.pageAt(addresses.frameOf(address)) : undefined;
  const names = new Names({
    variables,
    memMap: MEM_MAP,
    pageStructBytes: 32,
    pageAt,
    page: (pfn) => memory.pageAt(pfn),
    bytesOf: (page) => memory.bytesOf(page),
    objectAt: (address) => objects.find((one) => address >= one.address && address < one.address + one.bytes),
    isHeap: (pfn) => objects.some((one) => addresses.frameOf(one.address) === pfn),
  });
  const write = (address: number, value: number): void => {
    const page = pageAt(address);
    if (page === undefined) throw new Error('no page');
    const bytes = memory.bytesOf(page);
    new DataView(bytes.buffer, bytes.byteOffset).setUint32(address % 4096, value, true);
  };
  return { machine, names, write };
}

function objectAt(address: number, bytes: number): HeapObject {
  const allocatedAt = { file: '/src/ring.c', line: 12, column: 1 };
  return { address, bytes, by: 'one', allocatedAt, freedAt: undefined, freedBy: undefined };
}

describe('Names', () => {
  const lock = struct('spinlock', [['slock', WORD]]);
  const page = struct('page', [
    ['flags', WORD],
    ['rest', { kind: 'array', lengthBytes: 28, of: WORD }],
  ]);
  const device = struct('device', [
    ['lock', lock],
    ['pages', { kind: 'array', lengthBytes: 8, of: pointer(page) }],
    ['', struct('', [['inner', WORD]])],
  ]);
  const variables: readonly CVariable[] = [
    { name: 'total', address: START, type: WORD },
    { name: 'device', address: START + 16, type: device },
    { name: 'current', address: START + 64, type: pointer(device) },
    { name: 'mem_map', address: MEM_MAP, type: { kind: 'array', lengthBytes: 32 * 16, of: page } },
  ];

  it('are those of variables and their members', () => {
    const { names } = namesOf(variables);
    expect(names.variableAt(START)?.text).to.equal('total');
    expect(names.variableAt(START + 2)?.text).to.equal('total+2');
    expect(names.variableAt(START + 16)?.text).to.equal('device.lock.slock');
    expect(names.variableAt(START + 16, true)?.text).to.equal('device.lock');
    expect(names.variableAt(START + 24)).to.deep.equal({
      text: 'device.pages[1]',
      base: 'device',
      offset: 8,
    });
    expect(names.variableAt(START + 28)?.text).to.equal('device.inner');
    expect(names.variableAt(START + 4)).to.equal(undefined);
  });

  it('of a page and its struct are those of a pointer to it, found anew when memory has changed', () => {
    const { names, write } = namesOf(variables);
    expect(names.page(9)).to.equal(undefined);
    expect(names.at(MEM_MAP + 9 * 32)?.text).to.equal('mem_map[0x9].flags');
    write(START + 24, MEM_MAP + 9 * 32);
    expect(names.page(9), 'nothing was said to have changed').to.equal(undefined);
    names.changed();
    expect(names.page(9)).to.equal('page device.pages[1]');
    expect(names.inPage(9, 12, undefined)).to.deep.equal({
      text: 'page device.pages[1]+12',
      base: 'page device.pages[1]',
      offset: 12,
    });
    expect(names.at(MEM_MAP + 9 * 32)?.text).to.equal('device.pages[1]->flags');
  });

  it('of the pages behind the first of an allocation count from it, and those of others do not', () => {
    const { machine, names, write } = namesOf(variables);
    const [first] = machine.allocPages(2, { zone: 'highmem' });
    const other = machine.allocPage({ zone: 'highmem' });
    write(START + 20, MEM_MAP + (first?.pfn ?? 0) * 32);
    expect(names.page((first?.pfn ?? 0) + 1)).to.equal('page device.pages[0]+1');
    expect(names.page(other.pfn)).to.equal(undefined);
  });

  it('of objects are those of pointers, else the line that allocated them', () => {
    const object = objectAt(START + 4096, 24);
    const { names, write } = namesOf(variables, [object]);
    expect(names.at(object.address + 4)?.text).to.equal('object of ring.c:12+4');
    expect(names.page(1)).to.equal('memory of kmalloc');
    write(START + 64, object.address);
    write(object.address + 4, MEM_MAP + 10 * 32);
    names.changed();
    expect(names.at(object.address + 4)?.text).to.equal('current->pages[0]');
    expect(names.page(10), 'by a pointer in the object').to.equal('page current->pages[0]');
  });
});
