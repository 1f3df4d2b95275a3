/** The login phase of one connection (RFC 7143, section 6): from the first PDU to full feature phase. */
import { CONTINUE, FINAL } from './pdu.ts';
import type { PduOf } from './pdu.ts';
import { defaults, negotiate } from './parameters.ts';
import type { Negotiated, TargetParameters } from './parameters.ts';
import { decodeText, encodeText } from './text.ts';

const SECURITY = 0;
const OPERATIONAL = 1;
const FULL_FEATURE = 3;

/** What a login response says, apart from the serial numbers. */
export interface LoginAnswer {
  readonly flags: number;
  readonly statusClass: number;
  readonly statusDetail: number;
  readonly text: Uint8Array;
  /** Whether the connection goes on to full feature phase. */
  readonly finished: boolean;
}

/** Failures by name; class 2 is the initiator's fault. */
const FAILURES = {
  initiatorError: [2, 0x00],
  authenticationFailed: [2, 0x01],
  notFound: [2, 0x03],
  unsupportedVersion: [2, 0x05],
  missingParameter: [2, 0x07],
  sessionDoesNotExist: [2, 0x0a],
  invalidRequest: [2, 0x0b],
} as const;

/** Whom the target lets in, and as what. */
export interface LoginRules {
  readonly targetName: string;
  readonly parameters: TargetParameters;
}

/** The state of one login. */
export class Login {
  readonly agreed: Negotiated = defaults();
  initiatorName = '';
  discovery = false;
  readonly #rules: LoginRules;
  #stage: number | undefined = undefined;
  #declared = false;
  #pending: Uint8Array = new Uint8Array(0);

  constructor(rules: LoginRules) {
    this.#rules = rules;
  }

  /** Answers one login request. */
  request(pdu: PduOf<'loginRequest'>, data: Uint8Array): LoginAnswer {
    const stage = (pdu.flags >> 2) & 3;
    const next = pdu.flags & 3;
    const transit = (pdu.flags & FINAL) !== 0;
    if (pdu.versionMin > 0) return fail('unsupportedVersion');
    if (pdu.tsih !== 0) return fail('sessionDoesNotExist');
    if (stage !== SECURITY && stage !== OPERATIONAL) return fail('invalidRequest');
    if (this.#stage !== undefined && stage < this.#stage) return fail('invalidRequest');
    if (transit && (next <= stage || next === 2)) return fail('invalidRequest');
    const text = Buffer.concat([this.#pending, data]);
    if (text.length > 65536) return fail('invalidRequest');
    if ((pdu.flags & CONTINUE) !== 0) {
      if (transit) return fail('invalidRequest');
      this.#pending = text;
      return { flags: stage << 2, statusClass: 0, statusDetail: 0, text: new Uint8Array(0), finished: false };
    }
    this.#pending = new Uint8Array(0);
    const offers = decodeText(text);
    if (offers === undefined) return fail('initiatorError');
    const wrong = this.#stage === undefined ? this.#identify(offers) : undefined;
    if (wrong !== undefined) return wrong;
    this.#stage = stage;
    const answers = negotiate(offers, this.#rules.parameters, this.agreed);
    if (answers.some(([key, value]) => key === 'AuthMethod' && value === 'Reject')) {
      return fail('authenticationFailed');
    }
    if (!this.#declared) {
      this.#declared = true;
      if (!this.discovery) answers.push(['TargetPortalGroupTag', '1']);
    }
    if (stage === OPERATIONAL) {
      answers.push(['MaxRecvDataSegmentLength', String(this.#rules.parameters.maxRecvDataSegmentLength)]);
    }
    if (transit) this.#stage = next;
    return {
      flags: transit ? FINAL | (stage << 2) | next : stage << 2,
      statusClass: 0,
      statusDetail: 0,
      text: encodeText(answers),
      finished: transit && next === FULL_FEATURE,
    };
  }

  #identify(offers: ReadonlyMap<string, string>): LoginAnswer | undefined {
    const name = offers.get('InitiatorName');
    if (name === undefined || name === '') return fail('missingParameter');
    this.initiatorName = name;
    this.discovery = offers.get('SessionType') === 'Discovery';
    const target = offers.get('TargetName');
    if (this.discovery) return undefined;
    if (target === undefined) return fail('missingParameter');
    return target === this.#rules.targetName ? undefined : fail('notFound');
  }
}

function fail(what: keyof typeof FAILURES): LoginAnswer {
  const [statusClass, statusDetail] = FAILURES[what];
  return { flags: 0, statusClass, statusDetail, text: new Uint8Array(0), finished: false };
}
