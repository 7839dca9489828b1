// Makes the event form shorter and safer: shows only the chosen way to say the dates, keeps the draft while one
// types, and asks whether the calendar has the event already. Without it the form says and does the same on request.

const form = document.getElementById("submit-form");
const SAVE_EVERY = 3000;
const pause = (wait, work) => {
  let timer;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(work, wait);
  };
};

const ways = () => form.querySelectorAll("[data-way]");

function showDates() {
  const chosen = form.querySelector("input[name=dates]:checked")?.value;
  for (const way of ways()) {
    way.hidden = way.dataset.way !== chosen;
    way.disabled = false;
  }
  // Hours belong to days. What is filled in is never hidden.
  const hours = form.querySelector("[data-hours]");
  if (!hours || !chosen) return;
  hours.hidden = chosen !== "day" && [...hours.querySelectorAll("input")].every((field) => !field.value);
}

// What was typed and is neither sent nor in the draft. A form that came back with questions was not sent.
let isUnsaved = false;
let isSaving = false;
let timer;

async function saveDraft(leaving = false) {
  clearTimeout(timer);
  timer = undefined;
  // Two first savings at once would make two drafts.
  if (!isUnsaved || (isSaving && !(leaving && form.elements.draft.value))) return;
  const state = form.querySelector(".draft-state");
  isUnsaved = false;
  isSaving = true;
  try {
    const answer = await fetch(form.dataset.draftUrl, { method: "POST", body: new FormData(form), keepalive: leaving });
    if (!answer.ok) throw new Error(String(answer.status));
    const saved = await answer.json();
    if (!saved.draft) return;
    form.elements.draft.value = saved.draft;
    const time = new Date(saved.at).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
    state.textContent = form.dataset.saved.replace("{time}", time);
  } catch {
    isUnsaved = true;
    state.textContent = form.dataset.notSaved;
  } finally {
    isSaving = false;
  }
}

// While one types, every few seconds: a pause may never come.
function saveSoon() {
  isUnsaved = true;
  timer ??= setTimeout(saveLater, SAVE_EVERY);
}

async function saveLater() {
  if (isSaving) timer = setTimeout(saveLater, SAVE_EVERY);
  else await saveDraft();
}

const ASKED = ["title", "title_language", "kind", "body", "meeting_number", "dates", "first_day", "last_day", "month", "quarter", "year", "date_text", "city"];
let lastAsked = "";
async function lookForDuplicates() {
  const given = new FormData(form);
  const query = new URLSearchParams();
  for (const name of ASKED) if (given.get(name)) query.set(name, given.get(name));
  query.set("lang", document.documentElement.lang);
  if (!given.get("title") || String(query) === lastAsked) return;
  lastAsked = String(query);
  try {
    const answer = await fetch(`${form.dataset.duplicatesUrl.split("?")[0]}?${query}`);
    if (answer.ok) document.getElementById("likely").innerHTML = await answer.text();
  } catch {
    // The check is made again when the form is sent.
  }
}

// What bears on the dates: the panel beside the form is asked for anew when one of these changes.
const DATED = ["organisation", "kind", "convention", "body", "meeting_number", "part_of", "part_role",
  "link_kind_1", "link_event_1", "link_kind_2", "link_event_2", "link_kind_3", "link_event_3", "dates", "first_day",
  "last_day", "month", "quarter", "year", "date_text", "start_time", "end_time", "timezone", "status", "format",
  "remote_participation", "venue", "city", "country", "region", "lead", "co_organisers"];
let lastChecked = "";
let checking;

async function checkDates({ said = "", focus = false } = {}) {
  const panel = document.getElementById("dates-panel");
  const query = new URLSearchParams({ lang: document.documentElement.lang });
  if (form.dataset.event) query.set("event", form.dataset.event);
  const given = new FormData(form);
  for (const name of DATED) {
    if (!form.elements[name]) continue;
    const values = given.getAll(name);
    // Nothing ticked is said as such: what is not said stays as it is in the calendar.
    for (const value of values.length ? values : [""]) query.append(name, value);
  }
  if (String(query) === lastChecked) return;
  lastChecked = String(query);
  checking?.abort();
  checking = new AbortController();
  try {
    const answer = await fetch(`${form.dataset.datesUrl.split("?")[0]}?${query}`, { signal: checking.signal });
    if (!answer.ok) throw new Error(String(answer.status));
    const before = panel.querySelector("[data-summary]")?.textContent ?? "";
    const html = await answer.text();
    // Who reads or uses the panel just now keeps their place: the reasons that are open stay open.
    const isOpen = new Set([...panel.querySelectorAll("details[open] > summary")].map((item) => item.textContent));
    panel.innerHTML = html;
    for (const item of panel.querySelectorAll("summary")) item.parentElement.open = isOpen.has(item.textContent);
    const summary = panel.querySelector("[data-summary]")?.textContent ?? "";
    const pointer = document.getElementById("dates-pointer");
    if (pointer) {
      pointer.hidden = !summary;
      pointer.firstElementChild.textContent = summary;
    }
    if (said || summary !== before) document.getElementById("dates-state").textContent = `${said} ${summary}`.trim();
    if (focus) document.getElementById("dates-head")?.focus();
  } catch (problem) {
    // The dates are checked again when the form is sent.
    if (problem.name !== "AbortError") lastChecked = "";
  }
}

function useDates(pressed) {
  const [first, last] = pressed.value.split("/");
  form.querySelector("input[name=dates][value=day]").checked = true;
  form.elements.first_day.value = first;
  form.elements.last_day.value = last;
  showDates();
  form.elements.first_day.dispatchEvent(new Event("input", { bubbles: true }));
  checkDates({ said: pressed.dataset.said, focus: true });
}

if (form) {
  const first = document.getElementById("form-errors") ?? document.getElementById("asks");
  isUnsaved = Boolean(first);
  showDates();
  form.addEventListener("change", showDates);
  // A way that is not shown is not meant, although something may stand in it.
  form.addEventListener("submit", () => {
    for (const way of ways()) way.disabled = way.hidden;
  });
  addEventListener("pageshow", showDates);
  // Whatever button of the page is pressed, the server does what it says: nothing is kept or asked besides.
  document.addEventListener("submit", () => {
    isUnsaved = false;
  });
  if (form.dataset.draftUrl) {
    form.addEventListener("input", saveSoon);
    form.addEventListener("change", saveSoon);
    addEventListener("pagehide", () => saveDraft(true));
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") saveDraft(true);
    });
  } else {
    form.addEventListener("input", () => {
      isUnsaved = true;
    });
    addEventListener("beforeunload", (leaving) => {
      if (isUnsaved) leaving.preventDefault();
    });
  }
  if (form.dataset.duplicatesUrl) {
    form.addEventListener("input", pause(800, lookForDuplicates));
    form.addEventListener("change", pause(800, lookForDuplicates));
  }
  if (form.dataset.datesUrl) {
    const soon = pause(400, checkDates);
    const noted = (event) => {
      if (DATED.includes(event.target.name)) soon();
    };
    form.addEventListener("input", noted);
    form.addEventListener("change", noted);
    form.addEventListener("click", (event) => {
      const pressed = event.target.closest("button[name=use]");
      if (!pressed) return;
      event.preventDefault();
      useDates(pressed);
    });
  }
  first?.focus();
}
