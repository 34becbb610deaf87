// The sandbox's own interface: the state, a stream that says when it changed, and what a person can do.

const PATIENCE = 30_000, AGAIN = 1_000;
const WORDS = {
  operation_timeout: "hangbot did not answer in time; it may still do it",
  "dispatch_failed: no app is connected": "hangbot is not connected",
};

let state = { run: "", version: -1, channels: [], users: [], ephemerals: [], views: [], files: [], home: {}, commands: [] };
let fetching = false, again = false;

export const current = () => state;

export async function post(path, body) {
  try {
    const answer = await fetch(`/sandbox/${path}`, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), signal: AbortSignal.timeout(PATIENCE),
    });
    const said = await answer.json();
    return said.ok ? said : { ...said, error: WORDS[said.error] ?? said.error ?? "it did not say why" };
  } catch {
    return { ok: false, error: "the sandbox does not answer: is the demo still running?" };
  }
}

// Calls changed(state, before) at each change, and linked(true or false) as the sandbox comes and goes.
export function follow(changed, linked) {
  async function refresh() {
    if (fetching) { again = true; return; }
    fetching = true;
    try {
      do {
        again = false;
        const answer = await fetch("/sandbox/state", { signal: AbortSignal.timeout(PATIENCE) });
        const next = await answer.json();
        // A sandbox that was started anew counts from the beginning.
        if (next.version !== state.version || next.run !== state.run) { const before = state; state = next; changed(state, before); }
      } while (again);
    } catch (error) {
      console.error(error);
      setTimeout(refresh, AGAIN);
    } finally { fetching = false; }
  }
  function connect() {
    const stream = new EventSource("/sandbox/stream");
    stream.onopen = () => { linked(true); refresh(); };
    stream.onmessage = refresh;
    stream.onerror = () => { linked(false); stream.close(); setTimeout(connect, AGAIN); };
  }
  document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
  connect();
}

export const user = (id) => state.users.find((one) => one.id === id);
export const nameOf = (id) => user(id)?.name ?? id;
export const channel = (id) => state.channels.find((one) => one.id === id);
