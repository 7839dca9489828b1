// Shows what others wrote down meanwhile. Only lists of decisions are replaced: what is being typed stays as it is.
const news = document.querySelector("[data-review-news]");

async function look() {
  if (document.hidden) return;
  const answer = await fetch(news.dataset.reviewNews).catch(() => null);
  if (!answer?.ok || answer.redirected) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const old of document.querySelectorAll("[data-decisions]")) {
    // A line of which nothing is decided, or no longer, is not among them.
    const list = fresh.getElementById(old.id);
    // A link that somebody stands on is not taken from under them.
    if (old.contains(document.activeElement) || old.textContent.trim() === (list?.textContent.trim() ?? "")) continue;
    if (list) old.replaceWith(document.importNode(list, true));
    else old.replaceChildren();
  }
}

if (news) setInterval(look, 15_000);
