// Sends to the server and says in one word what came of it. Only an answer of Strigil's own counts as saved.
const AWAY = new Set([408, 429, 502, 503, 504]);
const KEEPALIVE_LIMIT = 60_000;

// Signing in changes the token, so the page's own may be old; the cookie never is.
export function token() {
  const cookie = document.cookie.match(/(?:^|; )(?:__Host-)?csrftoken=([^;]+)/);
  return cookie?.[1] ?? document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
}

export async function send(url, body, { type, leaving = false, within = 30_000 } = {}) {
  const headers = { "Strigil-Send": "page", "X-CSRFToken": token() };
  if (type) headers["Content-Type"] = type;
  const keepalive = leaving && String(body).length < KEEPALIVE_LIMIT;
  let response, said;
  try {
    response = await fetch(url, { method: "POST", body, headers, keepalive, redirect: "error", signal: AbortSignal.timeout(within) });
    const json = response.headers.get("Content-Type")?.startsWith("application/json");
    said = json ? await response.json() : {};
  } catch {
    return { state: "away", said: {} };
  }
  return { state: meaning(response, said), said };
}

function meaning({ ok, status }, said) {
  if (ok) return "to" in said || "kept" in said ? "ok" : "away";
  if (AWAY.has(status)) return "away";
  if (said.why && (status === 403 || status === 409)) return "other";
  return { 401: "out", 403: "forbidden", 404: "gone", 409: "conflict", 413: "large", 422: "refused" }[status] ?? "failed";
}

export const sendJson = (url, value, options) => send(url, JSON.stringify(value), { type: "application/json", ...options });
export const sendForm = (url, pairs, options) => send(url, new URLSearchParams(pairs), options);

export const KEPT = "What you typed is kept on this tablet";
const WHY = {
  forbidden: `your role may not do this. ${KEPT}; ask the owner of the clinic`,
  gone: `what this was written about no longer exists. ${KEPT}; copy what you need`,
  large: `this is more text than a form takes. ${KEPT}; shorten it and save again`,
  failed: `something failed on our side. ${KEPT}; save again, and if it fails again tell whoever runs Strigil`,
  refused: `something has to be corrected. ${KEPT}; press Save to see what`,
  conflict: `somebody else saved this meanwhile. ${KEPT}; press Save to see both`,
};

// Why it was not taken, and where what was typed is.
export const why = (state, kept = KEPT) => (WHY[state] ?? WHY.failed).replace(KEPT, kept);
