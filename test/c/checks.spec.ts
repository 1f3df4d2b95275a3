/** What is checked at each access and call of C. */
import { expect } from 'chai';
import { INCLUDES, fileOf, itInC, outcomeOf, reportOf, ruleOf, ruleOfFile } from './support.ts';

const PAGE = 'static struct page *page; SETUP(pages) { page = alloc_page(GFP_HIGHUSER | __GFP_ZERO); }\n';

/** The rule that one task breaks. */
function ruleOfTask(body: string, before = PAGE): string {
  return ruleOf(`${before}SECTION(task, probe) { ${body} }`);
}

/** Tests of one task each, all in one C file. */
function itInCases(cases: readonly (readonly [title: string, rule: string, body: string])[]): void {
  const tasks = cases.map(([, , body], i) => `SECTION(task, case${String(i)}) { ${body} }`);
  let file = '';
  for (const [i, [title, rule]] of cases.entries())
    itInC(`${title}: ${rule}`, () => {
      if (file === '') file = fileOf(INCLUDES + PAGE + tasks.join('\n'));
      expect(ruleOfFile(file, { only: [`case${String(i)}`] })).to.equal(rule);
    });
}

describe('mapped memory in C', () => {
  const cases: readonly (readonly [title: string, rule: string, body: string])[] = [
    ['after its unmap', 'unmapped-slot', 'char *p = kmap_local_page(page); kunmap_local(p); p[0] = 1;'],
    ['beyond the page', 'unmapped-slot', 'char *p = kmap(page); p[4096] = 1; kunmap(page);'],
    ['through NULL', 'null-pointer', 'int *p = NULL; p[1] = 1;'],
    ['at a wild address', 'wild-access', '*(volatile int *)0xc7654320 = 1;'],
    ['of a user', 'user-pointer', '*(volatile int *)0x08000000 = 1;'],
    [
      'through the linear address of a highmem page',
      'no-linear-address',
      '*(volatile char *)(PAGE_OFFSET + (page_to_pfn(page) << PAGE_SHIFT)) = 1;',
    ],
    [
      'unmapped in the wrong order',
      'unmap-order',
      'char *a = kmap_local_page(page), *b = kmap_local_page(page); kunmap_local(a); kunmap_local(b);',
    ],
    [
      'unmapped by an advanced pointer',
      'unmap-address',
      'char *p = kmap_local_page(page); kunmap_local(p + 4096);',
    ],
    ['never unmapped', 'leak', 'kmap_local_page(page);'],
    [
      'mapped by kmap in an atomic section',
      'kmap-in-atomic',
      'preempt_disable(); kmap(page); kunmap(page); preempt_enable();',
    ],
    ['held across a sleep', 'sleep-in-atomic', 'char *p = kmap_atomic(page); msleep(1); kunmap_atomic(p);'],
    [
      'of a page that was freed',
      'use-after-free',
      'struct page *q = alloc_page(GFP_KERNEL); char *p = page_address(q); __free_page(q); p[0] = 1;',
    ],
    [
      'of a page freed twice',
      'double-free',
      'struct page *q = alloc_page(GFP_KERNEL); __free_page(q); __free_page(q);',
    ],
    [
      'that was never written',
      'uninitialised-read',
      'struct page *q = alloc_page(GFP_KERNEL); char *p = page_address(q); BUG_ON(p[3] == 77);',
    ],
  ];
  itInCases(cases);

  itInC('is not looked at for what was never written where the machine is told so', () => {
    const probe =
      'struct page *q = alloc_page(GFP_KERNEL); char *p = page_address(q); BUG_ON(p[3] == 77); __free_page(q);';
    expect(ruleOfTask(`${probe}`, `MACHINE(trackUninitialised = false)\n${PAGE}`)).to.equal('exhausted');
    expect(ruleOfTask(`${probe}`, `MACHINE(trackUninitialised = true)\n${PAGE}`)).to.equal(
      'uninitialised-read',
    );
  });

  itInC('copied as a block, also across the end of a page of lowmem', () => {
    expect(
      ruleOfTask(`
	struct page *pages = alloc_pages(GFP_KERNEL | __GFP_ZERO, 1);
	char *p = page_address(pages), *q = kmap_local_page(page);
	memset(p + 4000, 7, 200);
	memcpy(q, p + 4000, 200);
	BUG_ON(q[199] != 7 || memcmp(q, p + 4000, 200));
	kunmap_local(q);
	__free_pages(pages, 1);
`),
    ).to.equal('exhausted');
  });
});

describe('objects of kmalloc', () => {
  const cases: readonly (readonly [title: string, rule: string, body: string])[] = [
    ['written behind the end', 'object-overrun', 'char *p = kmalloc(20, GFP_KERNEL); p[20] = 1; kfree(p);'],
    ['cleared too long', 'object-overrun', 'char *p = kmalloc(20, GFP_KERNEL); memset(p, 0, 21); kfree(p);'],
    [
      'used after kfree',
      'object-use-after-free',
      'int *p = kzalloc(8, GFP_KERNEL); kfree(p); BUG_ON(p[0] == 77);',
    ],
    ['freed twice', 'object-free', 'char *p = kmalloc(8, GFP_KERNEL); kfree(p); kfree(p);'],
    ['freed in the middle', 'object-free', 'char *p = kmalloc(8, GFP_KERNEL); kfree(p + 4);'],
    [
      'read before it is written',
      'uninitialised-read',
      'int *p = kmalloc(8, GFP_KERNEL); BUG_ON(p[1] == 77); kfree(p);',
    ],
    [
      'allocated with GFP_KERNEL in an atomic section',
      'sleep-in-atomic',
      'preempt_disable(); kfree(kmalloc(8, GFP_KERNEL)); preempt_enable();',
    ],
    [
      'used as they should be',
      'exhausted',
      'int *p = kzalloc(8, GFP_ATOMIC); p[1] += 2; BUG_ON(p[1] != 2); kfree(p); kfree(NULL);',
    ],
  ];
  itInCases(cases);

  itInC('a report names where the object was allocated and freed', () => {
    const report = reportOf(`SECTION(task, probe)
{
	int *p = kzalloc(8, GFP_KERNEL);
	kfree(p);
	p[0] = 1;
}`);
    expect(report).to.match(/allocated by "probe" at section-\d+-\d+\.c:3/);
    expect(report).to.match(/freed by "probe" at section-\d+-\d+\.c:4/);
    expect(report).to.match(/at section-\d+-\d+\.c:5/);
  });
});

describe('memory that is not freed', () => {
  const NODE = 'struct node { struct node *next; struct page *page; int n; };\n';

  itInC('is a leak where nothing leads to it, told with the lines that allocated it', () => {
    const report = reportOf(`${NODE}
static noinline struct node *make(void)
{
	struct node *n = kzalloc(sizeof(*n), GFP_KERNEL);
	n->page = alloc_pages(GFP_KERNEL, 1);
	return n;
}
SECTION(task, probe)
{
	make()->n = 1;
}`);
    expect(report).to.include('rule: memory-leak');
    expect(report).to.include('1 object and 1 page allocation were not freed');
    expect(report).to.match(
      /object +0x[0-9a-f]+, 12 bytes, allocated by "probe" at [-\w.]+:5 in make, called at/,
    );
    expect(report).to.match(
      /pages +pfn 0x[0-9a-f]+ to 0x[0-9a-f]+, allocated by "probe" at [-\w.]+:6 in make/,
    );
  });

  itInC('is none where a variable leads to it, also through objects and pages', () => {
    const keep = (kept: string): string => `${NODE}
static struct node *head; static unsigned long bits; static struct page *page;
SECTION(task, probe)
{
	struct node *n = kzalloc(sizeof(*n), GFP_KERNEL), *m = kzalloc(sizeof(*m), GFP_KERNEL);
	void **at;
	m->page = alloc_page(GFP_HIGHUSER);
	n->next = m;
	page = alloc_page(GFP_HIGHUSER | __GFP_ZERO);
	at = kmap_local_page(page);
	${kept};
	kunmap_local(at);
}`;
    expect(ruleOf(keep('head = n'))).to.equal('exhausted');
    expect(ruleOf(keep('bits = (unsigned long)n'))).to.equal('exhausted');
    expect(ruleOf(keep('at[7] = n'))).to.equal('exhausted');
    expect(ruleOf(keep('page->private = (unsigned long)n'))).to.equal('exhausted');
    expect(ruleOf(keep('head = m'))).to.equal('memory-leak');
    expect(ruleOf(keep('page = NULL, head = n'))).to.equal('memory-leak');
    expect(ruleOf(`PROGRAM(allow = memory-leak)${keep('head = m')}`)).to.equal('exhausted');
  });

  itInC('is none where it was freed by another actor', () => {
    expect(
      ruleOf(`static int *box; static DEFINE_SPINLOCK(lock);
SECTION(task, giver) { int *p = kzalloc(4, GFP_KERNEL); spin_lock(&lock); box = p; spin_unlock(&lock); }
SECTION(task, taker) { int *p; spin_lock(&lock); p = box; box = NULL; spin_unlock(&lock); kfree(p); }`),
    ).to.equal('exhausted');
  });
});

describe('data races on what C shares', () => {
  const two = (declared: string, one: string, other: string): string =>
    `${declared}\nSECTION(task, one) { ${one} }\nSECTION(task, two) { ${other} }`;

  itInC('on a variable, without a lock', () => {
    expect(ruleOf(two('static int total;', 'total++;', 'total++;'))).to.equal('data-race');
    expect(ruleOf(two('int total; int seen;', 'total = 1;', 'seen = total;'))).to.equal('data-race');
  });

  itInC('on a field that an interrupt writes', () => {
    const text = (off: string, on: string): string =>
      `static struct { int a, b; } device; SECTION(task, one) { ${off} device.b++; ${on} } IRQ(two) { device.b = 0; }`;
    expect(ruleOf(text('', ''))).to.equal('data-race');
    expect(ruleOf(text('local_irq_disable();', 'local_irq_enable();'))).to.equal('exhausted');
  });

  itInC('not on different fields, nor under a lock, nor where both are marked', () => {
    expect(ruleOf(two('static struct { int a, b; } s;', 's.a++;', 's.b++;'))).to.equal('exhausted');
    const locked = 'spin_lock(&lock); total++; spin_unlock(&lock);';
    expect(ruleOf(two('static int total; static DEFINE_SPINLOCK(lock);', locked, locked))).to.equal(
      'exhausted',
    );
    expect(ruleOf(two('int a;', 'WRITE_ONCE(a, 1);', 'if (READ_ONCE(a)) msleep(1);'))).to.equal('exhausted');
  });

  itInC('on blocks that overlap, and not on those that do not', () => {
    const copies = (to: number): string =>
      two(
        'static char shared[64], a[64], b[64];',
        'memcpy(shared, a, 48);',
        `memcpy(shared + ${String(to)}, b, 16);`,
      );
    expect(ruleOf(copies(47))).to.equal('data-race');
    expect(ruleOf(copies(48))).to.equal('exhausted');
    expect(ruleOf(two('static char s[8];', 'memset(s, 0, 8);', 's[7] = 1;'))).to.equal('data-race');
    expect(
      ruleOf(two('static char s[8], t[8];', 'memcpy(t, s, 8);', 'char u[8]; memcpy(u, s, 8);')),
    ).to.equal('exhausted');
  });

  itInC('with both lines and the name of the variable', () => {
    const report = reportOf(
      'static int total;\nSECTION(task, one) {\n total++;\n}\nSECTION(task, two) {\n total += 2;\n}',
    );
    expect(report).to.include('both touch total');
    expect(report).to.match(
      /first +(load|store) of total \(4 bytes at 0x[0-9a-f]+\) by "\w+" at section-\d+-\d+\.c:[36] in \w+/,
    );
    expect(report).to.match(
      /second +(load|store) of total \(4 bytes at 0x[0-9a-f]+\) by "\w+" at section-\d+-\d+\.c:[36] in \w+/,
    );
  });
});

describe('the arithmetic of C', () => {
  itInC('is that of 32 and 64 bits', () => {
    expect(
      ruleOfTask(`
	volatile unsigned int u = 0xfffffff0; volatile int s = -7; volatile u64 q = 0x123456789abcdef0ULL; volatile s64 t = -9;
	volatile unsigned char b = 0xff; volatile signed char c = -1; volatile short h = -300;
	BUG_ON(u + 0x20 != 0x10); BUG_ON(s / 2 != -3); BUG_ON(s % 4 != -3); BUG_ON(u / 16 != 0x0fffffff); BUG_ON(u % 7 != 0xfffffff0u % 7);
	BUG_ON((s >> 1) != -4); BUG_ON((u >> 28) != 15); BUG_ON((u << 4) != 0xffffff00); BUG_ON(q >> 60 != 1); BUG_ON((u32)q != 0x9abcdef0);
	BUG_ON(q * 16 != 0x23456789abcdef00ULL); BUG_ON(t / 2 != -4); BUG_ON(t % 4 != -1); BUG_ON(q / 3 != 0x123456789abcdef0ULL / 3);
	BUG_ON(c != -1 || b != 255 || h != -300); BUG_ON((int)c + b != 254); BUG_ON((u > 5) != 1); BUG_ON((s < 0) != 1); BUG_ON((u32)s < 5);
	BUG_ON(__builtin_clz(0x00010000) != 15); BUG_ON(__builtin_ctz(u) != 4); BUG_ON(__builtin_popcount(u) != 28);
`),
    ).to.equal('exhausted');
  });

  itInC('calls by pointers, switches and loops are those of C', () => {
    expect(
      ruleOf(`
static int twice(int n) { return 2 * n; }
static int thrice(int n) { return 3 * n; }
static int (*const ops[])(int) = { twice, thrice };
static noinline int choice(int n) { switch (n) { case 0: return 5; case 1: return 7; case 2: case 3: return 11; default: return -1; } }
SECTION(task, probe)
{
	int i, sum = 0;
	for (i = 0; i < 6; i++) { if (i == 4) continue; sum += choice(i); }
	BUG_ON(sum != 5 + 7 + 22 - 1);
	sum = 0;
	for (i = 0; i < 2; i++) sum += ops[i](10);
	BUG_ON(sum != 50);
}`),
    ).to.equal('exhausted');
    expect(ruleOf('static void (*none)(void); SECTION(task, probe) { none(); }')).to.equal('null-pointer');
  });

  itInC('a stack that is too deep is reported', () => {
    expect(
      ruleOf(`
static noinline int deep(int n) { volatile char all[1000]; all[n] = n; return n == 0 ? all[0] : deep(n - 1) + all[n]; }
SECTION(task, probe) { BUG_ON(deep(20) == 12345); }`),
    ).to.equal('stack-overflow');
  });

  itInC('WARN_ON and BUG_ON are reported, and a warning can be allowed', () => {
    expect(ruleOf('SECTION(task, probe) { WARN_ON(1 == 1); }')).to.equal('warn-on');
    expect(ruleOf('PROGRAM(allow = warn-on) SECTION(task, probe) { WARN_ON(1 == 1); }')).to.equal(
      'exhausted',
    );
    const outcome = outcomeOf('SECTION(task, probe) { BUG_ON(choose(3) == 2); }');
    expect(outcome.kind === 'violation' && outcome.violation.what).to.equal('BUG_ON(choose(3) == 2)');
  });
});
