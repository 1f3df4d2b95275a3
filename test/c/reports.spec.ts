/** What a report of C code says: lines, functions, callers, and the names of variables. */
import { expect } from 'chai';
import { itInC, reportOf } from './support.ts';

describe('a report of C code', () => {
  itInC('names the function, the line with its text, and what called it', () => {
    const report = reportOf(`
static struct page *page;
static int (*callback)(char *data);
SETUP(pages) { page = alloc_page(GFP_HIGHUSER | __GFP_ZERO); }
static int slow(char *data)
{
	msleep(10);
	return data[0];
}
static noinline void receive(struct page *p)
{
	char *at = kmap_atomic(p);

	callback(at);
	kunmap_atomic(at);
}
SECTION(task, rx)
{
	callback = slow;
	receive(page);
}`);
    expect(report).to.match(
      /found at +section[-\d]+\.c:7 in slow, called at section[-\d]+\.c:14 in receive, called at\s+section[-\d]+\.c:20 in rx\n/,
    );
    expect(report).to.match(/source +msleep\(10\);\n/);
    expect(report).to.match(
      /mapped at +section[-\d]+\.c:12 in receive, called at section[-\d]+\.c:20 in rx\n/,
    );
  });

  itInC('names variables, their members, and pages by what points to them', () => {
    const report = reportOf(`
struct buffer { unsigned int offset; struct page *pages[2]; };
static struct buffer buffer;
static struct buffer *current;
SETUP(all)
{
	buffer.pages[1] = alloc_page(GFP_HIGHUSER | __GFP_ZERO);
	buffer.offset = 8;
	current = kzalloc(sizeof(*current), GFP_KERNEL);
}
SECTION(task, probe)
{
	char *at = kmap_local_page(buffer.pages[1]);

	current->offset = buffer.offset;
	at[current->offset] = 1;
	kunmap_local(at);
	BUG();
}`);
    expect(report).to.match(/load buffer\.pages\[1\] at/);
    expect(report).to.match(/map 0x[0-9a-f]+ \(page buffer\.pages\[1\]\) slot 0/);
    expect(report).to.match(/store current->offset at/);
    expect(report).to.match(/store page buffer\.pages\[1\]\+8 at/);
  });

  itInC('names an object by the line that allocated it where nothing points to it', () => {
    const report = reportOf(`SECTION(task, probe)
{
	int *p = kzalloc(8, GFP_KERNEL);
	p[1] = 3;
	BUG_ON(p[1] == 3);
}`);
    expect(report).to.match(/store object of section[-\d]+\.c:3\+4 at/);
  });

  itInC('says that the final check begins, and names what it read', () => {
    const report = reportOf(`
static int total;
SECTION(task, probe) { total = 5; }
CHECK(six) { return total == 6; }`);
    expect(report).to.match(/the final check runs\n.*load total at section[-\d]+\.c:4/);
    expect(report).to.match(/read +4 bytes of total are 0x05 0x00 0x00 0x00; last written by task "probe"/);
  });

  itInC('names locks without the members of their structures, and not by how they are kept', () => {
    const report = reportOf(`
static struct { int n; spinlock_t lock; } device = { .lock = __SPIN_LOCK_UNLOCKED(device.lock) };
SECTION(task, submit) { spin_lock(&device.lock); device.n++; spin_unlock(&device.lock); }
IRQ(done) { spin_lock(&device.lock); device.n--; spin_unlock(&device.lock); }`);
    expect(report).to.match(/takes device\.lock at/);
    expect(report).not.to.match(/SpinLock/);
  });

  itInC('says of an address that wrapped which map lies at the end of the address space', () => {
    const report = reportOf(`
static struct page *page;
SETUP(pages) { page = alloc_page(GFP_HIGHUSER | __GFP_ZERO); }
SECTION(task, probe) { char *at = kmap_local_page(page); at[4096] = 1; kunmap_local(at); }`);
    expect(report).to.match(/or +an access past the end of page page, which is mapped at 0xfffff000/);
  });
});
