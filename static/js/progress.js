// While a run is on, looks every two seconds how far it is; shows the whole page anew when it is done.
const look = async () => {
  const answer = await fetch(location.href, { headers: { "X-Requested-With": "progress" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const said = page.getElementById("progress");
  if (!said || !said.textContent.trim()) {
    location.reload();
    return;
  }
  const shown = document.getElementById("progress");
  if (shown.textContent !== said.textContent) shown.replaceChildren(...said.childNodes);
  setTimeout(look, 2000);
};
setTimeout(look, 2000);
