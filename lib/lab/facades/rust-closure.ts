/**
 * A closure with the bytes of a mapped page: `Page::with_page_mapped` of Rust for Linux. The map ends with the closure, and
 * the bytes have a lifetime that does not let them leave it.
 */
import { err } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import { configWhole } from '../../base/whole.ts';
import { kmapLocalPage, kunmapLocal } from '../../kernel/highmem/kmap-local.ts';
import type { Sleeping } from '../../kernel/parts/wait-queue.ts';
import type { Page } from '../../machine/memory.ts';
import { defineFacade } from '../define-facade.ts';
import type { Facade } from '../define-facade.ts';
import { EINVAL } from '../err-ptr.ts';
import { Loan } from '../parts/page-slice.ts';
import type { PageSlice } from '../parts/page-slice.ts';

/** `kernel::error::Result`: a value, or a negative error number. */
export type KernelResult<T> = Result<T, number>;

/** The functions: the same map for closures that do not sleep, and for those that do. */
export interface RustClosure {
  /** Maps bytes of a page during a closure; returns `-EINVAL`, and does not call it, if they are not all in the page. */
  withPageMapped<T>(
    page: Page,
    offset: number,
    len: number,
    use: <L>(bytes: PageSlice<L>) => KernelResult<T>,
  ): KernelResult<T>;
  /** The same for a closure that sleeps. */
  withPageMappedSleeping<T>(
    page: Page,
    offset: number,
    len: number,
    use: <L>(bytes: PageSlice<L>) => Sleeping<KernelResult<T>>,
  ): Sleeping<KernelResult<T>>;
}

/** The closure of Rust for Linux. */
export const rustClosure: Facade<RustClosure> = defineFacade({
  name: 'rust-closure',
  title: 'closure of Rust for Linux',
  source:
    'rust/kernel/page.rs of Linux 7.2: with_page_mapped and with_pointer_into_page by Alice Ryhl, 2024, and with_slice_into_page by Andreas Hindborg, which is not merged',
  simplifies:
    'Linux gives the closure a raw pointer and keeps the function private; here it gets a slice, as with_slice_into_page does, so that lifetimes show. The compiler refuses what types can express; what only rustc refuses is refused at run time, with its error code. read_raw and write_raw are left out: they copy, as the helpers without a map do. In Rust one function takes both kinds of closure.',
  open: (env) => {
    const { context, machine } = env;
    const isOutside = (offset: number, len: number): boolean => {
      configWhole('offset', offset, 0);
      configWhole('len', len, 0);
      return offset + len > machine.pageSize;
    };
    // Neither catches what the closure throws: a panic of the kernel does not unwind.
    return {
      withPageMapped: (page, offset, len, use) => {
        if (isOutside(offset, len)) return err(-EINVAL);
        const loan = new Loan(env, kmapLocalPage(context, page), offset, len);
        const result = use(loan);
        kunmapLocal(context, loan.end());
        return result;
      },
      *withPageMappedSleeping(page, offset, len, use) {
        if (isOutside(offset, len)) return err(-EINVAL);
        const loan = new Loan(env, kmapLocalPage(context, page), offset, len);
        const result = yield* use(loan);
        kunmapLocal(context, loan.end());
        return result;
      },
    };
  },
});
