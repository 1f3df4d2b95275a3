import { expect } from 'chai';
import { sgNents, sgNext } from 'scatterlist';
import { kmapLocal } from 'scatterlist/backends';
import { Rig } from '../../lib/conformance/rig.ts';
import { SHAPES, ShapedList } from '../../lib/conformance/shapes.ts';

const rig = (): Rig => new Rig({ backend: (context) => kmapLocal(context) }, {});

describe('the shapes of lists', () => {
  for (const shape of SHAPES) {
    it(`${shape.title}: a list whose oracle has its bytes`, () => {
      const on = rig();
      const { pageSize } = on.machine;
      const shaped = new ShapedList(on, shape, 'highmem', 1);
      const segments = shape.segments(pageSize);
      expect(shaped.list.origNents).to.equal(segments.length);
      expect(sgNents(shaped.list.sgl)).to.equal(segments.length);
      const bytes: number[] = [];
      let outside = 0;
      for (let sg = shaped.list.sgl; sg !== null; sg = sgNext(sg)) {
        for (let at = sg.offset; at < sg.offset + sg.length; at += 1) {
          const page = on.machine.hardware.memory.page(sg.page!.pfn + Math.floor(at / pageSize));
          outside += shaped.pages.includes(page) ? 0 : 1;
          bytes.push(on.machine.physical(page)[at % pageSize]!);
        }
      }
      expect(outside).to.equal(0);
      expect([...shaped.bytes]).to.deep.equal(bytes);
      expect(shaped.length).to.equal(bytes.length);
    });
  }

  it('include chains, empty lists, empty entries, one-byte entries and offsets behind the first page', () => {
    const segments = SHAPES.flatMap((shape) => shape.segments(1024));
    expect(segments.some((s) => s.lengthBytes === 0)).to.equal(true);
    expect(segments.some((s) => s.lengthBytes === 1 && s.offset === 1023)).to.equal(true);
    expect(segments.some((s) => s.offset >= 1024)).to.equal(true);
    expect(SHAPES.some((shape) => shape.segments(1024).length === 0)).to.equal(true);
    const chained = SHAPES.find((shape) => shape.arraySlots === 2)!;
    const arrays = new Set<unknown>();
    for (let sg = new ShapedList(rig(), chained, 'highmem', 1).list.sgl; sg !== null; sg = sgNext(sg)) {
      arrays.add(sg.array);
    }
    expect(arrays.size).to.be.above(2);
  });

  it('say what memory becomes when the list is written', () => {
    const on = rig();
    const shape = SHAPES.find(({ title }) => title.startsWith('offsets'))!;
    const shaped = new ShapedList(on, shape, 'highmem', 1);
    const after = shaped.written(shaped.memory, Uint8Array.of(1, 2, 3), 8);
    const changed = [...after.entries()].filter(([i, byte]) => byte !== shaped.memory[i]).map(([i]) => i);
    const { pageSize } = on.machine;
    expect(changed).to.deep.equal([pageSize + 8, pageSize + 9, 2 * pageSize + 5]);
    shaped.memory = after;
    expect([...shaped.bytes.subarray(8, 11)]).to.deep.equal([1, 2, 3]);
  });
});
