// Shows what others wrote down meanwhile. Only lists of decisions are replaced: what is being typed stays as it is.
const news = document.querySelector("[data-review-news]");

async function look() {
  if (document.hidden) return;
  const answer = await fetch(news.dataset.reviewNews).catch(() => null);
  if (!answer?.ok || answer.redirected) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const list of fresh.querySelectorAll("[data-decisions]")) {
    const old = document.getElementById(list.id);
    // A link that somebody stands on is not taken from under them.
    if (old && !old.contains(document.activeElement) && old.textContent !== list.textContent)
      old.replaceWith(document.importNode(list, true));
  }
}

if (news) setInterval(look, 15_000);
