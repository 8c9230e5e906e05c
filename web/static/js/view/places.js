// The places of a table's rows: which groups there are, and which rows stand in them in which order.

export const rowOf = (name, root = document) => root.querySelector(`#agent-${CSS.escape(name)}`);

const headOf = (body) => body.querySelector(":scope > .group-head");
const members = (body) => body.dataset.members.split(" ").filter(Boolean);

// A row that moves keeps its state, and in browsers that cannot do that at least the focus.
function put(body, row, before) {
  const focused = row.contains(document.activeElement) ? document.activeElement : null;
  row.isConnected && body.moveBefore ? body.moveBefore(row, before) : body.insertBefore(row, before);
  focused?.focus({ preventScroll: true });
}

function bodyOf(other) {
  const body = document.getElementById(other.id) ?? other.cloneNode(false);
  const [shown, head] = [headOf(body), headOf(other)];
  if (head && shown && !head.isEqualNode(shown)) {
    shown.replaceWith(head.cloneNode(true));
  } else if (head && !shown) {
    body.prepend(head.cloneNode(true));
  }
  return body;
}

// Puts the rows of `table` where those of `fresh` stand; the names of rows that neither has are returned.
export function place(table, fresh) {
  const missing = [];
  const kept = new Set();
  [...fresh.tBodies].forEach((other, at) => {
    const body = bodyOf(other);
    table.tBodies[at] === body || table.insertBefore(body, table.tBodies[at] ?? null);
    let index = headOf(body) ? 1 : 0;
    for (const name of members(other)) {
      const known = rowOf(name, table);
      const row = known ?? rowOf(name, fresh);
      if (!row) {
        missing.push(name);
        continue;
      }
      body.rows[index] === row || put(body, row, body.rows[index] ?? null);
      known || globalThis.htmx?.process(row);
      kept.add(row);
      index += 1;
    }
    body.dataset.members = other.dataset.members;
  });
  for (const row of table.querySelectorAll("tbody > [data-row]")) {
    kept.has(row) || row.remove();
  }
  [...table.tBodies].slice(fresh.tBodies.length).forEach((body) => body.remove());
  return missing;
}
