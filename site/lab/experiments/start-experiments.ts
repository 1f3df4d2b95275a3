/**
 * Puts the page of the experiments together.
 */
import { render } from 'lit-html';
import { Store } from '../state/store.ts';
import { Bench } from './bench.ts';
import type { StartWorker } from './bench.ts';
import type { ExperimentEntry, FromWorker, Setting } from './messages.ts';
import { page } from './page.ts';
import type { ExperimentActions } from './page.ts';
import { INITIAL_STATE } from './state.ts';
import type { ExperimentsState } from './state.ts';

/** Draws the page into an element and runs the experiment that the address names, or the first. */
export async function startExperiments(app: HTMLElement, startWorker: StartWorker): Promise<void> {
  const store = new Store<ExperimentsState>(INITIAL_STATE, draw);
  const bench = new Bench(startWorker, hear);

  function hear(message: FromWorker): void {
    switch (message.kind) {
      case 'list':
        store.set({ experiments: message.experiments });
        choose(location.hash.slice(1));
        break;
      case 'weighed':
        store.set({
          weighed: message.weighed,
          problem: undefined,
          isRunning: !isSameSetting(message.weighed.setting, store.state.setting),
        });
        break;
      case 'refused':
        store.set({ problem: message.text, isRunning: false });
        break;
    }
  }

  function change(setting: Setting): void {
    store.set({ setting, isRunning: true });
    void bench.weigh(setting);
  }

  function choose(name: string): void {
    const { experiments } = store.state;
    const entry = experiments.find((one) => one.name === name) ?? experiments[0];
    if (entry === undefined || entry.name === store.state.setting?.name) return;
    history.replaceState(null, '', `#${entry.name}`);
    change(settingOf(entry));
  }

  const actions: ExperimentActions = {
    choose,
    setParameter: (name, value) => {
      const { setting } = store.state;
      if (setting !== undefined) change({ ...setting, parameters: { ...setting.parameters, [name]: value } });
    },
    setConstant: (name, cycles) => {
      const { setting } = store.state;
      if (setting === undefined) return;
      const { [name]: _, ...others } = setting.constants;
      change({ ...setting, constants: cycles === undefined ? others : { ...others, [name]: cycles } });
    },
    setSize: (size) => {
      const { setting, experiments } = store.state;
      const entry = experiments.find(({ name }) => name === setting?.name);
      if (setting === undefined || entry === undefined) return;
      change({ ...setting, parameters: size === 'small' ? entry.small : defaultsOf(entry) });
    },
    cancel: () => {
      void bench.cancel();
      store.set({ isRunning: false });
    },
  };

  const sizes = new ResizeObserver(([size]) => {
    const width = Math.floor(size?.contentRect.width ?? 0);
    if (width > 0 && width !== store.state.width) store.set({ width });
  });

  let watched: Element | undefined;
  function draw(state: ExperimentsState): void {
    render(page(state, actions), app);
    const plot = app.querySelector('.plot');
    if (plot === null || plot === watched) return;
    watched = plot;
    sizes.disconnect();
    sizes.observe(plot);
  }

  app.replaceChildren();
  draw(store.state);
  addEventListener('hashchange', () => choose(location.hash.slice(1)));
  try {
    await bench.list();
  } catch (error) {
    store.set({ isRunning: false, problem: error instanceof Error ? error.message : String(error) });
  }
}

function settingOf({ name, small }: ExperimentEntry): Setting {
  return { name, parameters: small, constants: {}, seed: 1 };
}

function defaultsOf({ parameters }: ExperimentEntry): Setting['parameters'] {
  return Object.fromEntries(Object.entries(parameters).map(([name, one]) => [name, one.default]));
}

function isSameSetting(a: Setting, b: Setting | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
