import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { COLUMNS } from 'scatterlist/ports';
import { PORTS } from '../../examples/drivers/index.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const GUIDE = readFileSync(join(ROOT, 'docs', 'converting.md'), 'utf8');
const questions = GUIDE.split(/^## /m).filter((part) => /^\d+\. /.test(part));
const ports = PORTS.map(({ name }) => name);
const backends = COLUMNS.map(({ contract }) => contract.name);

describe('the guide for conversions', () => {
  for (const question of questions) {
    const [title = ''] = question.split('\n');
    it(`shows a port or a program, and a command that checks it: ${title}`, () => {
      expect(question).to.match(/examples\/(drivers|exhibits|explore)\//);
      expect(question).to.match(/`scatterlist (audit|matrix|explore) /);
    });
  }

  it('has ten questions', () => {
    expect(questions).to.have.length(10);
  });

  it('has commands that name ports, backends and files that there are', () => {
    const commands = [...GUIDE.matchAll(/`scatterlist ([a-z]+) ([^`]+)`/g)].map(
      ([, verb = '', rest = '']) => ({
        verb,
        words: rest.split(/\s+/),
      }),
    );
    expect(commands.length).to.be.greaterThan(10);
    for (const { verb, words } of commands) {
      const [first = '', second = '', third = ''] = words;
      if (words.some((word) => word === 'FILE' || word === 'PORT')) continue;
      if (verb === 'audit') expect(ports).to.include(first);
      else if (verb === 'explore') expect(existsSync(join(ROOT, first)), first).to.equal(true);
      else
        expect([first, ports.includes(second), backends.includes(third)]).to.deep.equal([
          '--why',
          true,
          true,
        ]);
    }
  });

  it('names every kind of port', () => {
    const folders = [
      'fs',
      'gpu',
      'infiniband',
      'lib',
      'misc',
      'mmc',
      'module',
      'net',
      'nvme',
      'scsi',
      'target',
      'virt',
    ];
    for (const folder of folders) expect(GUIDE).to.contain(`examples/drivers/${folder}/`);
  });
});
