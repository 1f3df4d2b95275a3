import { expect } from 'chai';
import { barChart, chartSpec } from 'scatterlist/lab';
import type { LineChart } from 'scatterlist/lab';

const chart: LineChart = {
  kind: 'lines',
  title: 'A chart',
  subtitle: 'of a test',
  x: { title: 'length (bytes)', scale: 'log' },
  y: { title: 'cost (cycles)', scale: 'log' },
  xLabels: { 1024: '1 KiB' },
  series: [
    {
      name: 'one',
      points: [
        [1, 10],
        [1024, 100],
      ],
    },
    {
      name: 'two',
      dashed: true,
      colour: 0,
      points: [
        [1, 0],
        [1024, 101],
      ],
    },
  ],
};

interface Drawn {
  readonly layer: readonly {
    readonly mark: { readonly type: string; readonly text?: string; readonly dy?: number };
    readonly encoding: Readonly<Record<string, unknown>>;
  }[];
  readonly data: { readonly values: readonly unknown[] };
  readonly background: string;
}

const drawn = (of: Parameters<typeof chartSpec>[0]): Drawn => chartSpec(of) as unknown as Drawn;

/** The y axis of a chart of one line with these values. */
function axisOf(values: readonly number[]) {
  const points = values.map((value, n) => [n, value] as const);
  const { layer } = drawn({ ...chart, series: [{ name: 'one', points }] });
  const { scale, axis } = layer[0]?.encoding['y'] as {
    scale: { domain: readonly number[] };
    axis: { values: readonly number[] };
  };
  return { domain: scale.domain, marks: axis.values };
}

describe('the specification of a chart', () => {
  it('has a line, points and names at the ends of the lines', () => {
    const { layer } = drawn(chart);
    expect(layer.map(({ mark }) => mark.type)).to.deep.equal(['line', 'point', 'text', 'text']);
    expect(layer.flatMap(({ mark }) => mark.text ?? [])).to.deep.equal(['two', 'one']);
  });

  it('moves names apart that would cover each other', () => {
    expect(drawn(chart).layer.flatMap(({ mark }) => mark.dy ?? [])).to.deep.equal([0, 16]);
  });

  it('draws no point at 0 on a logarithmic axis', () => {
    expect(drawn(chart).data.values).to.have.length(3);
    expect(drawn({ ...chart, y: { title: 'cost' } }).data.values).to.have.length(4);
  });

  it('marks a logarithmic axis at 1, 2 and 5 times the powers of ten, from below the least value to above the greatest', () => {
    expect(axisOf([10, 101])).to.deep.equal({ domain: [10, 200], marks: [10, 20, 50, 100, 200] });
    expect(axisOf([0.6, 7])).to.deep.equal({ domain: [0.5, 10], marks: [0.5, 1, 2, 5, 10] });
  });

  it('marks only the powers of ten if there are many', () => {
    expect(axisOf([60, 34_221])).to.deep.equal({ domain: [50, 50_000], marks: [100, 1000, 10_000] });
  });

  it('has an opaque background, so that it is legible on a dark page', () => {
    expect(drawn(chart).background).to.equal('#ffffff');
  });

  it('labels bars with their figures, and splits or stacks their parts', () => {
    const bars = barChart('Bars', 'cost (cycles)', [
      ['a', 1.23456],
      ['b', 123.4],
    ]);
    const { layer, data } = drawn(bars);
    expect(layer).to.have.length(2);
    expect(data.values[0]).to.deep.include({ name: 'a', label: '1.23' });
    expect(data.values[1]).to.deep.include({ label: '123' });
    const coloured = {
      ...bars,
      bars: bars.bars.map((bar, n) => ({ ...bar, part: bar.name, colour: 4 - n })),
    };
    const { range } = (drawn(coloured).layer[0]?.encoding['color'] as { scale: { range: string[] } }).scale;
    expect(range).to.deep.equal(['#57534e', '#7e22ce']);
    const split = { ...bars, bars: bars.bars.flatMap((bar) => [bar, { ...bar, part: 'two' }]) };
    expect(drawn(split).layer[0]?.encoding).to.have.property('yOffset');
    expect(drawn({ ...split, isStacked: true }).layer).to.have.length(1);
    expect(drawn({ ...split, isStacked: true }).layer[0]?.encoding).to.not.have.property('yOffset');
  });
});
