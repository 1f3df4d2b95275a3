// The rules of scatterlist check that a semantic patch can express, for the comparison in docs/check.md.
// spatch -D report --no-show-diff --very-quiet --sp-file mapping.cocci DIRECTORY
virtual report

@initialize:python@
@@
seen = set()
def tell(rule, places):
    for p in places:
        key = (p.file, p.line, rule)
        if key in seen:
            continue
        seen.add(key)
        print("%s:%s: %s in %s" % (p.file, p.line, rule, p.current_element))

// A map that one way out keeps, where another one undoes it.
@leak exists@
type T;
identifier at;
expression keep;
identifier map = { kmap_atomic, kmap_local_page, kmap_local_folio, bvec_kmap_local };
identifier unmap = { kunmap_atomic, kunmap_local };
position p;
@@
(
 at = map(...);
|
 T at = map(...);
)
 ... when != unmap(<+...at...+>)
     when != keep = <+...at...+>
     when != return <+...at...+>;
     when != folio_release_kmap(...)
     when != unmap_and_put_page(...)
     when != at = map(...)
 return@p ...;

@released@
identifier leak.at;
identifier unmap = { kunmap_atomic, kunmap_local };
@@
 unmap(<+...at...+>)

@script:python depends on report && released@
p << leak.p;
@@
tell("leak", p)

// kmap undone by its page.
@leakpage exists@
expression page;
position p;
@@
 kmap(page)
 ... when != kunmap(page)
 return@p ...;

@releasedpage@
expression leakpage.page;
@@
 kunmap(page)

@script:python depends on report && releasedpage@
p << leakpage.p;
@@
tell("leak", p)

// An area of vmalloc.
@leakarea exists@
type T;
identifier at;
expression keep;
position p;
@@
(
 at = vmap(...);
|
 T at = vmap(...);
)
 ... when != vunmap(at)
     when != keep = at
     when != at == NULL
     when != !at
 return@p ...;

@releasedarea@
identifier leakarea.at;
@@
 vunmap(at)

@script:python depends on report && releasedarea@
p << leakarea.p;
@@
tell("leak", p)

// Undone twice on one way.
@twice exists@
identifier at;
identifier unmap = { kunmap_atomic, kunmap_local, vunmap };
position p;
@@
 unmap(at);
 ... when != at = ...
     when != &at
 unmap@p(at);

@script:python depends on report@
p << twice.p;
@@
tell("double-unmap", p)

// Used after it was undone.
@after exists@
identifier at;
identifier unmap = { kunmap_atomic, kunmap_local };
position p;
expression e;
identifier f;
@@
 unmap(at);
 ... when != at = e
     when != &at
(
 *(at@p)
|
 at@p->f
|
 at@p[e]
)

@script:python depends on report@
p << after.p;
@@
tell("use-after-unmap", p)

// The first of two is undone first.
@order exists@
type T;
identifier first, second;
identifier map1 = { kmap_atomic, kmap_local_page }, map2 = { kmap_atomic, kmap_local_page };
identifier unmap = { kunmap_atomic, kunmap_local };
position p;
@@
(
 first = map1(...);
|
 T first = map1(...);
)
 ... when != unmap(first)
(
 second = map2(...);
|
 T second = map2(...);
)
 ... when != unmap(second)
 unmap@p(first);
 ...
 unmap(second);

@script:python depends on report@
p << order.p;
@@
tell("unmap-order", p)

// The page where the address belongs, and the reverse.
@pagegiven@
struct page *page;
identifier unmap = { kunmap_atomic, kunmap_local };
position p;
@@
 unmap@p(page)

@script:python depends on report@
p << pagegiven.p;
@@
tell("unmap-address", p)

@addressgiven@
type T;
identifier at;
position p;
@@
(
 at = kmap(...);
|
 T at = kmap(...);
)
 ...
 kunmap@p(at);

@script:python depends on report@
p << addressgiven.p;
@@
tell("kunmap-unmapped", p)

// Sleeping between kmap_atomic and its end.
@sleeps exists@
type T;
identifier at;
identifier sleep = { mutex_lock, msleep, schedule, cond_resched, wait_for_completion, copy_from_user, copy_to_user, kmap, down, down_read, down_write, might_sleep, lock_page };
position p;
@@
(
 at = kmap_atomic(...);
|
 T at = kmap_atomic(...);
)
 ... when != kunmap_atomic(<+...at...+>)
 sleep@p(...)

@script:python depends on report@
p << sleeps.p;
@@
tell("sleep-in-atomic", p)

// Freed while it is mapped.
@freed exists@
type T;
identifier at;
expression page;
identifier map = { kmap_atomic, kmap_local_page };
identifier unmap = { kunmap_atomic, kunmap_local };
position p;
@@
(
 at = map(page);
|
 T at = map(page);
)
 ... when != unmap(<+...at...+>)
 __free_page@p(page);

@script:python depends on report@
p << freed.p;
@@
tell("freed-while-mapped", p)
