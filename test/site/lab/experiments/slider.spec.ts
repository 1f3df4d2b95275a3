import { expect } from 'chai';
import fc from 'fast-check';
import { EXPERIMENTS } from 'scatterlist/lab';
import type { Parameter } from 'scatterlist/lab';
import { constantSlider, parameterSlider } from '../../../../site/lab/experiments/slider.ts';
import type { SliderScale } from '../../../../site/lab/experiments/slider.ts';

const valuesOf = ({ last, valueAt }: SliderScale): readonly number[] =>
  Array.from({ length: last + 1 }, (_, position) => valueAt(position));

const parameters: readonly (readonly [name: string, parameter: Parameter])[] = EXPERIMENTS.flatMap((one) =>
  Object.entries(one.parameters).map(([name, parameter]) => [`${one.name} ${name}`, parameter] as const),
);

describe('site/lab/experiments/slider', () => {
  for (const [name, parameter] of parameters) {
    it(`gives only values that the parameter takes: ${name}`, () => {
      const scale = parameterSlider(parameter);
      const values = valuesOf(scale);
      expect(values.length).to.be.within(2, 202);
      for (const [position, value] of values.entries()) {
        expect(value).to.be.within(parameter.least, parameter.most);
        if (parameter.fraction !== true) expect(Number.isInteger(value), String(value)).to.be.true;
        if (parameter.powerOfTwo === true)
          expect(Number.isInteger(Math.log2(value)), String(value)).to.be.true;
        expect(value).to.be.at.least(values[position - 1] ?? value);
        expect(scale.valueAt(scale.positionOf(value))).to.equal(value);
      }
      const nearest = scale.valueAt(scale.positionOf(parameter.default));
      expect(nearest).to.be.closeTo(parameter.default, Math.max(1, parameter.default / 10));
    });
  }

  it('gives constants from a sixteenth to sixteen times, with the default among them', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 999 }), (usual) => {
        const scale = constantSlider(usual);
        expect(scale.valueAt(16)).to.equal(usual);
        expect(scale.positionOf(usual)).to.equal(16);
        expect(scale.valueAt(scale.last) / usual).to.be.closeTo(16, 0.1);
        expect(usual / scale.valueAt(0)).to.be.closeTo(16, 0.1);
      }),
    );
  });
});
