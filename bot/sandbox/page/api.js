// The sandbox's own interface: the state, a stream that says when it changed, and what a person can do.

let state = { version: -1, channels: [], users: [], ephemerals: [], views: [], files: [], home: {}, commands: [] };
let fetching = false, again = false;

export const current = () => state;

export async function post(path, body) {
  try {
    const answer = await fetch(`/sandbox/${path}`, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
    });
    return await answer.json();
  } catch (error) {
    return { ok: false, error: "the sandbox does not answer: is the demo still running?" };
  }
}

export function follow(changed, linked) {
  async function refresh() {
    if (fetching) { again = true; return; }
    fetching = true;
    try {
      const answer = await fetch("/sandbox/state");
      const next = await answer.json();
      if (next.version !== state.version) { const before = state; state = next; changed(state, before); }
    } catch { linked(false); }
    fetching = false;
    if (again) { again = false; refresh(); }
  }
  const stream = new EventSource("/sandbox/stream");
  stream.onopen = () => { linked(true); refresh(); };
  stream.onmessage = refresh;
  stream.onerror = () => linked(false);
  refresh();
}

export const user = (id) => state.users.find((one) => one.id === id);
export const nameOf = (id) => user(id)?.name ?? id;
export const channel = (id) => state.channels.find((one) => one.id === id);
