import { expect } from 'chai';
import fc from 'fast-check';
import { excludesHighmem, readKconfig } from '../../../../lib/cli/check/harm/kconfig.ts';
import type { Symbols } from '../../../../lib/cli/check/harm/kconfig.ts';

const KCONFIG = `config WIDE
	def_bool !HIGHMEM

menuconfig CARDS
	tristate "Cards"
	depends on PCI

if CARDS

config CARD_A
	tristate "A"
	depends on WIDE && \\
		   PCI
	help
	  This one depends on nothing else.
	  depends on !HIGHMEM

config CARD_B
	tristate "B"
	depends on ARM64 || COMPILE_TEST
	help
	  depends on 64BIT

endif # CARDS

menu "Others"
	depends on 64BIT

config OTHER
	bool "Other"

endmenu

config LAST
	bool "Last"
`;

const symbols: Symbols = {
  definitions: (symbol) => readKconfig(KCONFIG).get(symbol) ?? [],
  isWithoutHighmem: (arch) => arch === 'arm64',
};
const excludes = (condition: string): boolean => excludesHighmem(condition, symbols);

describe('symbols of a configuration', () => {
  it('need what they depend on, and what the menus around them do', () => {
    const all = [...readKconfig(KCONFIG)].map(([name, defined]) => [
      name,
      defined.flatMap(({ needs }) => needs),
    ]);
    expect(Object.fromEntries(all)).to.deep.equal({
      WIDE: ['!HIGHMEM'],
      CARDS: ['PCI'],
      CARD_A: ['CARDS', 'WIDE &&  \t\t   PCI'],
      CARD_B: ['CARDS', 'ARM64 || COMPILE_TEST'],
      OTHER: ['64BIT'],
      LAST: [],
    });
  });

  it('exclude highmem if each way to set them does', () => {
    const found = ['WIDE', 'CARD_A', 'CARD_B', 'OTHER', 'LAST', 'UNKNOWN'].filter(excludes);
    expect(found).to.deep.equal(['WIDE', 'CARD_A', 'OTHER']);
    expect(excludes('(64BIT && PCI) || ARM64=y')).to.equal(true);
    expect(excludes('64BIT = y')).to.equal(true);
    expect(excludes('64BIT = n')).to.equal(false);
    expect(excludes('!64BIT')).to.equal(false);
    expect(excludes('HIGHMEM')).to.equal(false);
  });

  it('that need each other come to an end', () => {
    const round: Symbols = {
      definitions: (symbol) => [{ needs: [symbol === 'A' ? 'B' : 'A'] }],
      isWithoutHighmem: () => false,
    };
    expect(excludesHighmem('A', round)).to.equal(false);
  });

  // A condition says nothing of highmem that it does not imply, whatever the other symbols are.
  it('imply what a table of all values says', () => {
    const { condition } = fc.letrec<{ condition: string }>((tie) => ({
      condition: fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom('64BIT', 'A', 'B', '!HIGHMEM'),
        fc
          .tuple(tie('condition'), fc.constantFrom('&&', '||'), tie('condition'))
          .map(([a, by, b]) => `(${a} ${by} ${b})`),
        fc.tuple(fc.constantFrom('A', '64BIT'), tie('condition')).map(([a, b]) => `${a} && ${b} || ARM64`),
      ),
    }));
    const holds = (text: string, a: boolean, b: boolean): boolean => {
      // With HIGHMEM set: no 64-bit machine.
      const js = text
        .replaceAll('!HIGHMEM', 'false')
        .replaceAll('64BIT', 'false')
        .replaceAll('ARM64', 'false')
        .replaceAll(/\bA\b/g, String(a))
        .replaceAll(/\bB\b/g, String(b));
      return evaluated(js);
    };
    fc.assert(
      fc.property(condition, (text) => {
        const canBeSet = [false, true].some((a) => [false, true].some((b) => holds(text, a, b)));
        expect(
          excludesHighmem(text, { definitions: () => [], isWithoutHighmem: (arch) => arch === 'arm64' }),
        ).to.equal(!canBeSet);
      }),
    );
  });
});

/** The value of `(true && false) || true`, by rewriting it until one word is left. */
function evaluated(text: string): boolean {
  let now = text.replaceAll(' ', '');
  for (let before = ''; before !== now;) {
    before = now;
    now = now
      .replaceAll(/\((true|false)\)/g, '$1')
      .replace(/(true|false)&&(true|false)/, (_, a, b) => String(a === 'true' && b === 'true'));
    if (before === now)
      now = now.replace(
        /(^|\()(true|false)\|\|(true|false)(?=$|\)|\|)/,
        (_, start: string, a, b) => start + String(a === 'true' || b === 'true'),
      );
  }
  if (!/^(?:true|false)$/.test(now)) throw new Error(`not reduced: ${now}`);
  return now === 'true';
}
