/** Variables and types, as clang tells them. */
import { expect } from 'chai';
import { compile } from '../../../lib/c/toolchain/compile.ts';
import { readVariables } from '../../../lib/c/wasm/debug-info.ts';
import type { CType } from '../../../lib/c/wasm/debug-info.ts';
import { readModule } from '../../../lib/c/wasm/module.ts';
import { fileOf, itInC } from '../support.ts';

/** A type as a text; a pointer is followed once. */
function textOf(type: CType | undefined, follows = true): string {
  if (type === undefined) return 'void';
  switch (type.kind) {
    case 'value':
      return `v${String(type.lengthBytes)}`;
    case 'pointer':
      return follows ? `*${textOf(type.to, false)}` : '*';
    case 'array':
      return `[${String(type.lengthBytes)}]${textOf(type.of, follows)}`;
    case 'struct':
      return `${type.name}{${type.members.map(({ name, offset, type: of }) => `${name}@${String(offset)}:${textOf(of, follows)}`).join(' ')}}`;
  }
}

describe('readVariables', () => {
  itInC('reads names, addresses and types, also of static variables of functions', () => {
    const file = fileOf(`
typedef unsigned short u16;
enum state { OFF, ON };
struct node { struct node *next; u16 data[2][3]; union { int a; char b; }; const volatile enum state state; };
static struct node head;
void *anything;
char letters[5];
__attribute__((export_name("f"))) void f(void) { static long calls; calls++; head.next = &head; letters[calls] = anything != 0; }
`);
    const variables = readVariables(readModule(compile(file).wasm).custom);
    expect(Object.fromEntries(variables.map(({ name, type }) => [name, textOf(type)]))).to.deep.equal({
      head: 'node{next@0:*node{next@0:* data@4:[12][6]v2 @16:{a@0:v4 b@0:v1} state@20:v4} data@4:[12][6]v2 @16:{a@0:v4 b@0:v1} state@20:v4}',
      anything: '*void',
      letters: '[5]v1',
      calls: 'v4',
    });
    const addresses = variables.map(({ address }) => address);
    expect(new Set(addresses).size).to.equal(4);
    for (const address of addresses) expect(address).to.be.within(0xc0001000, 0xc0001100);
  });

  itInC('reads nothing where there is no debugging information', () => {
    expect(readVariables(new Map())).to.deep.equal([]);
  });
});
