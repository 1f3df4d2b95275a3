/** Memory of the user in C. */
import { expect } from 'chai';
import { fileOf, itInC, ruleOfFile } from '../../support.ts';
import { itInCases } from '../cases.ts';

const BEFORE = `#include <linux/highmem.h>
#include <linux/slab.h>
#include <linux/uio.h>
#include <linux/scatterlist-explore.h>
MACHINE(highmemPages = 8)
static char *user, bytes[64]; static struct page *page;
SETUP(user) { user = user_memory(3 * PAGE_SIZE); page = alloc_page(GFP_HIGHUSER | __GFP_ZERO); }
`;

describe('memory of the user in C', () => {
  itInCases(BEFORE, [
    [
      'is copied, across pages and through faults',
      'exhausted',
      `memset(bytes, 3, 64); BUG_ON(copy_to_user(user + 4090, bytes, 64)); user_reclaim(user, 8192); memset(bytes, 0, 64);
       BUG_ON(copy_from_user(bytes, user + 4090, 64) || memchr_inv(bytes, 3, 64) || !access_ok(user, 8));
       BUG_ON(copy_from_user(bytes, user + 3 * PAGE_SIZE - 4, 8) != 4 || memchr_inv(bytes + 4, 0, 4));`,
    ],
    [
      'single values',
      'exhausted',
      `u16 n = 0; u32 m; BUG_ON(put_user((u16)0x1234, (u16 *)(user + 8)) || get_user(n, (u16 *)(user + 8)) || n != 0x1234);
       BUG_ON(put_user(5, (u32 *)user) || get_user(m, (u32 *)user) || m != 5 || get_user(m, (u32 *)0x1000) != -EFAULT);`,
    ],
    [
      'without a fault',
      'exhausted',
      `pagefault_disable(); BUG_ON(__copy_from_user_inatomic(bytes, user, 8) || __copy_to_user_inatomic(user, bytes, 8)); user_reclaim(user, 8);
       BUG_ON(__copy_from_user_inatomic(bytes, user, 8) != 8); pagefault_enable();
       BUG_ON(copy_from_user_nofault(bytes, user, 8) != -EFAULT || copy_to_user_nofault(user, bytes, 8) != -EFAULT);
       BUG_ON(copy_from_user(bytes, user, 8) || copy_from_user_nofault(bytes, user, 8));`,
    ],
    [
      'its pages are pinned and mapped',
      'exhausted',
      `struct page *pages[2]; char *at; put_user((u8)9, (u8 *)user + 4096);
       BUG_ON(pin_user_pages_fast((unsigned long)user, 2, FOLL_WRITE, pages) != 2); at = kmap_local_page(pages[1]); BUG_ON(at[0] != 9);
       kunmap_local(at); unpin_user_pages(pages, 2); BUG_ON(page_count(pages[0]) != 1);
       BUG_ON(get_user_pages_fast((unsigned long)user + 8192, 2, 0, pages) != 1 || get_user_pages_fast(0x1000, 1, 0, pages) != -EFAULT);`,
    ],
    [
      'copied under kmap_atomic, with page faults',
      'sleep-in-atomic',
      'char *at = kmap_atomic(page); pagefault_enable(); copy_from_user(at, user, 8); kunmap_atomic(at);',
    ],
    [
      'copied under a lock',
      'sleep-in-atomic',
      'preempt_disable(); copy_from_user(bytes, user, 8); preempt_enable();',
    ],
    ['through a plain pointer', 'user-pointer', 'user[0] = 1;'],
    ['into a buffer that is too small', 'object-overrun', 'copy_from_user(kmalloc(8, GFP_KERNEL), user, 9);'],
  ]);

  itInC('lists are made of it', () => {
    const text = `${BEFORE}
#include <linux/scatterlist.h>
SECTION(task, extract)
{
	struct scatterlist sg[4]; struct sg_table table = { sg, 0, 0 }; struct iov_iter i; struct kvec kv; struct bio_vec bv[2];
	char *low = kmalloc(16, GFP_KERNEL);

	sg_init_table(sg, 4);
	iov_iter_ubuf(&i, ITER_SOURCE, user + 4000, 200);
	BUG_ON(!iov_iter_extract_will_pin(&i) || extract_iter_to_sg(&i, 150, &table, 2, 0) != 150 || iov_iter_count(&i) != 50);
	BUG_ON(table.nents != 2 || sg[0].offset != 4000 || sg[0].length != 96 || sg[1].length != 54 || !sg_is_last(&sg[1]));
	BUG_ON(page_count(sg_page(&sg[0])) != 2);
	unpin_user_page(sg_page(&sg[0]));
	unpin_user_page(sg_page(&sg[1]));
	BUG_ON(extract_iter_to_sg(&i, 150, &table, 2, 0) != 50 || table.nents != 3 || sg[2].offset != 54);
	unpin_user_page(sg_page(&sg[2]));
	table.nents = table.orig_nents = 0;
	kv.iov_base = low; kv.iov_len = 16;
	iov_iter_kvec(&i, ITER_DEST, &kv, 1, 16);
	BUG_ON(extract_iter_to_sg(&i, 16, &table, 1, 0) != 16 || sg_virt(sg) != low);
	bvec_set_page(&bv[0], page, 8, 4); bvec_set_page(&bv[1], page, 8, 100);
	table.nents = 0;
	iov_iter_bvec(&i, ITER_DEST, bv, 2, 16);
	BUG_ON(extract_iter_to_sg(&i, 12, &table, 4, 0) != 12 || table.nents != 2 || sg[1].offset != 100 || sg[1].length != 4);
	kfree(low);
}`;
    expect(ruleOfFile(fileOf(text))).to.equal('exhausted');
    expect(
      ruleOfFile(
        fileOf(
          text.replace('iov_iter_bvec(&i, ITER_DEST, bv, 2, 16)', 'iov_iter_discard(&i, ITER_DEST, 16)'),
        ),
      ),
    ).to.equal('sg-discard-iterator');
  });
});
