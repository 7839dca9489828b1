// Adds the time in the reader's own zone, unless the page shows that clock already (the event's own, or UTC).
for (const line of document.querySelectorAll("[data-reader-time]")) {
  const start = new Date(line.dataset.readerTime);
  const offset = /([+-])(\d\d):?(\d\d)$/.exec(line.dataset.readerTime);
  const theirs = offset ? Number(offset[1] + 1) * (60 * offset[2] + Number(offset[3])) : 0;
  const ours = -start.getTimezoneOffset();
  if (Number.isNaN(start.valueOf()) || ours === theirs || ours === 0) continue;
  const language = document.documentElement.lang;
  const time = new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, {
    weekday: "short", day: "numeric", month: "long", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZoneName: "short",
    // Arabic has two kinds of digits; the pages use these everywhere.
    numberingSystem: "latn",
  });
  line.textContent = line.dataset.text.replace("{time}", time.format(start));
  line.hidden = false;
}
