// Shows the copy buttons where the browser can copy, and says when it is done.
if (navigator.clipboard)
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const field = document.getElementById(button.dataset.copy);
      field.select();
      await navigator.clipboard.writeText(field.value);
      const done = document.querySelector("[data-copy-done]");
      done.textContent = done.dataset.copyDone;
      done.classList.remove("visually-hidden");
    });
  }
