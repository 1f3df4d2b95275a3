/**
 * Keeps the moment that is shown in sight, in the list of events and on the timeline.
 */

let shown: Element | undefined;

/** Scrolls the list and the lanes, not the page. */
export function keepInView(app: HTMLElement): void {
  const line = app.querySelector('.event[aria-selected=true]') ?? undefined;
  if (line === shown) return;
  shown = line;
  const list = line?.closest('.event-list');
  if (line instanceof HTMLElement && list instanceof HTMLElement) {
    const top = line.offsetTop - list.offsetTop;
    if (top < list.scrollTop) list.scrollTop = top - 8;
    else if (top + line.offsetHeight > list.scrollTop + list.clientHeight)
      list.scrollTop = top + line.offsetHeight - list.clientHeight + 8;
  }
  const cursor = app.querySelector('.lanes .cursor');
  const lanes = app.querySelector('.lanes-scroll');
  if (cursor === null || lanes === null) return;
  const x = Number(cursor.getAttribute('x'));
  const margin = 40;
  if (x < lanes.scrollLeft + margin) lanes.scrollLeft = x - margin;
  else if (x > lanes.scrollLeft + lanes.clientWidth - 2 * margin)
    lanes.scrollLeft = x - lanes.clientWidth + 2 * margin;
}
