// The sidecar's own routes, and errors that say what to do.

export class ApiError extends Error {
  constructor(message, advice) {
    super(message);
    this.advice = advice;
  }
}

async function call(path, body, signal) {
  const options = { signal, headers: { Accept: "application/json" } };
  if (body !== undefined) {
    options.method = "POST";
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  let response;
  try {
    response = await fetch(path, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError("The sidecar does not answer.", "Is it still running? Start it with ltrr serve (or make demo), then try again.");
  }
  const answer = await response.json().catch(() => null);
  if (!response.ok) {
    const message = answer?.error?.message ?? `The sidecar answered with status ${response.status}.`;
    throw new ApiError(message, response.status >= 500 ? "Try again in a moment; ltrr status tells what is running." : "");
  }
  return answer;
}

export const search = (request, signal) => call("/_ltrr/search", request, signal);
export const feedback = (event) => call("/_ltrr/feedback", event);
export const policy = () => call("/_ltrr/policy");
export const strategies = () => call("/_ltrr/strategies");
export const examples = () => call("/_ltrr/console/examples");
export const suggest = (request, signal) => call("/_ltrr/suggest", request, signal);
