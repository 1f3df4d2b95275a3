/**
 * Reads logs of iscsi-test-cu: which test passed, failed or was skipped.
 *
 * CUnit counts a skipped test as passed; the line that says [SKIPPED] comes before the verdict. One
 * that comes after it belongs to the clean-up and says nothing.
 */

/** Verdicts by `Suite.Test`: pass, fail, skip, or none where the process died first. */
export function parseLog(text) {
  const verdicts = new Map();
  let suite = '';
  let test;
  let skipped = false;
  for (const line of text.split('\n')) {
    const begins = /^Suite: (\S+)/.exec(line);
    if (begins) {
      suite = begins[1];
      test = undefined;
      continue;
    }
    let rest = line;
    const starts = /^ {2}Test: (\S+) \.\.\.(.*)$/.exec(line);
    if (starts) {
      test = `${suite}.${starts[1]}`;
      skipped = false;
      verdicts.set(test, 'none');
      rest = starts[2];
    }
    if (test === undefined || verdicts.get(test) !== 'none') continue;
    const verdict = /^(passed|FAILED)/.exec(rest);
    if (verdict) verdicts.set(test, verdict[1] === 'FAILED' ? 'fail' : skipped ? 'skip' : 'pass');
    else if (rest.includes('[SKIPPED]')) skipped = true;
    if (line.startsWith('Run Summary')) test = undefined;
  }
  return verdicts;
}
