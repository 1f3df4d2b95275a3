/** Each C file of examples/c breaks the rule that stands here, at the line that stands here; its fixed twin does not. */
import { expect } from 'chai';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { loadC } from 'scatterlist/c';
import { explain, explore, formatReport, parseSchedule } from 'scatterlist/explore';
import { itInC } from '../c/support.ts';

const FOLDER = join(import.meta.dirname, '..', '..', 'examples', 'c');

/** The rule, what the report says of the place, and the text of the line that it names. */
const FOUND: Readonly<Record<string, readonly [rule: string, label: string, line: string]>> = {
  'atomic-to-local': ['lost-write', 'lost by', 'map[tag] = 1;'],
  'inflate-end-pointer': ['unmap-order', 'found at', 'kunmap_local(stream.next_out);'],
  'unmap-order': ['unmap-order', 'found at', 'kunmap_local(source);'],
  'receive-callback': ['sleep-in-atomic', 'found at', 'mutex_lock(&log_mutex);'],
  'interrupt-slots': ['slot-overflow', 'found at', 'unsigned char *to = kmap_local_page(saved);'],
  'segment-one-page': ['wild-access', 'found at', 'memcpy(to, at + from->offset, from->length);'],
};

/** The numbers of the lines that consist of a text. */
function linesOf(file: string, text: string): readonly number[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line, i) => (line.trim() === text ? [i + 1] : []));
}

describe('the C files of examples/c', () => {
  const files = (folder: string): string[] => readdirSync(folder).filter((file) => file.endsWith('.c'));

  it('are tested here, and have a fixed twin each', () => {
    const names = Object.keys(FOUND).map((name) => `${name}.c`);
    expect(files(FOLDER)).to.have.members(names);
    expect(files(join(FOLDER, 'fixed'))).to.have.members(names);
  });

  for (const [name, [rule, label, text]] of Object.entries(FOUND)) {
    itInC(`${name}: breaks ${rule} at "${text}"`, () => {
      const file = join(FOLDER, `${name}.c`);
      const program = loadC(file);
      const outcome = explore(program);
      if (outcome.kind !== 'violation') throw new Error(`${name} ended with ${outcome.kind}`);
      expect(outcome.violation.rule).to.equal(rule);
      const report = formatReport(explain(program, parseSchedule(outcome.schedule)), { width: 120, file });
      const [, line = ''] = new RegExp(`${label}.*? (?:at )?${name}\\.c:(\\d+)`).exec(report) ?? [];
      expect(linesOf(file, text), report).to.include(Number(line));
    });

    itInC(`${name}: is explored to the end when it is fixed`, () => {
      expect(explore(loadC(join(FOLDER, 'fixed', `${name}.c`))).kind).to.equal('exhausted');
    });
  }
});
