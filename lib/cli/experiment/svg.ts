/**
 * Draws a chart as SVG, without a browser.
 */
import { chartSpec } from 'scatterlist/lab';
import type { Chart } from 'scatterlist/lab';
import type { TopLevelSpec } from 'vega-lite';
import { UsageError } from '../usage-error.ts';

async function libraries() {
  try {
    const [vega, vegaLite] = await Promise.all([import('vega'), import('vega-lite')]);
    return { vega, vegaLite };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND')
      throw new UsageError('--svg needs two packages that are not installed: npm install vega vega-lite');
    throw error;
  }
}

function isSpec(value: object): value is TopLevelSpec {
  return 'layer' in value;
}

/** Returns the chart as the text of an SVG file; the same chart gives the same text. */
export async function svgOf(chart: Chart): Promise<string> {
  const { vega, vegaLite } = await libraries();
  const spec = chartSpec(chart);
  if (!isSpec(spec)) throw new TypeError('a chart without layers');
  // Names inside the file count from 0 again.
  vega.resetSVGDefIds();
  const view = new vega.View(vega.parse(vegaLite.compile(spec).spec), { renderer: 'none' });
  return `${await view.toSVG()}\n`;
}
