// Keeps the card of a bar inside the window, lets Escape hide it, and lets the arrow keys go from bar to bar.
const planner = document.querySelector(".planner");
const lanes = [...planner.querySelectorAll(".lane-bars")].map((lane) => [...lane.querySelectorAll(".bar")]);
const rightToLeft = getComputedStyle(planner).direction === "rtl";

const first = (bar) => planner.querySelector(`.bar[href="${CSS.escape(bar.getAttribute("href"))}"]:not(.is-option):has(.card)`);

function place(bar) {
  // An event of several lanes has its card at its first bar.
  const card = bar.querySelector(".card") ?? bar.appendChild(first(bar).querySelector(".card").cloneNode(true));
  const at = bar.getBoundingClientRect();
  const { width, height } = card.getBoundingClientRect();
  const fits = at.bottom + height + 8 < innerHeight;
  const left = rightToLeft ? at.right - width : at.left;
  card.style.margin = 0;
  card.style.left = `${Math.max(8, Math.min(left, document.documentElement.clientWidth - width - 8))}px`;
  card.style.right = "auto";
  card.style.top = `${fits ? at.bottom : Math.max(8, at.top - height)}px`;
}

function show(event) {
  const bar = event.target.closest?.(".bar");
  if (!bar) return;
  if (event.type === "focusin") bar.classList.remove("is-quiet");
  place(bar);
}

planner.addEventListener("pointerover", show);
planner.addEventListener("focusin", show);
addEventListener("keydown", (event) => {
  if (event.key === "Escape") for (const bar of planner.querySelectorAll(".bar:is(:hover, :focus)")) bar.classList.add("is-quiet");
});
planner.addEventListener("pointerout", (event) => {
  const bar = event.target.closest?.(".bar");
  if (bar && !bar.contains(event.relatedTarget)) bar.classList.remove("is-quiet");
});

// One stop of the Tab key for each lane; inside it, left and right; up and down to the nearest bar of the next lane.
for (const lane of lanes) lane.forEach((bar, index) => (bar.tabIndex = index ? -1 : 0));

function nearest(lane, bar) {
  const at = bar.getBoundingClientRect().left;
  return lane.reduce((best, other) =>
    Math.abs(other.getBoundingClientRect().left - at) < Math.abs(best.getBoundingClientRect().left - at) ? other : best);
}

planner.addEventListener("keydown", (event) => {
  const bar = event.target.closest(".bar");
  if (!bar || event.ctrlKey || event.altKey || event.metaKey) return;
  const row = lanes.findIndex((lane) => lane.includes(bar));
  const lane = lanes[row];
  const along = { ArrowRight: 1, ArrowLeft: -1 }[event.key] * (rightToLeft ? -1 : 1);
  const across = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  let next;
  if (along) next = lane[lane.indexOf(bar) + along];
  else if (across) next = lanes[row + across] && nearest(lanes[row + across], bar);
  else if (event.key === "Home") next = lane[0];
  else if (event.key === "End") next = lane.at(-1);
  else return;
  event.preventDefault();
  if (!next) return;
  for (const other of lanes.find((some) => some.includes(next))) other.tabIndex = other === next ? 0 : -1;
  next.focus();
  next.scrollIntoView({ block: "nearest", inline: "nearest" });
});

// Where today lies outside the box of the planner, begin a little before it.
const box = planner.closest(".planner-scroll");
const today = planner.querySelector(".today");
if (today && box.scrollWidth > box.clientWidth) {
  const at = today.getBoundingClientRect().left - box.getBoundingClientRect().left;
  const names = parseFloat(getComputedStyle(planner.querySelector(".heads")).insetInlineStart) || 0;
  const ahead = rightToLeft ? box.clientWidth - at : at;
  if (ahead > box.clientWidth - 40) box.scrollLeft += (rightToLeft ? -1 : 1) * (ahead - names - 40);
}
