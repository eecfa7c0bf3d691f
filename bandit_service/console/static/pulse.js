// Learning, seen from outside: the policy's version and how the weights move.

import * as api from "./api.js";
import { find } from "./dom.js";
import { showHistory } from "./history.js";

const REFRESH_MS = 3000;
/** What a challenger's stage is called on the page. */
const STAGES = { trial: "on trial", promoted: "serves", dropped: "was dropped" };

/** Ask once; `ready` settles when the strategies have their colours. */
export async function refresh(ready) {
  const pulse = find("pulse");
  try {
    await ready;
    const policy = await api.policy();
    const last = policy.history?.at(-1);
    showHistory(find("history"), policy);
    pulse.dataset.state = "well";
    const parts = [`policy ${policy.version}`];
    if (last) parts.push(`${last.decisions} decisions`);
    if (policy.contest) parts.push(`${policy.contest.challenger} ${STAGES[policy.contest.stage]}`);
    find("pulse-text").textContent = parts.join(" · ");
  } catch {
    pulse.dataset.state = "away";
    find("pulse-text").textContent = "sidecar away";
  }
}

/** Ask again and again while somebody looks. */
export function keepFresh(ready) {
  if (document.visibilityState === "visible") refresh(ready);
  setTimeout(() => keepFresh(ready), REFRESH_MS);
}
