/**
 * The sliders: parameters of the run, and the cycles of each constant that its rows depend on.
 */
import { html, nothing } from 'lit-html';
import type { TemplateResult } from 'lit-html';
import { live } from 'lit-html/directives/live.js';
import type { ExperimentEntry, Setting } from './messages.ts';
import type { ExperimentActions } from './page.ts';
import { constantSlider, parameterSlider } from './slider.ts';
import type { SliderScale } from './slider.ts';

/** Draws the sliders. */
export function settingPanel(
  entry: ExperimentEntry,
  setting: Setting,
  used: readonly string[],
  actions: ExperimentActions,
): TemplateResult {
  const { setParameter, setConstant, setSize } = actions;
  return html`<section class="panel pad-all stack settings" aria-labelledby="settings-title">
    <h2 id="settings-title">Parameters</h2>
    <p class="aside">A change runs the experiment again.</p>
    <div class="actions">
      <button type="button" class="small" @click=${() => setSize('small')}>Small run</button>
      <button type="button" class="small" @click=${() => setSize('full')}>As in the documentation</button>
    </div>
    ${Object.entries(entry.parameters).map(([name, parameter]) =>
      slider({
        name,
        meaning: parameter.meaning,
        unit: parameter.unit,
        value: setting.parameters[name] ?? parameter.default,
        scale: parameterSlider(parameter),
        least: parameter.least,
        most: parameter.most,
        set: (value) => setParameter(name, value),
      }),
    )}
    <h2>Constants</h2>
    <p class="aside">A change weighs the same counts again.</p>
    ${used.map((name) => {
      const constant = entry.constants[name];
      if (constant === undefined) return nothing;
      const value = setting.constants[name] ?? constant.cycles;
      return slider({
        name,
        meaning: `${constant.how === 'measured' ? 'Measured' : 'An estimate'}: ${constant.source}`,
        unit: 'cycles',
        value,
        scale: constantSlider(constant.cycles),
        least: 0,
        most: 1e9,
        set: (cycles) => setConstant(name, cycles),
        reset: value === constant.cycles ? undefined : () => setConstant(name, undefined),
      });
    })}
  </section>`;
}

interface SliderGiven {
  readonly name: string;
  readonly meaning: string;
  readonly unit: string;
  readonly value: number;
  readonly scale: SliderScale;
  readonly least: number;
  readonly most: number;
  readonly set: (value: number) => void;
  readonly reset?: (() => void) | undefined;
}

function slider({ name, meaning, unit, value, scale, least, most, set, reset }: SliderGiven): TemplateResult {
  const inputOf = (event: Event): number | undefined =>
    event.target instanceof HTMLInputElement && event.target.value !== ''
      ? event.target.valueAsNumber
      : undefined;
  return html`<div class="slider">
    <span class="slider-head">
      <label class="mono" for="number-${name}">${name}</label>
      <span class="slider-value"
        >${
          reset === undefined
            ? nothing
            : html`<button type="button" class="plain small" aria-label="reset ${name}" @click=${reset}>
                reset
              </button>`
        }
        <input
          id="number-${name}"
          type="number"
          class="mono"
          step="any"
          min=${least}
          max=${most}
          .value=${String(value)}
          @change=${(event: Event) => {
            const typed = inputOf(event);
            if (typed !== undefined) set(typed);
          }}
        />
        <span class="aside">${unit}</span></span
      >
    </span>
    <input
      type="range"
      aria-label="${name}, ${unit}"
      aria-valuetext="${value} ${unit}"
      min="0"
      max=${scale.last}
      .value=${live(String(scale.positionOf(value)))}
      @input=${(event: Event) => {
        const position = inputOf(event);
        if (position !== undefined) set(scale.valueAt(position));
      }}
    />
    <span class="aside">${meaning}</span>
  </div>`;
}
