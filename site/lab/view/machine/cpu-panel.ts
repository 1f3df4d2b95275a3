/**
 * One CPU: what runs on it, its counts, its stack of local maps and its TLB.
 */
import { html, nothing } from 'lit-html';
import type { TemplateResult } from 'lit-html';
import type { CpuPicture, LocalSlot, TlbEntry } from '../../session/snapshot.ts';
import { compare } from './compare.ts';
import { marked, signCell } from './marks.ts';
import { counted, frame, hex, names } from './texts.ts';

/** Draws a CPU. */
export function cpuPanel(cpu: CpuPicture, before: CpuPicture | undefined): TemplateResult {
  const name = `cpu${String(cpu.id)}`;
  return html`<section class="unit cpu" aria-label=${name}>
    <header>
      <h3 class="mono">${name}</h3>
      ${marked(runningText(cpu), cpu.stack, before?.stack)}
    </header>
    ${countsOf(cpu, before)} ${localSlots(cpu, before)} ${tlb(cpu, before)}
  </section>`;
}

function runningText({ stack, isIdle }: CpuPicture): string {
  if (isIdle) return 'idle';
  return stack.map(({ name, kind }) => (kind === 'task' ? name : `${name} (${kind})`)).join(' over ');
}

function countsOf(cpu: CpuPicture, before: CpuPicture | undefined): TemplateResult {
  const irqs = (of: CpuPicture): string => (of.irqsDisabled ? 'off' : 'on');
  const counts = [
    ['preempt', String(cpu.preemptCount), before && String(before.preemptCount)],
    ['migrate', String(cpu.migrateDisabled), before && String(before.migrateDisabled)],
    ['pagefault', String(cpu.pagefaultDisabled), before && String(before.pagefaultDisabled)],
    ['irqs', irqs(cpu), before && irqs(before)],
  ] as const;
  const depths = [
    ['hardirq', cpu.hardirqDepth, before?.hardirqDepth],
    ['softirq', cpu.softirqDepth, before?.softirqDepth],
    ['nmi', cpu.nmiDepth, before?.nmiDepth],
  ] as const;
  const shown = depths.filter(([, now, was]) => now > 0 || (was ?? 0) > 0);
  return html`<dl class="counts mono">
    ${[...counts, ...shown.map(([name, now, was]) => [name, String(now), was && String(was)] as const)].map(
      ([name, now, was]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${marked(now, now, was)}</dd>
        </div>`,
    )}
  </dl>`;
}

function localSlots(cpu: CpuPicture, before: CpuPicture | undefined): TemplateResult {
  // The deepest is the last that may be released: a stack is read from its top.
  const slots = compare(cpu.localSlots, before?.localSlots, ({ index }) => index).toReversed();
  const used = cpu.localSlots.filter(({ pfn }) => pfn !== undefined).length;
  const isEmpty = (slot: LocalSlot): boolean => slot.pfn === undefined;
  return html`<table class="entries mono">
    <caption>
      local slots
      <span class="aside">${String(used)} of ${String(cpu.localSlotCount)}</span>
    </caption>
    ${slots.length === 0 ? emptyRow('none in use') : nothing}
    ${slots.map(
      ({ entry, change }) =>
        html`<tr class="${change} ${isEmpty(entry) ? 'free' : ''}">
          ${signCell(change)}
          <th scope="row">${entry.index}</th>
          <td>${hex(entry.vaddr)}</td>
          <td>${frame(entry.pfn)}</td>
          <td>${names(entry.holders)}</td>
        </tr>`,
    )}
  </table>`;
}

function tlb(cpu: CpuPicture, before: CpuPicture | undefined): TemplateResult {
  const entries = compare(cpu.tlb, before?.tlb, ({ vaddr }) => vaddr);
  const stale = cpu.tlb.filter(({ isStale }) => isStale).length;
  return html`<table class="entries mono">
    <caption>
      TLB
      <span class="aside"
        >${counted(cpu.tlb.length, 'entry', 'entries')}${stale === 0 ? '' : `, ${String(stale)} stale`}</span
      >
    </caption>
    ${entries.length === 0 ? emptyRow('empty') : nothing}
    ${entries.map(
      ({ entry, change }) =>
        html`<tr class="${change} ${entry.isStale ? 'stale' : ''}">
          ${signCell(change)}
          <th scope="row">${hex(entry.vaddr)}</th>
          <td>${frame(entry.pfn)}</td>
          <td>${staleText(entry)}</td>
        </tr>`,
    )}
  </table>`;
}

function staleText({ isStale }: TlbEntry): TemplateResult | typeof nothing {
  return isStale ? html`<span class="tag bad">stale</span>` : nothing;
}

/** A row that says that there is nothing. */
export function emptyRow(text: string): TemplateResult {
  return html`<tr class="none">
    <td class="sign-cell"></td>
    <td colspan="9">${text}</td>
  </tr>`;
}
