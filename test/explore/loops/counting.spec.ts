import { expect } from 'chai';

import { explore } from '../../../lib/explore/explore.ts';
import type { Outcome } from '../../../lib/explore/outcome.ts';
import type { Program } from '../../../lib/explore/program.ts';
import { exhaustive } from '../../../lib/explore/strategies/exhaustive.ts';
import { pct } from '../../../lib/explore/strategies/pct.ts';
import { random } from '../../../lib/explore/strategies/random.ts';
import { roundRobin } from '../../../lib/explore/strategies/round-robin.ts';

interface Flag {
  done: boolean;
  n: number;
}

function verdict(outcome: Outcome): string {
  return outcome.kind === 'violation' ? outcome.violation.rule : outcome.kind;
}

describe('a loop that counts its rounds and ends by itself', () => {
  for (const rounds of [20, 100, 400]) {
    it(`is no livelock beside another that waits for it, ${String(rounds)} rounds`, () => {
      const program: Program<Flag> = {
        setup: () => ({ done: false, n: 0 }),
        tasks: {
          *tries(env) {
            for (let left = rounds; left > 0 && !env.done; left -= 1) yield;
            env.done = true;
          },
          *waits(env) {
            while (!env.done) yield;
          },
        },
      };
      for (const strategy of [roundRobin(), random({ schedules: 20 }), pct({ schedules: 20 })])
        expect(verdict(explore(program, strategy)), strategy.name).to.equal('outOfBudget');
      expect(verdict(explore(program, exhaustive()))).to.equal('exhausted');
    });
  }
});
