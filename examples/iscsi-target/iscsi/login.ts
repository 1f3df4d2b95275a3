/** The login phase of one connection (RFC 7143, section 6): from the first PDU to full feature phase. */
import { CONTINUE, FINAL } from './pdu.ts';
import type { PduOf } from './pdu.ts';
import { defaults, negotiate } from './parameters.ts';
import type { Negotiated, TargetParameters } from './parameters.ts';
import { decodeText, encodeText, TextParts } from './text.ts';

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

/** Failures by name; class 2 is the initiator's fault, class 3 the target's. */
const FAILURES = {
  initiatorError: [2, 0x00],
  authenticationFailed: [2, 0x01],
  notFound: [2, 0x03],
  unsupportedVersion: [2, 0x05],
  tooManyConnections: [2, 0x06],
  missingParameter: [2, 0x07],
  sessionDoesNotExist: [2, 0x0a],
  invalidRequest: [2, 0x0b],
  outOfResources: [3, 0x02],
} as const;

/** The longest iSCSI name. */
const MOST_NAME_BYTES = 223;
/** The most data in a login response: what every initiator accepts before the login has agreed on more. */
const LOGIN_SEGMENT = 8192;

/** Which initiators may log in, and which sessions exist. */
export interface LoginRules {
  readonly targetName: string;
  readonly parameters: TargetParameters;
  readonly maxTextBytes: number;
  /** Whether a session with this handle exists. */
  hasSession(tsih: number): boolean;
}

/** The state of one login. */
export class Login {
  readonly agreed: Negotiated = defaults();
  initiatorName = '';
  discovery = false;
  /** The ISID, as text. */
  isid = '';
  readonly #rules: LoginRules;
  #stage: number | undefined = undefined;
  #declared = false;
  #pending: Uint8Array = new Uint8Array(0);
  #unsent: TextParts | undefined = undefined;

  constructor(rules: LoginRules) {
    this.#rules = rules;
  }

  /** Returns the response to one login request. */
  request(pdu: PduOf<'loginRequest'>, data: Uint8Array): LoginAnswer {
    const stage = (pdu.flags >> 2) & 3;
    const next = pdu.flags & 3;
    const transit = (pdu.flags & FINAL) !== 0;
    const wrong = this.#refusal(pdu, stage);
    if (wrong !== undefined) return failedLogin(wrong);
    if (transit && (next <= stage || next === 2)) return failedLogin('invalidRequest');
    if (this.#pending.length + data.length > this.#rules.maxTextBytes) return failedLogin('invalidRequest');
    const text = Buffer.concat([this.#pending, data]);
    if ((pdu.flags & CONTINUE) !== 0) {
      if (transit || this.#unsent !== undefined) return failedLogin('invalidRequest');
      this.#pending = text;
      return answer(stage << 2);
    }
    this.#pending = new Uint8Array(0);
    // The initiator asks for the rest of a text that was too long for one response.
    if (this.#unsent !== undefined) {
      return text.length > 0 ? failedLogin('initiatorError') : this.#send(this.#unsent, stage, transit, next);
    }
    const offers = decodeText(text);
    if (offers === undefined) return failedLogin('initiatorError');
    const stranger = this.#stage === undefined ? this.#identify(offers) : undefined;
    if (stranger !== undefined) return stranger;
    this.#stage = stage;
    const answers = negotiate(offers, this.#rules.parameters, this.agreed);
    if (answers.some(([key, value]) => key === 'AuthMethod' && value === 'Reject')) {
      return failedLogin('authenticationFailed');
    }
    if (!this.#declared) {
      this.#declared = true;
      if (!this.discovery) answers.push(['TargetPortalGroupTag', '1']);
    }
    if (stage === OPERATIONAL) {
      answers.push(['MaxRecvDataSegmentLength', String(this.#rules.parameters.maxRecvDataSegmentLength)]);
    }
    const segment = Math.min(LOGIN_SEGMENT, this.agreed.initiatorMaxSegment);
    return this.#send(new TextParts(encodeText(answers), segment), stage, transit, next);
  }

  #refusal(pdu: PduOf<'loginRequest'>, stage: number): keyof typeof FAILURES | undefined {
    if (pdu.versionMin > 0) return 'unsupportedVersion';
    if (pdu.tsih !== 0)
      return this.#rules.hasSession(pdu.tsih) ? 'tooManyConnections' : 'sessionDoesNotExist';
    if (stage !== SECURITY && stage !== OPERATIONAL) return 'invalidRequest';
    if (this.#stage !== undefined && stage < this.#stage) return 'invalidRequest';
    const isid = `${String(pdu.isidHigh)}.${String(pdu.isidLow)}`;
    if (this.isid !== '' && this.isid !== isid) return 'initiatorError';
    this.isid = isid;
    return undefined;
  }

  /** As much of the text as one response takes; the stage changes with the last of it. */
  #send(parts: TextParts, stage: number, transit: boolean, next: number): LoginAnswer {
    const text = parts.next();
    this.#unsent = parts.done ? undefined : parts;
    if (!parts.done) return answer(CONTINUE | (stage << 2), text);
    if (!transit) return answer(stage << 2, text);
    this.#stage = next;
    return { ...answer(FINAL | (stage << 2) | next, text), finished: next === FULL_FEATURE };
  }

  #identify(offers: ReadonlyMap<string, string>): LoginAnswer | undefined {
    const name = offers.get('InitiatorName');
    if (name === undefined || name === '') return failedLogin('missingParameter');
    if (Buffer.byteLength(name) > MOST_NAME_BYTES) return failedLogin('initiatorError');
    this.initiatorName = name;
    this.discovery = offers.get('SessionType') === 'Discovery';
    const target = offers.get('TargetName');
    if (this.discovery) return undefined;
    if (target === undefined) return failedLogin('missingParameter');
    return target === this.#rules.targetName ? undefined : failedLogin('notFound');
  }
}

function answer(flags: number, text: Uint8Array = new Uint8Array(0)): LoginAnswer {
  return { flags, statusClass: 0, statusDetail: 0, text, finished: false };
}

/** The response to a login that fails. */
export function failedLogin(what: keyof typeof FAILURES): LoginAnswer {
  const [statusClass, statusDetail] = FAILURES[what];
  return { ...answer(0), statusClass, statusDetail };
}
