import { expect } from 'chai';
import { itInC, outcomeOf, reportOf, ruleOf } from '../support.ts';

describe('explored_at', () => {
  itInC('chooses a value where the variable is first read, and no other after that', () => {
    const text = (wrong: string): string => `
struct host { short kind; int length; };
static struct host *host;
SETUP(all)
{
	host = kzalloc(sizeof(*host), GFP_KERNEL);
	explored_at(&host->kind, 7, 8);
	explored_at(&host->length, 0, -1, 512);
}
SECTION(task, probe)
{
	int length = host->length;

	if (${wrong})
		BUG();
	BUG_ON(length != host->length);
}`;
    expect(ruleOf(text('length == -1'))).to.equal('bug-on');
    expect(ruleOf(text('length == 512 && host->kind == 8'))).to.equal('bug-on');
    expect(reportOf(text('length == 512 && host->kind == 8'))).to.include('host->kind is 8\n');
    // The kind is not read, so it is not chosen.
    const outcome = outcomeOf(text('length == 1'));
    expect(outcome.kind).to.equal('exhausted');
    expect(outcome.counts.schedules).to.equal(3);
  });

  itInC('is of no effect on a variable that is written first', () => {
    expect(
      ruleOf(`
static int flag;
SETUP(all) { explored_at(&flag, 3, 4); }
SECTION(task, probe) { flag = 1; BUG_ON(flag != 1); }`),
    ).to.equal('exhausted');
  });

  itInC('reads a part of a variable as the part of its value', () => {
    expect(
      ruleOf(`
static unsigned int word;
SETUP(all) { explored_at(&word, 0x04030201); }
SECTION(task, probe) { unsigned char *at = (unsigned char *)&word; BUG_ON(at[1] != 2 || word != 0x04030201); }`),
    ).to.equal('exhausted');
  });
});

describe('explored_bytes', () => {
  itInC('chooses at each read of bytes that were not written', () => {
    const text = (wrong: string): string => `
static unsigned char *buffer;
SETUP(all) { buffer = kmalloc(16, GFP_KERNEL); explored_bytes(buffer, 16, 0, 7); }
SECTION(task, probe) { buffer[1] = 9; if (${wrong}) BUG(); }`;
    expect(ruleOf(text('buffer[0] == 7 && buffer[15] == 0 && buffer[1] == 9'))).to.equal('bug-on');
    expect(ruleOf(text('buffer[1] == 7'))).to.equal('exhausted');
    expect(reportOf(text('buffer[15] == 7'))).to.include('buffer, 1 bytes at 15, is 7\n');
  });
});

describe('explored_page', () => {
  itInC('does the same of a page, through a mapping that is made later', () => {
    const text = (wrong: string): string => `
static struct page *page;
SETUP(all) { page = alloc_page(GFP_HIGHUSER); explored_page(page, 0, 7); }
SECTION(task, probe)
{
	unsigned char *at = kmap_local_page(page);
	int first = at[0], second = at[4095];

	kunmap_local(at);
	if (${wrong})
		BUG();
}
PROGRAM(allow = memory-leak)`;
    expect(ruleOf(text('first == 7 && second == 0'))).to.equal('bug-on');
    const outcome = outcomeOf(text('first + second == 1'));
    expect(outcome.kind).to.equal('exhausted');
    expect(outcome.counts.schedules).to.equal(4);
  });
});
