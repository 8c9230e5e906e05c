"""Scripts that look at every control of a page."""

COVERED = """
const covered = [];
const scopes = [...document.querySelectorAll(arguments[0])];
const controls = "a[href], button, input:not([type=hidden]), select, textarea, summary";
for (const one of scopes.flatMap((scope) => [...scope.querySelectorAll(controls)])) {
  if (one.disabled || !one.checkVisibility({ visibilityProperty: true })) continue;
  one.scrollIntoView({ block: "center", inline: "nearest" });
  const box = [...one.getClientRects()].find((rect) => rect.width > 1 && rect.height > 1);
  if (!box) continue;
  const hit = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  if (!hit || !(one.contains(hit) || hit.closest("label")?.control === one)) {
    covered.push(`${one.outerHTML.slice(0, 120)} lies under ${hit?.outerHTML.slice(0, 80)}`);
  }
}
return covered;
"""
"""The controls below a selector at whose middle another element lies, after each was scrolled into view."""
