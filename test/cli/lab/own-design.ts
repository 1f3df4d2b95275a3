/** The text of a user's own design, for one job; a worse one has a call that can fail, a pool, and maps more than once. */
export function ownDesign(name: string, isWorse: boolean): string {
  return `
import type { Page, Sleeping, DirectMapping } from 'scatterlist';
import { JOB_IDS, PAGE_SIZE, cannot, defineCallSites, defineFacade, edit, inPage } from 'scatterlist/lab';
import { kmap, kmapLocalPage, kunmap, kunmapLocal } from 'scatterlist/machine';

interface Api {
  map(page: Page): Sleeping<DirectMapping | undefined>;
  unmap(mapped: DirectMapping): void;
}

const facade = defineFacade<Api>({
  name: '${name}',
  title: 'a design of a test',
  source: 'this test',
  simplifies: 'Everything.',
  open: ({ context, fails }) => ({
    *map(page) {
      ${isWorse ? "if (fails('map')) return undefined;\n      return yield* kmap(context, page);" : 'return kmapLocalPage(context, page);'}
    },
    unmap(mapped) {
      ${isWorse ? 'kunmap(context, mapped);' : 'kunmapLocal(context, mapped);'}
    },
  }),
});

const none = cannot('it is not needed here');

const sites = {
  *copyResponse({ api, context, list, response }) {
    let done = 0;
    for (const sg of list) {
      for (let at = sg.offset; at < sg.offset + sg.length && done < response.length;) {
        const part = Math.min(response.length - done, sg.offset + sg.length - at, inPage(at));
        const page = context.machine.hardware.memory.nthPage(sg.page, Math.floor(at / PAGE_SIZE));
        const mapped = yield* api.map(page);
        ${isWorse ? 'if (mapped === undefined) return -12;\n        const again = yield* api.map(page);\n        if (again === undefined) {\n          api.unmap(mapped);\n          return -12;\n        }' : ''}
        mapped.copyFrom(response.subarray(done, done + part), at % PAGE_SIZE);
        ${isWorse ? 'api.unmap(again);' : ''}
        api.unmap(mapped);
        at += part;
        done += part;
      }
    }
    return 0;
  },
};
const rest = Object.fromEntries(JOB_IDS.filter((id) => id !== 'copyResponse').map((id) => [id, none]));

export default defineCallSites(facade, { ...rest, ...sites }, {
  otherOffset: none,
  unmapTwice: { copyResponse: edit('api.unmap(mapped);\\n        at', 'api.unmap(mapped);\\n        api.unmap(mapped);\\n        at') },
  neverUnmapped: { copyResponse: edit('api.unmap(mapped);\\n        at', 'at'), sharedView: none },
  otherFlags: none,
  usedAfterUnmap: none,
  tooLong: { copyResponse: edit(', inPage(at)', ''), pioBlocks: none },
  failureIgnored: none,
  leakOnError: none,
  sleepsWhileMapped: none,
  olderFirst: none,
  handlerUnmaps: none,
  plainStore: none,
  mapThatSleeps: none,
});
`;
}
