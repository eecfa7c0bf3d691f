// Who is asking: a random id that lives as long as the tab. It says nothing about the person.

const KEY = "ltrr-session";

function random() {
  // crypto.randomUUID exists in secure contexts only; the page may be reached by a plain address.
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function session() {
  const known = sessionStorage.getItem(KEY);
  return known ?? renew();
}

export function renew() {
  const fresh = random();
  sessionStorage.setItem(KEY, fresh);
  return fresh;
}

export { random as eventId };
