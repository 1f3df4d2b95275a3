/**
 * What the two ends agree on at login: our side of every key (RFC 7143, section 13), and the replies to
 * what the initiator offers.
 */

/** The values that this target offers, from the options of the command line. */
export interface TargetParameters {
  readonly maxRecvDataSegmentLength: number;
  readonly maxBurstLength: number;
  readonly firstBurstLength: number;
  readonly initialR2T: boolean;
  readonly immediateData: boolean;
  /** Choose CRC32C whenever the initiator offers it, even if it offers to go without a digest. */
  readonly headerDigest: boolean;
}

/** What a session has agreed on. */
export interface Negotiated {
  maxBurstLength: number;
  firstBurstLength: number;
  initialR2T: boolean;
  immediateData: boolean;
  headerDigest: boolean;
  /** The longest data segment that the initiator accepts. */
  initiatorMaxSegment: number;
}

/** The values that apply if a key is not negotiated. */
export function defaults(): Negotiated {
  return {
    maxBurstLength: 262144,
    firstBurstLength: 65536,
    initialR2T: true,
    immediateData: true,
    headerDigest: false,
    initiatorMaxSegment: 8192,
  };
}

type Answer = string | undefined;
type Negotiate = (offer: string, ours: TargetParameters, agreed: Negotiated) => Answer;

const REJECT = 'Reject';

function wholeNumber(text: string, least: number, most: number): number | undefined {
  if (!/^(0[xX][0-9a-fA-F]+|\d+)$/.test(text)) return undefined;
  const n = Number(text);
  return n >= least && n <= most ? n : undefined;
}

/** Both ends get the smaller number. */
function least(
  range: readonly [number, number],
  ours: (p: TargetParameters) => number,
  keep: (a: Negotiated, n: number) => void,
): Negotiate {
  return (offer, parameters, agreed) => {
    const theirs = wholeNumber(offer, range[0], range[1]);
    if (theirs === undefined) return REJECT;
    const value = Math.min(theirs, ours(parameters));
    keep(agreed, value);
    return String(value);
  };
}

/** A key that is Yes or No: the values of both ends are combined with `and` or with `or`. */
function both(
  how: 'and' | 'or',
  ours: (p: TargetParameters) => boolean,
  keep: (a: Negotiated, value: boolean) => void,
): Negotiate {
  return (offer, parameters, agreed) => {
    if (offer !== 'Yes' && offer !== 'No') return REJECT;
    const value = how === 'and' ? offer === 'Yes' && ours(parameters) : offer === 'Yes' || ours(parameters);
    keep(agreed, value);
    return value ? 'Yes' : 'No';
  };
}

/** The first of the initiator's choices that the target supports. */
function only(value: string): Negotiate {
  return (offer) => (offer.split(',').includes(value) ? value : REJECT);
}

const ignore = (): void => undefined;
const BURST = [512, 0xff_ffff] as const;

const KEYS: Readonly<Record<string, Negotiate>> = {
  HeaderDigest: (offer, ours, agreed) => {
    const choices = offer.split(',');
    const order = ours.headerDigest ? ['CRC32C', 'None'] : ['None', 'CRC32C'];
    const value = order.find((choice) => choices.includes(choice));
    agreed.headerDigest = value === 'CRC32C';
    return value ?? REJECT;
  },
  DataDigest: only('None'),
  AuthMethod: only('None'),
  InitialR2T: both(
    'or',
    (p) => p.initialR2T,
    (a, value) => (a.initialR2T = value),
  ),
  ImmediateData: both(
    'and',
    (p) => p.immediateData,
    (a, value) => (a.immediateData = value),
  ),
  MaxBurstLength: least(
    BURST,
    (p) => p.maxBurstLength,
    (a, n) => (a.maxBurstLength = n),
  ),
  FirstBurstLength: least(
    BURST,
    (p) => p.firstBurstLength,
    (a, n) => (a.firstBurstLength = n),
  ),
  MaxOutstandingR2T: least([1, 65535], () => 1, ignore),
  MaxConnections: least([1, 65535], () => 1, ignore),
  ErrorRecoveryLevel: least([0, 2], () => 0, ignore),
  DefaultTime2Wait: (offer) =>
    wholeNumber(offer, 0, 3600) === undefined ? REJECT : String(Math.max(Number(offer), 2)),
  DefaultTime2Retain: least([0, 3600], () => 0, ignore),
  DataPDUInOrder: both('or', () => true, ignore),
  DataSequenceInOrder: both('or', () => true, ignore),
  IFMarker: both('and', () => false, ignore),
  OFMarker: both('and', () => false, ignore),
  // This key is declared and not negotiated, so it has no reply.
  MaxRecvDataSegmentLength: (offer, _ours, agreed) => {
    const theirs = wholeNumber(offer, 512, 0xff_ffff);
    if (theirs === undefined) return REJECT;
    agreed.initiatorMaxSegment = theirs;
    return undefined;
  },
  InitiatorName: () => undefined,
  InitiatorAlias: () => undefined,
  TargetName: () => undefined,
  SessionType: () => undefined,
};

/** Returns the reply to every offered key; to unknown ones it is `NotUnderstood`. */
export function negotiate(
  offers: ReadonlyMap<string, string>,
  ours: TargetParameters,
  agreed: Negotiated,
): [key: string, value: string][] {
  const answers: [string, string][] = [];
  for (const [key, offer] of offers) {
    const rule = Object.hasOwn(KEYS, key) ? KEYS[key] : undefined;
    const answer = rule === undefined ? 'NotUnderstood' : rule(offer, ours, agreed);
    if (answer !== undefined) answers.push([key, answer]);
  }
  agreed.firstBurstLength = Math.min(agreed.firstBurstLength, agreed.maxBurstLength);
  return answers;
}
