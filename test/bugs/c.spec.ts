/** Ten of the historical bugs written in C: each breaks the rule that its TypeScript version breaks. */
import { expect } from 'chai';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { itInC, ruleOfFile } from '../c/support.ts';
import { read } from '../architecture/repository.ts';

const FOLDER = join(import.meta.dirname, 'c');

const RULES: Readonly<Record<string, string>> = {
  'atomic-section-conversion': 'lost-write',
  'drbd-drain-goto-leaks-kmap': 'freed-while-mapped',
  'flashcache-kmap-in-softirq': 'kmap-in-atomic',
  'lustre-vector-kmap-deadlock': 'deadlock',
  'mremap-alloc-under-atomic-pte-map': 'sleep-in-atomic',
  'replace-with-highmem-maps-source': 'uninitialised-read',
  'shmem-double-kunmap': 'kunmap-underflow',
  'uffd-move-pages-lifo': 'unmap-order',
  'vmci-kmap-under-mmap-sem': 'deadlock',
  'zsmalloc-kunmap-modified-addr': 'unmap-address',
};

describe('historical bugs in C', () => {
  it('are those that have a file', () => {
    expect(readdirSync(FOLDER)).to.have.members(Object.keys(RULES).map((name) => `${name}.c`));
  });

  for (const [name, rule] of Object.entries(RULES)) {
    it(`${name}: the TypeScript version breaks ${rule}`, () => {
      const found = [
        ...read(`test/bugs/${name}.spec.ts`).matchAll(/expectFound\([\s\S]*?'([a-z-]+)'[,)\s]/g),
      ];
      expect(found.map(([text]) => text).join('\n')).to.include(`'${rule}'`);
    });

    itInC(`${name}: so does the C version, and not when it is fixed`, () => {
      const file = join(FOLDER, `${name}.c`);
      expect(ruleOfFile(file)).to.equal(rule);
      expect(ruleOfFile(file, { define: { FIXED: '1' } })).to.equal('exhausted');
    });
  }
});
