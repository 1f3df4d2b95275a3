/** The sections of the site and their pages, in the order in which the side bar shows them. */

/** A section of the side bar: titles with the paths of their pages. */
export interface Section {
  readonly text: string;
  readonly pages: readonly (readonly [title: string, path: string])[];
}

export const SECTIONS: readonly Section[] = [
  {
    text: 'Start',
    pages: [
      ['What it is for', '/'],
      ['The first violation', '/start'],
      ['The laboratory page', '/laboratory'],
    ],
  },
  {
    text: 'Guides',
    pages: [
      ['Convert a driver', '/converting'],
      ['Write a backend', '/backend'],
      ['Write a port', '/port'],
      ['Explore a section', '/explorer'],
      ['C code of the kernel', '/c'],
      ['Check a kernel tree', '/check'],
      ['Lint rules', '/lint'],
      ['DMA and bounce buffers', '/dma'],
      ['The iSCSI target', '/iscsi'],
      ['mocha, vitest, node:test', '/runners'],
    ],
  },
  {
    text: 'Reference',
    pages: [
      ['API', '/api/'],
      ['Linux functions', '/linux-api'],
      ['Backends', '/backends'],
      ['Ports of drivers', '/ports'],
      ['Rules', '/rules'],
      ['Errors', '/errors'],
    ],
  },
  {
    text: 'Designs of mapping APIs',
    pages: [
      ['Judge a design', '/lab'],
      ['Table of designs', '/lab-table'],
      ['Experiments', '/experiments'],
    ],
  },
  {
    text: 'Background',
    pages: [
      ['Exhibits', '/exhibits'],
      ['Quirks of Linux', '/quirks'],
      ['Decisions', '/decisions'],
      ['Performance', '/performance'],
      ['Speed', '/speed'],
      ['Architecture', '/architecture'],
      ['Module decompression', '/module-decompress'],
      ['Mutation testing', '/mutation'],
      ['Contributing', '/contributing'],
      ['Changes', '/changelog'],
    ],
  },
];
