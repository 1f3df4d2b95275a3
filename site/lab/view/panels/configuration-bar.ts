/**
 * The switches of the machine: HIGHMEM, PREEMPT_RT, CPUs, the size of the pool; of a port, its backend and variant.
 */
import { html, nothing } from 'lit-html';
import type { TemplateResult } from 'lit-html';
import { live } from 'lit-html/directives/live.js';
import type { LabState } from '../../state/lab-state.ts';
import type { Laboratory } from '../../state/laboratory.ts';

const CPUS = [1, 2, 3, 4, 8];
const POOL_SLOTS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];

/** Draws the switches; they show the machine as it is, whether the program or the reader chose it. */
export function configurationBar({ loaded, configuration }: LabState, lab: Laboratory): TemplateResult {
  const machine = loaded?.machine;
  const isChanged = Object.keys(configuration).length > 0;
  return html`<fieldset class="configuration" ?disabled=${machine === undefined}>
    <legend class="unseen">Machine</legend>
    ${toggle('HIGHMEM', configuration.highmem ?? machine?.highmem ?? true, (highmem) => lab.configure({ highmem }))}
    ${toggle('PREEMPT_RT', configuration.preemptRt ?? machine?.preemptRt ?? false, (preemptRt) =>
      lab.configure({ preemptRt }),
    )}
    ${numbers('cpus', 'CPUs', CPUS, configuration.cpus ?? machine?.cpus ?? 1, (cpus) => lab.configure({ cpus }))}
    ${numbers(
      'pool',
      'Pool slots',
      POOL_SLOTS,
      configuration.pkmapSlots ?? machine?.pkmapSlots ?? 512,
      (pkmapSlots) => lab.configure({ pkmapSlots }),
    )}
    ${
      loaded?.port === undefined
        ? nothing
        : html`${choice('backend', 'Backend', loaded.port.backends, loaded.port.backend, (backend) =>
            lab.configure({ backend }),
          )}
          ${choice('variant', 'Variant', loaded.port.variants, loaded.port.variant, (variant) =>
            lab.configure({ variant }),
          )}`
    }
    ${
      isChanged
        ? html`<button type="button" class="plain" @click=${() => void lab.resetConfiguration()}>
            Reset
          </button>`
        : nothing
    }
  </fieldset>`;
}

function toggle(name: string, isOn: boolean, set: (isOn: boolean) => Promise<void>): TemplateResult {
  return html`<label class="switch">
    <input
      type="checkbox"
      role="switch"
      .checked=${live(isOn)}
      @change=${(event: Event) => {
        if (event.target instanceof HTMLInputElement) void set(event.target.checked);
      }}
    />
    <span class="mono">${name}</span>
  </label>`;
}

function numbers(
  id: string,
  title: string,
  choices: readonly number[],
  value: number,
  set: (value: number) => Promise<void>,
): TemplateResult {
  const all = [...new Set([...choices, value])].sort((a, b) => a - b).map(String);
  return choice(id, title, all, String(value), (text) => set(Number(text)));
}

function choice(
  id: string,
  title: string,
  choices: readonly string[],
  value: string,
  set: (value: string) => Promise<void>,
): TemplateResult {
  return html`<span class="choice">
    <label for=${id}>${title}</label>
    <select
      id=${id}
      .value=${live(value)}
      @change=${(event: Event) => {
        if (event.target instanceof HTMLSelectElement) void set(event.target.value);
      }}
    >
      ${choices.map((one) => html`<option value=${one} ?selected=${one === value}>${one}</option>`)}
    </select>
  </span>`;
}
