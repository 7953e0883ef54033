const box = document.getElementById("timeline");
if (box) {
  let shown = null;
  setInterval(async () => {
    try {
      const answer = await fetch(box.dataset.source, { cache: "no-store" });
      if (!answer.ok) return;
      const text = await answer.text();
      if (text !== shown) box.innerHTML = text;
      shown = text;
    } catch (_) {}
  }, 1000);
}
