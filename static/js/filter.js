// Keeps the address short: a filter form sends only what was filled in.
for (const form of document.querySelectorAll("form[data-tidy]")) {
  form.addEventListener("submit", () => {
    for (const field of form.elements) if (field.name && field.value === "") field.disabled = true;
  });
  // Coming back by the browser's own button finds the form usable again.
  addEventListener("pageshow", () => {
    for (const field of form.elements) field.disabled = false;
  });
}
// What the stylesheet shows on a wide screen is open for every browser and screen reader too.
if (matchMedia("(min-width: 62rem)").matches)
  for (const fold of document.querySelectorAll("details.fold")) fold.open = true;
