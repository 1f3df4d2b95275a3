/** Files of a user: a port, a backend, and some that are neither. */
export const OWN_PORT = `import { definePort, sameBytes } from 'scatterlist/ports';
export default definePort({
  name: 'own', follows: 'my.c', about: 'copies', memory: ['highmem'], mostBytes: 512,
  setup: ({ machine, memory, content }) => ({ page: machine.allocPages(1, { zone: memory })[0], content }),
  variants: {
    original: { about: 'maps, copies, unmaps', linux: 'none', tasks: {
      *copy({ backend, page, content }) {
        const mapped = yield* backend.mapWait(page, 0, content.length);
        if (!mapped.ok) return mapped;
        mapped.value.copyFrom(content);
        backend.unmap(mapped.value);
      },
    } },
  },
  verify: ({ machine, page, content }) => sameBytes(content, machine.physical(page), 'the page'),
});
`;

export const OWN_BACKEND = `import { defineBackend } from 'scatterlist/backend';
import { KMAP_LOCAL, kmapLocal } from 'scatterlist/backends';
const contract = { ...KMAP_LOCAL, name: 'mine' };
export default (context) => {
  const backend = kmapLocal(context);
  return defineBackend(context, { contract, map: (...of) => backend.map(...of), unmap: (mapping) => backend.unmap(mapping) });
};
`;
