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

/** What the colours of a chart become on a dark background, so that they are as far from it as before from white. */
const DARK: Readonly<Record<string, string>> = {
  '#ffffff': '#0d1117',
  '#222222': '#e6edf3',
  '#444444': '#b1bac4',
  '#666666': '#8b949e',
  '#e0e0e0': '#30363d',
  '#0b62c4': '#58a6ff',
  '#c2410c': '#ff8c4b',
  '#0f766e': '#2dd4bf',
  '#7e22ce': '#c89bff',
  '#57534e': '#a8a29e',
  '#9d174d': '#f472b6',
  '#3f7d20': '#7ee787',
};

/** Rules for readers whose system is dark. A style in the file holds inside an image of a page, too. */
const STYLE = `<style>@media (prefers-color-scheme: dark) {${Object.entries(DARK)
  .map(([light, dark]) => `[fill="${light}"]{fill:${dark}}[stroke="${light}"]{stroke:${dark}}`)
  .join('')}}</style>`;

/** Makes Vega reckon the width of a text by its letters, on every machine alike; it is meant to be replaced. */
function reckonWidths(vega: object): void {
  if (!('textMetrics' in vega) || typeof vega.textMetrics !== 'object' || vega.textMetrics === null) return;
  Object.assign(vega.textMetrics, {
    width: ({ fontSize = 11 }: { fontSize?: number }, text: string | undefined) =>
      Math.round(0.65 * fontSize * (text ?? '').length),
  });
}

/** Returns the chart as the text of an SVG file, light or dark as the reader's system; the same chart gives the same text. */
export async function svgOf(chart: Chart): Promise<string> {
  const { vega, vegaLite } = await libraries();
  const spec = chartSpec(chart);
  if (!isSpec(spec)) throw new TypeError('a chart without layers');
  reckonWidths(vega);
  // Names inside the file count from 0 again.
  vega.resetSVGDefIds();
  const view = new vega.View(vega.parse(vegaLite.compile(spec).spec), { renderer: 'none' });
  const svg = await view.toSVG();
  return `${svg.replace('>', `>${STYLE}`)}\n`;
}
