import { expect } from 'chai';
import { canHaveHighmem, mayTakeAddresses } from '../../../../lib/cli/check/around/page-addresses.ts';

describe('addresses of pages', () => {
  const paths: readonly (readonly [string, boolean])[] = [
    ['/linux/drivers/mmc/host/one.c', true],
    ['/linux/arch/arm/mm/one.c', true],
    ['/linux/arch/s390/mm/one.c', false],
    ['arch\\arm64\\mm\\one.c', false],
    ['search/one.c', true],
  ];
  for (const [path, expected] of paths)
    it(`${expected ? 'may' : 'cannot'} be of high memory in ${path}`, () => {
      expect(canHaveHighmem(path)).to.equal(expected);
    });

  it('are judged in files that name where a page comes from', () => {
    expect(mayTakeAddresses('a = page_address(vmalloc_to_page(b));')).to.equal(true);
    expect(mayTakeAddresses('void f(struct mmc_data *data) { a = sg_virt(data->sg); }')).to.equal(true);
    expect(mayTakeAddresses('a = page_address(b->page);')).to.equal(false);
    expect(mayTakeAddresses('a = vmalloc_to_page(b);')).to.equal(false);
  });
});
